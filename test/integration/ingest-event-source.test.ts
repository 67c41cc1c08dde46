/** The event source over a real Kafka: the suite, and what only Kafka can do to it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  eventSourceSuite,
  RecordingListener,
  startSource,
  until,
} from '#node/ingest/event-source.suite.ts';
import { LogGapError } from '#node/ingest/event-source-gap.ts';
import { createKafkaEventSource } from '#node/ingest/kafka-event-source.ts';
import { silentLogger } from '#runtime/logger.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { produceWithJava } from '#test/components/kafka/transactions.ts';
import { KafkaLog } from './ingest-kafka-log.ts';

const nobody = new AbortController().signal;

describe('the Kafka event source', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  const createLog = (partitions: number): Promise<KafkaLog> => KafkaLog.create(kafka, partitions);

  eventSourceSuite('kafka', createLog);
  eventSourceSuite('kafka, in a group', (partitions) =>
    KafkaLog.create(kafka, partitions, { assignment: 'group' }),
  );
  // As brokers before Kafka 2.8 have it.
  eventSourceSuite('kafka, without topic ids', (partitions) =>
    KafkaLog.create(kafka, partitions, { limits: { usesTopicIds: false } }),
  );

  it('L1: an aborted transaction is skipped and a commit marker at the end is passed', async (t) => {
    const log = await createLog(1);
    await produceWithJava({
      bootstrap: kafka.bootstrap,
      topic: log.topic,
      steps: [
        ['plain', 2],
        ['abort', 3],
        ['commit', 2],
      ],
    });
    const source = log.createSource();
    const listener = await startSource(t, source);
    const end = (await source.bounds())[0]?.end;
    assert.equal(end, 9);
    await listener.reaches(0, end);
    assert.deepEqual(listener.textsOf(0), ['plain-0 0', 'plain-0 1', 'commit-2 0', 'commit-2 1']);
    assert.equal(listener.positions.get(0), 9);
  });

  it('L1: the end is the last stable offset while a transaction is open', async (t) => {
    const log = await createLog(1);
    await produceWithJava({
      bootstrap: kafka.bootstrap,
      topic: log.topic,
      steps: [
        ['plain', 2],
        ['hang', 3],
      ],
    });
    await log.append(0, ['behind the open transaction']);
    const source = log.createSource();
    const listener = await startSource(t, source);
    assert.equal((await source.bounds())[0]?.end, 2);
    await listener.reaches(0, 2);
    assert.deepEqual(listener.textsOf(0), ['plain-0 0', 'plain-0 1']);
    await until(
      () => source.facts().unstableRecords.get(0) === 4,
      () => `${source.facts().unstableRecords.get(0)} records behind the last stable offset`,
    );
  });

  it('L2: a topic that is re-created and outgrown at once is another topic, by its id', async (t) => {
    const log = await createLog(1);
    await log.append(0, ['a', 'b']);
    const listener = await startSource(t, log.createSource());
    await listener.reaches(0, 2);
    await log.recreate(0, ['A', 'B', 'C', 'D'], () => Promise.resolve());
    await until(
      () => listener.troubles.some((error) => error instanceof LogGapError),
      () => `a gap, not ${listener.troubles.map(String).join()}`,
    );
    const gap = listener.troubles.find((error) => error instanceof LogGapError);
    assert.equal(gap?.kind, 'recreated');
    assert.deepEqual(listener.textsOf(0), ['a', 'b']);
  });

  it('L2: an intact log is read on after every look at an anchor', async (t) => {
    const log = await createLog(1);
    const limits = { usesTopicIds: false, metadataMaxAgeMs: 20, metadataPauseMs: 1 };
    const source = log.createSource({ limits });
    const listener = await startSource(t, source);
    const texts: string[] = [];
    for (let looks = 0; looks < 5; looks += 1) {
      const { metadataRefreshes } = source.facts();
      await until(
        () => source.facts().metadataRefreshes > metadataRefreshes,
        () => 'another look at the metadata',
      );
      texts.push(String(looks));
      await log.append(0, texts.slice(-1));
      await listener.reaches(0, texts.length);
    }
    assert.deepEqual(listener.textsOf(0), texts);
    assert.deepEqual(listener.troubles, []);
  });

  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    it(`batches that Java compressed with ${codec} are read`, async (t) => {
      const log = await createLog(1);
      const { bootstrap } = kafka;
      await produceWithJava({ bootstrap, topic: log.topic, codec, steps: [['plain', 5_000]] });
      const listener = await startSource(t, log.createSource());
      await listener.reaches(0, 5_000);
      assert.deepEqual(
        listener.textsOf(0),
        Array.from({ length: 5_000 }, (_, index) => `plain-0 ${index}`),
      );
      assert.deepEqual(listener.troubles, []);
    });
  }

  it('another member in the same group takes nothing away and rewinds nothing', async (t) => {
    const log = await createLog(3);
    const groupId = `shared-${randomBytes(5).toString('hex')}`;
    const texts = Array.from({ length: 300 }, (_, index) => String(index));
    for (const partition of [0, 1, 2]) await log.append(partition, texts);
    const member = { groupId, assignment: 'group' } as const;
    const one = await startSource(t, log.createSource(member));
    for (const partition of [0, 1, 2]) await one.reaches(partition, 300);
    const intruder = log.createSource(member);
    const other = await startSource(t, intruder);
    for (const partition of [0, 1, 2]) await other.reaches(partition, 300);
    for (const partition of [0, 1, 2]) await log.append(partition, ['later']);
    for (const partition of [0, 1, 2]) {
      await one.reaches(partition, 301);
      await other.reaches(partition, 301);
    }
    await intruder.close();
    await log.append(0, ['alone again']);
    await one.reaches(0, 302);
    assert.deepEqual(one.textsOf(0), [...texts, 'later', 'alone again']);
    assert.deepEqual(one.textsOf(2), [...texts, 'later']);
    assert.deepEqual(one.troubles, []);
  });

  it('a listener that works longer than the session lasts gets nothing twice', async (t) => {
    const log = await createLog(1);
    const limits = { sessionTimeoutMs: 6_000, heartbeatMs: 100 };
    const groupId = `slow-${randomBytes(5).toString('hex')}`;
    const options = { groupId, limits, assignment: 'group' } as const;
    const listener = await startSource(t, log.createSource(options));
    const { promise, resolve } = Promise.withResolvers<void>();
    listener.hold = promise;
    await log.append(0, ['a']);
    await until(
      () => listener.textsOf(0).length === 1,
      () => 'the first record',
    );
    await log.withAdmin(async (admin) => {
      const deadline = performance.now() + 20_000;
      for (;;) {
        const { groups } = await admin.describeGroups([groupId]);
        if (groups[0]?.members.length === 0) break;
        assert.ok(performance.now() < deadline, 'the session never ended');
        await pause(50);
      }
    });
    resolve();
    await log.append(0, ['b']);
    await listener.reaches(0, 2);
    assert.deepEqual(listener.textsOf(0), ['a', 'b']);
  });

  it('L2: a consumer that joins again goes on behind its anchor, with markers between them, too', async (t) => {
    const log = await createLog(1);
    await log.append(0, ['a']);
    const groupId = `anchored-${randomBytes(5).toString('hex')}`;
    const member = { groupId, assignment: 'group' } as const;
    const one = await startSource(t, log.createSource(member));
    await log.appendHole(0);
    await one.reaches(0, 5);
    // Each member that comes makes the other join again; the anchor is before the markers.
    const other = log.createSource(member);
    await startSource(t, other);
    await other.close();
    await log.append(0, ['b']);
    await one.reaches(0, 6);
    assert.deepEqual(one.textsOf(0), ['a', 'b']);
    assert.deepEqual(one.troubles, []);
  });

  it('latest begins at the end', async (t) => {
    const log = await createLog(1);
    await log.append(0, ['old']);
    const source = log.createSource({ startAt: 'latest' });
    t.after(() => source.close());
    const bounds = await source.open(nobody);
    assert.deepEqual(bounds, [{ partition: 0, start: 1, end: 1 }]);
    const listener = new RecordingListener();
    await source.run(new Map([[0, 1]]), listener);
    await log.append(0, ['new']);
    await listener.reaches(0, 2);
    assert.deepEqual(listener.textsOf(0), ['new']);
  });

  for (const assignment of ['explicit', 'group'] as const) {
    it(`${assignment}: positions are published to the group, and the group is gone after closing`, async (t) => {
      const log = await createLog(1);
      await log.append(0, ['a', 'b']);
      const groupId = `published-${randomBytes(5).toString('hex')}`;
      const source = log.createSource({ groupId, assignment });
      const listener = await startSource(t, source);
      await listener.reaches(0, 2);
      await source.commit(new Map([[0, 2]]));
      const read = (): Promise<string | undefined> =>
        log.withAdmin(async (admin) => {
          const offsets = await admin.fetchOffsets({ groupId, topics: [log.topic] });
          return offsets[0]?.partitions[0]?.offset;
        });
      assert.equal(await read(), '2');
      await source.close();
      const { groups } = await log.withAdmin((admin) => admin.listGroups());
      assert.ok(!groups.some((group) => group.groupId === groupId));
    });
  }

  it('a topic that is not there is one clear error at once', async () => {
    const source = new KafkaLog(kafka, 'no-such-topic').createSource();
    await assert.rejects(source.open(nobody), {
      name: 'ConfigurationError',
      message: /topic no-such-topic does not exist/,
    });
    await source.close();
  });

  it('a broker that is not there is one clear error that trying again may cure', async () => {
    const source = createKafkaEventSource({
      connection: { brokers: ['127.0.0.1:1'], clientId: 'test', logger: silentLogger },
      topic: 'any',
      groupId: 'any',
      logger: silentLogger,
    });
    await assert.rejects(source.open(nobody), {
      name: 'DependencyError',
      retry: 'backoff',
      message: /127\.0\.0\.1:1/,
    });
    await source.close();
  });

  it('topic settings that do not fit are named', async (t) => {
    const config = { 'cleanup.policy': 'compact,delete', 'retention.ms': '3600000' };
    const log = new KafkaLog(kafka, await kafka.createTopic({ config }));
    const source = log.createSource();
    t.after(() => source.close());
    const warnings = await source.checkTopic(172_800);
    assert.match(warnings[0] ?? '', /cleanup.policy=compact,delete/);
    assert.match(warnings[1] ?? '', /retention.ms=3600000, less than the 172800 s/);
    assert.equal((await source.checkTopic(3_600)).length, 1);
  });
});
