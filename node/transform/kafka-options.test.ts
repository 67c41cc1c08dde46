/** The two clusters' connections are apart: neither borrows the other's security. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '#runtime/errors.ts';
import type { KafkaConnectionOptions } from '#runtime/kafka/kafka-connection.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createKafkaInput } from './kafka-input.ts';
import { createKafkaOutput } from './kafka-output.ts';

const plain: KafkaConnectionOptions = {
  brokers: ['127.0.0.1:9092'],
  clientId: 'test',
  logger: silentLogger,
};
const broken: KafkaConnectionOptions = { ...plain, securityProtocol: 'SASL_SSL' };
const scram: KafkaConnectionOptions = {
  ...broken,
  saslMechanism: 'SCRAM-SHA-512',
  username: 'reader',
  password: 'secret',
};

test('T1: each side has security settings of its own', async () => {
  const input = createKafkaInput({ connection: scram, topic: 'in', groupId: 'g' });
  const output = createKafkaOutput({ connection: plain, topic: 'out' });
  await Promise.all([input.close(), output.close()]);
  assert.throws(
    () => createKafkaInput({ connection: broken, topic: 'in', groupId: 'g' }),
    ConfigurationError,
  );
  assert.throws(() => createKafkaOutput({ connection: broken, topic: 'out' }), ConfigurationError);
});
