/**
 * L2 with a real Kafka: a topic is deleted and created again, shorter, under a ready node.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exitCodes } from '#runtime/exit-codes.ts';
import { createTopics } from '#test/components/kafka/create-topics.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { processesFor } from '#test/components/processes/processes.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import {
  append,
  createEvent,
  healthOf,
  postIdsAt,
  serving,
  startServing,
  untilReady,
} from './node-fixture.ts';

const author = 7n;
/** A topic's deletion and the metadata of its successor take their time. */
const resetMsMax = 60_000;

describe('a topic that is created again', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  async function createFilled(postIds: readonly bigint[]): Promise<string> {
    const topic = await kafka.createTopic();
    await append(kafka, topic, messagesOf(postIds));
    return topic;
  }

  /** The same name, other records. */
  async function recreate(topic: string, postIds: readonly bigint[]): Promise<void> {
    const admin = kafka.client().admin();
    await admin.connect();
    try {
      await admin.deleteTopics({ topics: [topic] });
      await waitFor('the topic is gone', async () => !(await admin.listTopics()).includes(topic));
      await createTopics(admin, [{ topic, numPartitions: 1 }]);
    } finally {
      await admin.disconnect();
    }
    await append(kafka, topic, messagesOf(postIds));
  }

  for (const assignment of ['explicit', 'group']) {
    it(`L2: ${assignment}: --on-reset rebuild reads the new topic and serves its posts, the reset listed`, async (t) => {
      const topic = await createFilled([1n, 2n, 3n, 4n, 5n]);
      t.after(() => kafka.deleteTopic(topic));
      const node = await startServing(await processesFor(t), {
        kafka,
        topic,
        flags: ['--on-reset', 'rebuild', '--kafka-assignment', assignment],
      });
      await untilReady(node);
      assert.deepEqual(await postIdsAt(node, [author]), [5n, 4n, 3n, 2n, 1n]);

      await recreate(topic, [8n, 9n]);
      await waitFor(
        'the new posts are served',
        async () => {
          const status = await node.status();
          return status.resets.length > 0 && status.ready && status.posts === 2;
        },
        { withinMs: resetMsMax },
      );
      assert.deepEqual(await postIdsAt(node, [author]), [9n, 8n]);
      assert.equal(await healthOf(node), serving);
      const { resets, reason } = await node.status();
      t.diagnostic(JSON.stringify(resets));
      assert.equal(reason, '');
      assert.equal(resets[0]?.kind, 'log_shrank');
      assert.match((await node.page('/metrics')).body, /^thunder_resets_total(\{.*\})? [1-9]/m);

      await append(kafka, topic, messagesOf([10n]));
      await waitFor('the tail', async () => (await postIdsAt(node, [author])).length === 3);
      assert.equal(await node.stop(), exitCodes.ok);
    });
  }

  it('L2: --on-reset exit ends the process with the code of a dependency and one line that says why', async (t) => {
    const topic = await createFilled([1n, 2n, 3n]);
    t.after(() => kafka.deleteTopic(topic));
    const node = await startServing(await processesFor(t), {
      kafka,
      topic,
      flags: ['--on-reset', 'exit'],
    });
    await untilReady(node);
    await recreate(topic, [8n]);
    await waitFor('the end', () => node.hasExited, { withinMs: resetMsMax });
    assert.deepEqual(await node.exited, { code: exitCodes.dependency, signal: null });
    assert.match(node.log(), /the log was reset: /);
  });
});

function messagesOf(postIds: readonly bigint[]): { readonly value: Buffer }[] {
  return postIds.map((postId) => ({ value: createEvent(postId, author) }));
}
