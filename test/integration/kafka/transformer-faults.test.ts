/**
 * Faults 62 and 63: a transformer that dies at the worst moment, and an output that does not take
 * what it writes. I9 is judged from outside: what is committed is in the output.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import kafkajs, { type Kafka } from 'kafkajs';
import { createTopics } from '#test/components/kafka/create-topics.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { withAdmin } from '#test/components/kafka/topic-state.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import {
  committedRecords,
  produce,
  readAll,
  toEvent,
  transformerOver,
  tweetCreate,
} from '../transform-fixture.ts';

const program = fileURLToPath(new URL('../transform-process.ts', import.meta.url));
const partitions = 3;
/** Times it is killed between an acknowledgement and its commit. */
const kills = 2;

describe('a transformer', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  let client: Kafka;
  before(async () => {
    kafka = await startKafka();
    client = kafka.client();
  });
  after(() => kafka.stop());

  async function createLogs() {
    const inputTopic = await kafka.createTopic({ partitions, prefix: 'tweets' });
    const outputTopic = await kafka.createTopic({ partitions, prefix: 'events' });
    return { bootstrap: kafka.bootstrap, inputTopic, outputTopic, groupId: `group-${inputTopic}` };
  }

  /** Tweet `id` is in partition `id % partitions`, at offset `id / partitions`. */
  const tweets = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const id = from + index;
      return { partition: id % partitions, value: tweetCreate(id, 1 + (id % 50)) };
    });

  /** I9: every tweet before a committed offset has its event in the output. Answers how many are committed. */
  async function assertCommittedIsWritten(logs: {
    readonly inputTopic: string;
    readonly outputTopic: string;
    readonly groupId: string;
  }): Promise<number> {
    const { inputTopic, outputTopic, groupId } = logs;
    const [offsets] = await withAdmin(kafka, (admin) =>
      admin.fetchOffsets({ groupId, topics: [inputTopic] }),
    );
    // Read after the offsets: what they promise must be there by now.
    const written = new Set((await readAll(client, outputTopic)).map((one) => toEvent(one).id));
    let committed = 0;
    for (const { partition, offset } of offsets?.partitions ?? []) {
      for (let at = 0; at < Number(offset); at += 1) {
        const id = at * partitions + partition;
        // A create without an id is no event: the first of partition 0.
        if (id > 0) assert.ok(written.has(id), `I9: ${id} is committed and not written`);
        committed += 1;
      }
    }
    return committed;
  }

  it(`fault 62: killed ${kills} times between acknowledgement and commit, it writes twice and skips nothing`, async (t) => {
    const logs = await createLogs();
    const count = 12_000;
    await produce(client, logs.inputTopic, tweets(0, count));
    for (let round = 0; round < kills; round += 1) {
      const child = startTransformer({ ...logs, stallAfterBatches: round });
      t.after(() => child.kill('SIGKILL'));
      await once(child.stdout ?? child, 'data');
      child.kill('SIGKILL');
      await once(child, 'close');
      await assertCommittedIsWritten(logs);
    }
    const last = startTransformer(logs);
    t.after(() => last.kill('SIGKILL'));
    await waitFor(
      'all is committed',
      async () => (await committedRecords(client, logs.groupId, logs.inputTopic)) === count,
      { withinMs: 60_000, pollMs: 200 },
    );
    assert.equal(await assertCommittedIsWritten(logs), count);
    const events = (await readAll(client, logs.outputTopic)).map(toEvent);
    assert.equal(new Set(events.map(({ id }) => id)).size, count - 1);
    assert.ok(events.length > count, 'what was not committed came twice');
  });

  it('fault 63: an output topic that is missing blocks the transformer, which says so, until it is there', async (t) => {
    const logs = await createLogs();
    const transformer = transformerOver(logs);
    t.after(() => transformer.stop());
    await transformer.start(AbortSignal.timeout(30_000));
    await waitFor('it has joined', () => transformer.status().partitions.length === partitions);
    await kafka.deleteTopic(logs.outputTopic);
    await produce(client, logs.inputTopic, tweets(1, 90));
    await waitFor('it says so', () => transformer.status().reason !== '');
    await waitFor('the lag is seen', () => transformer.status().lagEvents === 90);
    t.diagnostic(transformer.status().reason);
    assert.match(transformer.status().reason, new RegExp(logs.outputTopic));
    assert.equal(await committedRecords(client, logs.groupId, logs.inputTopic), 0);
    assert.equal(transformer.status().counters['refused'], undefined, 'nothing is skipped');
    await withAdmin(kafka, (admin) =>
      createTopics(admin, [{ topic: logs.outputTopic, numPartitions: partitions }]),
    );
    await waitFor(
      'all is committed',
      async () => (await committedRecords(client, logs.groupId, logs.inputTopic)) === 90,
    );
    const events = (await readAll(client, logs.outputTopic)).map(toEvent);
    assert.equal(new Set(events.map(({ id }) => id)).size, 90);
    await waitFor('it is content', () => transformer.status().reason === '');
  });

  it('fault 63: a record too large for the output blocks the transformer until it fits', async (t) => {
    const logs = await createLogs();
    const outputTopic = await kafka.createTopic({ config: { 'max.message.bytes': '1000' } });
    // { tweet_delete_event: { post_id, author_id: 7 } } and an unknown field of 5,000 bytes.
    const head = Buffer.from([0x12, 0x05, 0x08, 0x85, 0x02, 0x18, 0x07, 0xfa, 0x01, 0x88, 0x27]);
    const value = Buffer.concat([head, Buffer.alloc(5_000)]);
    await produce(client, logs.inputTopic, [{ partition: 0, value }]);
    const transformer = transformerOver({ ...logs, outputTopic, format: 'in-network-event' });
    t.after(() => transformer.stop());
    await transformer.start(AbortSignal.timeout(30_000));
    await waitFor('it says so', () => /large/.test(transformer.status().reason));
    assert.equal(await committedRecords(client, logs.groupId, logs.inputTopic), 0);
    await withAdmin(kafka, (admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: outputTopic,
            configEntries: [{ name: 'max.message.bytes', value: '1000000' }],
          },
        ],
      }),
    );
    await waitFor(
      'all is committed',
      async () => (await committedRecords(client, logs.groupId, logs.inputTopic)) === 1,
    );
    const [written] = await readAll(client, outputTopic);
    assert.ok(written?.value.equals(value), 'as it was');
    await waitFor('it is content', () => transformer.status().reason === '');
  });
});

function startTransformer(setUp: object): ChildProcess {
  return spawn(process.execPath, [program, JSON.stringify(setUp)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
