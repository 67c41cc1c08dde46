/** Where reading begins: by time, at an end, and in partitions that nobody leads at first. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { RecordingListener } from '#node/ingest/event-source.suite.ts';
import type { Clock } from '#runtime/clock.ts';
import { ClusterConnections } from '#runtime/kafka/cluster-connections.ts';
import { createKafka } from '#runtime/kafka/kafka-connection.ts';
import { metadataRequest } from '#runtime/kafka/metadata-request.ts';
import { silentLogger } from '#runtime/logger.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { KafkaLog } from './ingest-kafka-log.ts';

const nobody = new AbortController().signal;
const hourMs = 3_600_000;
const nowMs = 1_700_000_000_000;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() };

describe('where reading begins', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  /** Three partitions: records every hour, only old ones, none. */
  async function createAgedLog(): Promise<KafkaLog> {
    const config = { 'retention.ms': '-1' };
    const topic = await kafka.createTopic({ partitions: 3, prefix: 'aged', config });
    const log = new KafkaLog(kafka, topic);
    for (const [partition, hours] of [
      [0, [50, 4, 3, 2, 1]],
      [1, [60, 50]],
    ] as const) {
      for (const ago of hours) {
        await log.append(partition, [`${ago} h`], { timestampMs: nowMs - ago * hourMs });
      }
    }
    return log;
  }

  for (const assignment of ['explicit', 'group'] as const) {
    it(`${assignment}: a window begins at its first record, behind the last when none is so young`, async (t) => {
      const log = await createAgedLog();
      const options = { assignment, clock, startAt: 'window', windowSeconds: 3.5 * 3_600 } as const;
      const source = log.createSource(options);
      t.after(() => source.close());
      assert.deepEqual(
        (await source.open(nobody)).map(({ start, end }) => [start, end]),
        [
          [2, 5],
          [2, 2],
          [0, 0],
        ],
      );
      const listener = await runFromTheStart(t, source);
      await log.append(1, ['new'], { timestampMs: nowMs });
      await listener.reaches(0, 5);
      await listener.reaches(1, 3);
      assert.deepEqual(listener.textsOf(0), ['3 h', '2 h', '1 h']);
      assert.deepEqual(listener.textsOf(1), ['new']);
    });
  }

  it('a window longer than the log begins at the first record', async (t) => {
    const log = await createAgedLog();
    const source = log.createSource({ clock, startAt: 'window', windowSeconds: 100 * 3_600 });
    t.after(() => source.close());
    const bounds = await source.open(nobody);
    assert.deepEqual(
      bounds.map(({ start }) => start),
      [0, 0, 0],
    );
  });

  it('a partition that is added is read from its first record, however the others began', async (t) => {
    const log = await createAgedLog();
    const source = log.createSource({ startAt: 'latest' });
    t.after(() => source.close());
    await source.open(nobody);
    const listener = await runFromTheStart(t, source);
    await log.addPartition();
    await log.append(3, ['first', 'second']);
    await listener.reaches(3, 2);
    assert.deepEqual(listener.textsOf(3), ['first', 'second']);
    assert.deepEqual(listener.textsOf(0), []);
  });

  it('brokers before Kafka 2.8 say the same of a topic but for its id', async (t) => {
    const topic = await kafka.createTopic({ partitions: 3 });
    const brokers = kafka.bootstrap.split(',');
    const client = createKafka({ brokers, clientId: 'test', logger: silentLogger });
    const connections = new ClusterConnections({
      ...{ kafka: client, bootstrapBrokers: brokers.length, answerMsMax: 5_000 },
    });
    t.after(() => connections.close());
    const now = await connections.requestAny((versions) => metadataRequest(topic, versions));
    const old = await connections.requestAny(() => metadataRequest(topic, { newest: () => 9 }));
    assert.match(now.topicId, /^[\da-f]{32}$/);
    assert.deepEqual(old, { ...now, topicId: '' });
    assert.equal(now.partitions.length, 3);
    const missing = await connections.requestAny(() =>
      metadataRequest('no-such-topic', { newest: () => 9 }),
    );
    assert.equal(missing.errorCode, 3);
  });
});

async function runFromTheStart(
  t: TestContext,
  source: ReturnType<KafkaLog['createSource']>,
): Promise<RecordingListener> {
  const listener = new RecordingListener();
  t.after(() => source.close());
  // As ingest does it: at the starts that opening answered.
  const bounds = await source.open(nobody);
  await source.run(new Map(bounds.map(({ partition, start }) => [partition, start])), listener);
  return listener;
}
