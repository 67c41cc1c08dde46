/** What goes wrong with Kafka is said in a sentence that names what to change. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import kafkajs from 'kafkajs';
import { ConfigurationError, DependencyError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import { createKafka, type KafkaConnectionOptions } from './kafka-connection.ts';
import { toKafkaError } from './kafka-errors.ts';

const context = { brokers: ['k1:9092'], topic: 'events', groupId: 'g' };

function protocolError(type: string, retriable = false): Error {
  return Object.assign(new Error(`The broker says ${type}`), {
    name: 'KafkaJSProtocolError',
    type,
    retriable,
  });
}

test('a missing topic names the topic and the brokers', () => {
  const error = toKafkaError(protocolError('UNKNOWN_TOPIC_OR_PARTITION', true), context);
  assert.ok(error instanceof ConfigurationError);
  assert.match(error.message, /topic events does not exist in Kafka at k1:9092/);
});

test('the cause that kafkajs wraps is found', () => {
  const inner = new kafkajs.KafkaJSConnectionError('Connection error: connect ECONNREFUSED', {
    broker: 'k1:9092',
    code: 'ECONNREFUSED',
  });
  const outer = new kafkajs.KafkaJSNumberOfRetriesExceeded(inner, { retryCount: 3, retryTime: 1 });
  const error = toKafkaError(outer, context);
  assert.equal(error.code, 'KAFKA_UNREACHABLE');
  assert.equal(error.retry, 'backoff');
  assert.match(error.message, /^cannot reach Kafka at k1:9092: .*ECONNREFUSED/);
});

test('refused credentials, denied topics and TLS failures name what to correct', () => {
  const refused = Object.assign(new Error('SASL PLAIN authentication failed'), {
    name: 'KafkaJSSASLAuthenticationError',
    retriable: false,
  });
  const source = { ...context, settingsPrefix: 'source-' };
  assert.match(toKafkaError(refused, source).message, /correct --source-sasl-username/);
  const denied = toKafkaError(protocolError('TOPIC_AUTHORIZATION_FAILED'), context);
  assert.match(denied.message, /does not allow us the topic events/);
  const tls = new kafkajs.KafkaJSConnectionError('Connection error: self-signed', {
    broker: 'k1:9092',
    code: 'SELF_SIGNED_CERT_IN_CHAIN',
  });
  assert.match(
    toKafkaError(tls, context).message,
    /TLS to Kafka at k1:9092 failed.*--security-pro/,
  );
  for (const error of [refused, tls]) {
    assert.equal(toKafkaError(error, context).retry, 'never');
  }
});

test('a mechanism that is not offered and a protocol that differs name their flags', () => {
  const source = { ...context, settingsPrefix: 'source-' };
  const mechanism = toKafkaError(protocolError('UNSUPPORTED_SASL_MECHANISM'), source);
  assert.ok(mechanism instanceof ConfigurationError);
  assert.match(mechanism.message, /does not offer .*--source-sasl-mechanism/);
  const closed = Object.assign(new Error('Closed connection'), {
    name: 'KafkaJSConnectionClosedError',
    retriable: true,
  });
  const hungUp = toKafkaError(closed, source);
  assert.equal(hungUp.retry, 'backoff', 'a broker that goes away looks the same');
  assert.match(hungUp.message, /^cannot reach Kafka .*--source-security-protocol/);
});

test('a codec that is not there is named', () => {
  const missing = new kafkajs.KafkaJSNonRetriableError('LZ4 compression not implemented');
  const error = toKafkaError(missing, context);
  assert.equal(error.code, 'KAFKA_CODEC_UNSUPPORTED');
  assert.match(error.message, /compressed with lz4/);
});

test('anything else keeps its message, and errors of ours pass through', () => {
  assert.equal(toKafkaError(protocolError('NOT_ENOUGH_REPLICAS', true), context).retry, 'backoff');
  assert.match(toKafkaError('text', context).message, /failed: text/);
  const ours = new DependencyError('x', { code: 'X', retry: 'never' });
  const wrapped = Object.assign(new Error('outer'), { cause: ours });
  assert.equal(toKafkaError(wrapped, context), ours);
});

test('options that cannot work are refused before anything is dialled', () => {
  const base: KafkaConnectionOptions = {
    brokers: ['k1:9092'],
    clientId: 'test',
    logger: silentLogger,
  };
  const bad: [Partial<KafkaConnectionOptions>, RegExp][] = [
    [{ brokers: [] }, /no Kafka broker/],
    [{ brokers: ['k1'] }, /"k1" is not of the form host:port/],
    [{ brokers: ['k1:99999'] }, /host:port/],
    [{ securityProtocol: 'SASL_SSL' }, /SASL_SSL needs sasl-mechanism/],
    [{ securityProtocol: 'SASL_SSL', saslMechanism: 'PLAIN' }, /PLAIN needs sasl-username/],
    [{ securityProtocol: 'SASL_SSL', saslMechanism: 'OAUTHBEARER' }, /OAUTHBEARER needs/],
    [{ securityProtocol: 'SSL', ssl: { caFile: '/nowhere/ca.pem' } }, /CA file.*nowhere/],
    [{ securityProtocol: 'SSL', ssl: { certFile: 'a.pem' } }, /both its cert file and key file/],
  ];
  for (const [options, message] of bad) {
    assert.throws(
      () => createKafka({ ...base, ...options }),
      (error) => error instanceof ConfigurationError && message.test(error.message),
    );
  }
});

test('TLS to a port that speaks none is told apart from a broker that is not there', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const brokers = [`127.0.0.1:${address.port}`];
  const options = {
    brokers,
    clientId: 'test',
    logger: silentLogger,
    securityProtocol: 'SSL',
  } as const;
  const admin = createKafka(options).admin({ retry: { retries: 0 } });
  const failure = await admin.connect().then(
    () => assert.fail('connected'),
    (error: unknown) => toKafkaError(error, { brokers }),
  );
  assert.match(failure.message, /TLS to Kafka/);
  server.close();
  await once(server, 'close');
  const refused = createKafka({ ...options, securityProtocol: 'PLAINTEXT' });
  const gone = await refused
    .admin({ retry: { retries: 0 } })
    .connect()
    .then(
      () => assert.fail('connected'),
      (error: unknown) => toKafkaError(error, { brokers }),
    );
  assert.equal(gone.code, 'KAFKA_UNREACHABLE');
});
