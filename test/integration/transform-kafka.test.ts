/** The transformer against a real Kafka: conversion end to end, kills, rebalances, wrong settings. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { partitionOfKey } from '#node/transform/author-partition.ts';
import { ConfigurationError, DependencyError } from '#runtime/errors.ts';
import { createTopics } from '#test/components/kafka/create-topics.ts';
import { findFreePorts } from '#test/components/kafka/free-ports.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import {
  committedRecords,
  produce,
  readAll,
  toEvent,
  transformerOver,
  tweetCreate,
  tweetDelete,
  until,
} from './transform-fixture.ts';

const program = fileURLToPath(new URL('transform-process.ts', import.meta.url));
const authors = 97;

function numbered(from: number, to: number) {
  return Array.from({ length: to - from }, (_, at) => {
    const id = from + at;
    // All of an author's tweets in one partition, as any producer that keys by author does.
    return { partition: (id % authors) % 3, value: tweetCreate(id, 1 + (id % authors)) };
  });
}

/** The ids from 1 that did not come out. */
function missing(records: readonly { readonly id: number }[], count: number): number[] {
  const seen = new Set(records.map(({ id }) => id));
  return Array.from({ length: count }, (_, at) => at + 1).filter((id) => !seen.has(id));
}

describe('the transformer with Kafka', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  let groups = 0;

  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  async function setUpTopics() {
    groups += 1;
    return {
      bootstrap: kafka.bootstrap,
      inputTopic: await kafka.createTopic({ partitions: 3, prefix: 'tweets' }),
      outputTopic: await kafka.createTopic({ partitions: 4, prefix: 'events' }),
      groupId: `transform-test-${process.pid}-${groups}`,
    };
  }

  test('T1: tweet events come out keyed, partitioned and in order by author', async () => {
    const topics = await setUpTopics();
    const count = 20_000;
    const client = kafka.client();
    const stampMs = Date.now() - 60_000;
    const input = numbered(1, count + 1).map((one) => ({ ...one, timestamp: String(stampMs) }));
    await produce(client, topics.inputTopic, input);
    const transformer = transformerOver(topics);
    await transformer.start(AbortSignal.timeout(30_000));
    await until('all is committed', () => {
      const { lagEvents, stage, counters } = transformer.status();
      return stage === 'ready' && lagEvents === 0 && counters['read'] === count;
    });
    await transformer.stop();
    assert.equal(await committedRecords(client, topics.groupId, topics.inputTopic), count);
    const records = await readAll(client, topics.outputTopic);
    const events = records.map(toEvent);
    assert.equal(records.length, count);
    assert.deepEqual(missing(events, count), []);
    const newest = new Map<number, number>();
    for (const [at, record] of records.entries()) {
      const { author = 0, id = 0 } = events[at] ?? {};
      assert.equal(record.key?.readBigUInt64BE(), BigInt(author));
      assert.equal(record.partition, partitionOfKey(record.key, 4));
      assert.equal(record.timestampMs, stampMs);
      assert.ok((newest.get(author) ?? 0) < id, 'an author’s events keep their order');
      newest.set(author, id);
    }
  });

  test('T4: a delete without an author reaches every partition of the output', async () => {
    const topics = await setUpTopics();
    const client = kafka.client();
    await produce(client, topics.inputTopic, [{ partition: 0, value: tweetDelete(5) }]);
    const transformer = transformerOver(topics);
    await transformer.start(AbortSignal.timeout(30_000));
    await until('committed', () => transformer.status().stage === 'ready');
    await until('read', () => transformer.status().partitions[0]?.position === 1);
    await transformer.stop();
    const events = (await readAll(client, topics.outputTopic)).map(toEvent);
    assert.deepEqual(
      events,
      [0, 1, 2, 3].map((partition) => ({ kind: 'delete', id: 5, author: 0, partition })),
    );
  });

  test('T5: broken records go to the dead-letter topic as they came, their neighbours get through', async () => {
    const deadLetterTopic = await kafka.createTopic({ prefix: 'dead' });
    const topics = { ...(await setUpTopics()), deadLetterTopic };
    const client = kafka.client();
    const garbage = Buffer.from([12, 0, 1, 255, 255]);
    await produce(client, topics.inputTopic, [
      { partition: 0, value: tweetCreate(1, 7) },
      { partition: 0, value: garbage, key: 'a key' },
      { partition: 0, value: tweetCreate(2, 7) },
      { partition: 0, value: tweetCreate(0, 7) },
      { partition: 0, value: null },
      { partition: 0, value: tweetCreate(3, 7) },
    ]);
    const transformer = transformerOver(topics);
    await transformer.start(AbortSignal.timeout(30_000));
    await until(
      'committed',
      async () => (await committedRecords(client, topics.groupId, topics.inputTopic)) === 6,
    );
    await transformer.stop();
    const events = (await readAll(client, topics.outputTopic)).map(toEvent);
    assert.deepEqual(
      events.map(({ id }) => id),
      [1, 2, 3],
    );
    const letters = await readAll(client, deadLetterTopic);
    assert.deepEqual(
      letters.map(({ headers }) => [headers['thunder-reason'], headers['thunder-offset']]),
      [
        ['malformed', '1'],
        ['missing_id', '3'],
        ['no_value', '4'],
      ],
    );
    assert.deepEqual(letters[0]?.value, garbage);
    assert.equal(String(letters[0]?.key), 'a key');
    assert.equal(letters[0]?.headers['thunder-topic'], topics.inputTopic);
  });

  test('T2: killed between produce and commit, it loses nothing', async () => {
    const topics = await setUpTopics();
    const count = 30_000;
    const client = kafka.client();
    await produce(client, topics.inputTopic, numbered(1, count + 1));
    const killed = startProcess({ ...topics, stallAfterBatches: 2 });
    await once(killed.stdout ?? killed, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'close');
    const before = await committedRecords(client, topics.groupId, topics.inputTopic);
    const written = (await readAll(client, topics.outputTopic)).length;
    assert.ok(written > before, `the kill came too late: ${written} written, ${before} committed`);
    assert.ok(before < count);

    const restarted = startProcess(topics);
    await until(
      'all is committed',
      async () => (await committedRecords(client, topics.groupId, topics.inputTopic)) === count,
      60_000,
    );
    restarted.kill('SIGTERM');
    const [code] = await once(restarted, 'close');
    assert.equal(code, 0);
    const events = (await readAll(client, topics.outputTopic)).map(toEvent);
    assert.deepEqual(missing(events, count), []);
    assert.ok(events.length > count, 'what was not committed came twice');
  });

  test('T2: members that come and go under load lose nothing', async () => {
    const topics = await setUpTopics();
    const client = kafka.client();
    const perWave = 2000;
    let count = 0;
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        await produce(client, topics.inputTopic, numbered(1 + count, 1 + count + perWave));
        count += perWave;
      }
    })();
    const running = [];
    for (let joins = 0; joins < 4; joins += 1) {
      const member = transformerOver(topics);
      await member.start(AbortSignal.timeout(30_000));
      running.push(member);
      await until('it works', () => (member.status().counters['read'] ?? 0) > 0);
      if (running.length === 3) {
        await running.shift()?.stop();
      }
    }
    isOver = true;
    await load;
    await until(
      'all is committed',
      async () => (await committedRecords(client, topics.groupId, topics.inputTopic)) === count,
      60_000,
    );
    await Promise.all(running.map((member) => member.stop()));
    const events = (await readAll(client, topics.outputTopic)).map(toEvent);
    assert.deepEqual(missing(events, count), []);
  });

  test('T6: in-network events pass byte for byte under a new key', async () => {
    const topics = await setUpTopics();
    const client = kafka.client();
    const converter = await setUpTopics();
    await produce(client, converter.inputTopic, numbered(1, 101));
    const once = transformerOver(converter);
    await once.start(AbortSignal.timeout(30_000));
    await until(
      'converted',
      async () => (await committedRecords(client, converter.groupId, converter.inputTopic)) === 100,
    );
    await once.stop();
    const values = (await readAll(client, converter.outputTopic)).map(({ value }) => value);
    await produce(
      client,
      topics.inputTopic,
      values.map((value) => ({ value, partition: 0 })),
    );
    const rekey = transformerOver({ ...topics, format: 'in-network-event' });
    await rekey.start(AbortSignal.timeout(30_000));
    await until(
      'keyed again',
      async () => (await committedRecords(client, topics.groupId, topics.inputTopic)) === 100,
    );
    await rekey.stop();
    const again = await readAll(client, topics.outputTopic);
    const sorted = (buffers: readonly Buffer[]) =>
      buffers.map((one) => one.toString('hex')).toSorted();
    assert.deepEqual(sorted(again.map(({ value }) => value)), sorted(values));
    for (const record of again) {
      assert.equal(record.key?.readBigUInt64BE(), BigInt(toEvent(record).author));
    }
  });

  test('T5: what the output topic will not take is set aside, its neighbours get through', async () => {
    const deadLetterTopic = await kafka.createTopic({ prefix: 'dead' });
    const outputTopic = await kafka.createTopic({ config: { 'max.message.bytes': '1000' } });
    const topics = { ...(await setUpTopics()), outputTopic, deadLetterTopic };
    const client = kafka.client();
    const deletes = Array.from({ length: 200 }, (_, at) =>
      // { tweet_delete_event: { post_id, author_id: 7 } }, and for one an unknown field of 5,000 bytes.
      Buffer.concat([
        Buffer.from([0x12, 0x05, 0x08, 0x80 | (at & 0x7f), 0x02 + (at >> 7), 0x18, 0x07]),
        ...(at === 100 ? [Buffer.from([0xfa, 0x01, 0x88, 0x27]), Buffer.alloc(5000)] : []),
      ]),
    );
    await produce(
      client,
      topics.inputTopic,
      deletes.map((value) => ({ value, partition: 0 })),
    );
    const transformer = transformerOver({ ...topics, format: 'in-network-event' });
    await transformer.start(AbortSignal.timeout(30_000));
    await until(
      'committed',
      async () => (await committedRecords(client, topics.groupId, topics.inputTopic)) === 200,
    );
    await transformer.stop();
    const written = await readAll(client, outputTopic);
    assert.deepEqual(
      written.map(({ value }) => value),
      deletes.toSpliced(100, 1),
    );
    const [letter, ...others] = await readAll(client, deadLetterTopic);
    assert.equal(others.length, 0);
    assert.deepEqual(letter?.value, deletes[100]);
    assert.equal(letter?.headers['thunder-reason'], 'refused');
    assert.equal(letter?.headers['thunder-offset'], '100');
  });

  test('T1: partitions that are added to the input are found and read from their start', async () => {
    const topics = await setUpTopics();
    const client = kafka.client();
    const transformer = transformerOver(topics);
    await transformer.start(AbortSignal.timeout(30_000));
    await until('it has joined', () => transformer.status().partitions.length === 3);
    const admin = client.admin();
    await admin.connect();
    await admin.createPartitions({
      topicPartitions: [{ topic: topics.inputTopic, count: 5 }],
    });
    await admin.disconnect();
    await produce(client, topics.inputTopic, [{ partition: 4, value: tweetCreate(1, 7) }]);
    await until(
      'committed',
      async () => (await committedRecords(client, topics.groupId, topics.inputTopic)) === 1,
    );
    assert.deepEqual(
      transformer.status().partitions.map(({ partition }) => partition),
      [0, 1, 2, 3, 4],
    );
    await transformer.stop();
    const events = (await readAll(client, topics.outputTopic)).map(toEvent);
    assert.deepEqual(
      events.map(({ id }) => id),
      [1],
    );
  });

  test('a stop at any moment of the start leaves no member behind', async () => {
    const topics = await setUpTopics();
    const client = kafka.client();
    const admin = client.admin();
    await admin.connect();
    for (const turns of [0, 1, 5, 20, 60]) {
      const transformer = transformerOver(topics);
      const started = Promise.allSettled([transformer.start(AbortSignal.timeout(30_000))]);
      for (let turn = 0; turn < turns; turn += 1) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      await transformer.stop();
      await started;
    }
    await until('the group is empty', async () => {
      const { groups } = await admin.describeGroups([topics.groupId]);
      return groups.every(({ members }) => members.length === 0);
    });
    await admin.disconnect();
  });

  test('a topic that is not there is named at the start', async () => {
    const topics = await setUpTopics();
    for (const wrong of [{ inputTopic: 'no-such-tweets' }, { outputTopic: 'no-such-events' }]) {
      const transformer = transformerOver({ ...topics, ...wrong });
      await assert.rejects(transformer.start(AbortSignal.timeout(30_000)), (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, /no-such-(tweets|events) does not exist/);
        return true;
      });
      await transformer.stop();
    }
  });

  test('T2: an output topic that goes away blocks, and the status says so', async () => {
    const topics = await setUpTopics();
    const client = kafka.client();
    const transformer = transformerOver(topics);
    await transformer.start(AbortSignal.timeout(30_000));
    await until('it has joined', () => transformer.status().partitions.length === 3);
    await kafka.deleteTopic(topics.outputTopic);
    await produce(client, topics.inputTopic, numbered(1, 101));
    await until('it says so', () =>
      new RegExp(`${topics.outputTopic}.*does not exist`).test(transformer.status().reason),
    );
    assert.equal(await committedRecords(client, topics.groupId, topics.inputTopic), 0);
    const admin = client.admin();
    await admin.connect();
    await createTopics(admin, [{ topic: topics.outputTopic, numPartitions: 2 }]);
    await until(
      'all is committed',
      async () => (await committedRecords(client, topics.groupId, topics.inputTopic)) === 100,
    );
    await transformer.stop();
    await admin.deleteTopics({ topics: [topics.outputTopic] });
    await admin.disconnect();
  });
});

test('a broker that is not there is said, again and again, until somebody stops it', async () => {
  const [port] = await findFreePorts(1);
  const transformer = transformerOver({
    bootstrap: `127.0.0.1:${port}`,
    inputTopic: 'in',
    outputTopic: 'out',
    groupId: 'nobody',
  });
  const stopping = new AbortController();
  const started = transformer.start(stopping.signal);
  await until('it says so', () => /cannot reach Kafka at 127/.test(transformer.status().reason));
  assert.equal(transformer.status().stage, 'connecting');
  const reason = new DependencyError('stopped', { code: 'STOPPED', retry: 'never' });
  stopping.abort(reason);
  await assert.rejects(started, reason);
  await transformer.stop();
});

function startProcess(setUp: object): ChildProcess {
  return spawn(process.execPath, [program, JSON.stringify(setUp)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
