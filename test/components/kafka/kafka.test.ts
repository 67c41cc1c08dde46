/** The Kafka that tests run against, tested itself. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerSettings } from './docker-brokers.ts';
import { findFreePorts } from './free-ports.ts';
import { kafkaOrSkip } from './kafka.ts';

describe('the Kafka for tests', () => {
  it('starts, makes topics with names of their own, takes records and gives them back', async (t) => {
    const kafka = await kafkaOrSkip(t);
    if (kafka === undefined) return;
    t.diagnostic(kafka.how);
    const topic = await kafka.createTopic({ partitions: 2, config: { 'retention.ms': '60000' } });
    assert.notEqual(topic, await kafka.createTopic());
    const producer = kafka.client().producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ partition: 1, value: 'one' }] });
    await producer.disconnect();
    const admin = kafka.client().admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    const ends = offsets.map(({ partition, high }) => `${partition}:${high}`).toSorted();
    await admin.disconnect();
    assert.deepEqual(ends, ['0:0', '1:1']);
  });

  it('finds distinct free ports', async () => {
    const ports = await findFreePorts(6);
    assert.equal(new Set(ports).size, 6);
  });

  it('names every broker of three to the others in containers', () => {
    const names = ['k-1', 'k-2', 'k-3'];
    const settings = containerSettings({ index: 1, port: 21_000, names, clusterId: 'c' });
    assert.ok(settings.includes('KAFKA_NODE_ID=2'));
    assert.ok(settings.includes('KAFKA_CONTROLLER_QUORUM_VOTERS=1@k-1:9093,2@k-2:9093,3@k-3:9093'));
    assert.ok(
      settings.includes('KAFKA_ADVERTISED_LISTENERS=CLIENT://127.0.0.1:21000,PEER://k-2:9094'),
    );
    assert.ok(settings.includes('KAFKA_MIN_INSYNC_REPLICAS=2'));
  });
});
