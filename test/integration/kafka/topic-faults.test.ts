/**
 * Faults 5 to 8, 10 and 11: what can happen to a topic as a whole under a ready node. Nodes and
 * topics are each test's own, so the tests overlap: most of their time is waiting for metadata.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import {
  deleteRecordsBefore,
  recreateTopic,
  withAdmin,
} from '#test/components/kafka/topic-state.ts';
import { processesFor } from '#test/components/processes/processes.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { append, createEvent, nowSeconds, startServing, untilReady } from '../node-fixture.ts';
import { type FaultNode, startFaultNode } from './fault-node.ts';
import { Ledger, postsPerAuthorMax } from './ledger.ts';

/** New partitions, and a topic that is another one, are noticed within 30 s; a busy machine adds some. */
const noticedMsMax = 60_000;
const daySeconds = 86_400;
/** Whom no ledger's judge asks for. */
const nobodysAuthor = 9_999_999n;
/** Posts of one test's load. */
const loadMax = 4_000;

describe('topics that change', { skip: await skipWithoutKafka(), concurrency: 4 }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  /** A topic with posts in it, and ready nodes that serve them. */
  async function world(
    t: TestContext,
    options: {
      readonly partitions?: number;
      readonly nodes?: number;
      readonly posts?: number;
    } = {},
  ): Promise<{ topic: string; ledger: Ledger; nodes: FaultNode[] }> {
    const topic = await kafka.createTopic({ partitions: options.partitions ?? 1 });
    const ledger = new Ledger({ kafka, topic });
    t.after(() => ledger.close());
    await ledger.create(options.posts ?? 40);
    const nodes = await Promise.all(
      Array.from({ length: options.nodes ?? 1 }, (_, index) =>
        startFaultNode(t, { bootstrap: kafka.bootstrap, topic, name: `node-${index}` }),
      ),
    );
    for (const node of nodes) await node.untilReady();
    await ledger.judge(nodes);
    return { topic, ledger, nodes };
  }

  async function assertServesOldState(node: FaultNode, ledger: Ledger, hash: string | undefined) {
    const status = await node.status('?hash');
    assert.equal(status.ready, true, status.reason);
    assert.equal(status.stateHash, hash, 'nothing was applied');
    await ledger.judge([node]);
    assert.deepEqual(node.positions.violations, []);
    assert.equal((await node.page('/livez')).code, 200);
  }

  it('fault 05: a topic that is deleted leaves the last state served, and the status says so', async (t) => {
    const { topic, ledger, nodes } = await world(t);
    const [node] = nodes;
    assert.ok(node !== undefined);
    const { stateHash } = await node.status('?hash');
    await kafka.deleteTopic(topic);
    await waitFor(
      'the reason names the missing topic',
      async () => new RegExp(`${topic}.* does not exist`).test((await node.status()).reason),
      { withinMs: noticedMsMax },
    );
    const before = (await node.status()).stalenessMs ?? 0;
    await waitFor(
      'staleness rises',
      async () => ((await node.status()).stalenessMs ?? 0) > before + 1_000,
    );
    assert.equal(node.hasEnded, false);
    await assertServesOldState(node, ledger, stateHash);
  });

  /** The topic is another one now, and the node has to find out; answers what the node says. */
  async function assertReset(
    node: FaultNode,
    ledger: Ledger,
    hash: string | undefined,
  ): Promise<void> {
    await waitFor('a reset is counted', async () => (await node.status()).resets.length > 0, {
      withinMs: noticedMsMax,
    });
    const status = await node.status();
    assert.match(status.reason, /reset of partition 0/);
    assert.equal(await node.metric('thunder_resets_total'), 1);
    const stalenessMs = status.stalenessMs ?? 0;
    await waitFor(
      'it is stale',
      async () => ((await node.status()).stalenessMs ?? 0) > stalenessMs + 1_000,
    );
    await assertServesOldState(node, ledger, hash);
    assert.match(node.log(), /the log was reset, nothing more is applied/);
  }

  it('fault 06: a topic re-created with a shorter log is a reset, and nothing of it is applied', async (t) => {
    const { topic, ledger, nodes } = await world(t);
    const [node] = nodes;
    assert.ok(node !== undefined);
    const { stateHash } = await node.status('?hash');
    await recreateTopic(kafka, topic);
    await append(kafka, topic, othersOf(5));
    await assertReset(node, ledger, stateHash);
  });

  it('fault 07: a topic re-created with a longer log is a reset, though its offsets fit', async (t) => {
    const { topic, ledger, nodes } = await world(t, { posts: 10 });
    const [node] = nodes;
    assert.ok(node !== undefined);
    const { stateHash } = await node.status('?hash');
    await recreateTopic(kafka, topic, {
      between: () =>
        waitFor('the node saw that it is gone', async () => (await node.status()).reason !== '', {
          withinMs: noticedMsMax,
        }),
    });
    await append(kafka, topic, othersOf(50));
    await assertReset(node, ledger, stateHash);
  });

  it('fault 07: so is one re-created and outgrown before the node looks again', async (t) => {
    const topic = await kafka.createTopic();
    const ledger = new Ledger({ kafka, topic });
    t.after(() => ledger.close());
    await ledger.create(10);
    const node = await startServing(await processesFor(t), { kafka, topic });
    await untilReady(node);
    await ledger.judge([node]);
    const { stateHash } = await node.status('?hash');
    // Frozen, it sees nothing of what happens to the topic.
    node.kill('SIGSTOP');
    await recreateTopic(kafka, topic);
    await append(kafka, topic, othersOf(50));
    node.kill('SIGCONT');
    await waitFor('a reset is counted', async () => (await node.status()).resets.length > 0, {
      withinMs: noticedMsMax,
    });
    const status = await node.status('?hash');
    assert.equal(status.stateHash, stateHash);
    assert.equal(status.ready, true);
    await ledger.judge([node]);
  });

  it('fault 08: records that retention took inside the window before they were read are a reset', async (t) => {
    const topic = await kafka.createTopic();
    const ledger = new Ledger({ kafka, topic });
    t.after(() => ledger.close());
    await ledger.create(20);
    const node = await startServing(await processesFor(t), { kafka, topic });
    await untilReady(node);
    await ledger.judge([node]);
    node.kill('SIGSTOP');
    // Answers the fetch that may be under way; what follows is not read before it is gone.
    await append(kafka, topic, [{ value: createEvent(3_000_000n, nobodysAuthor) }]);
    await append(kafka, topic, othersOf(100));
    await deleteRecordsBefore(kafka, topic, 0, 81);
    node.kill('SIGCONT');
    await waitFor('a reset is counted', async () => (await node.status()).resets.length > 0);
    const status = await node.status();
    assert.equal(status.resets[0]?.kind, 'records_lost');
    assert.equal(status.ready, true);
    await ledger.judge([node]);
  });

  it('fault 08: records that retention took long after their time are passed by with a warning', async (t) => {
    const topic = await kafka.createTopic({ config: { 'retention.ms': '-1' } });
    await append(kafka, topic, oldRecords(20));
    const node = await startServing(await processesFor(t), { kafka, topic });
    await untilReady(node);
    node.kill('SIGSTOP');
    const ledger = new Ledger({ kafka, topic });
    t.after(() => ledger.close());
    // Answers the fetch that may be under way; what follows is not read before it is gone.
    await append(kafka, topic, oldRecords(1));
    await append(kafka, topic, oldRecords(100));
    await deleteRecordsBefore(kafka, topic, 0, 81);
    await ledger.create(5);
    node.kill('SIGCONT');
    await ledger.judge([node]);
    assert.deepEqual((await node.status()).resets, []);
    assert.match(node.log(), /"level":"warn".*\b(21|60|81)\b/);
  });

  it('fault 10: partitions that are added under load are found, and read from their start', async (t) => {
    const { topic, ledger, nodes } = await world(t, { partitions: 4, nodes: 2 });
    let isOver = false;
    const load = (async () => {
      while (!isOver && ledger.created < loadMax) await ledger.create(20);
    })();
    await addPartitions(topic, 8);
    for (const partition of [4, 5, 6, 7]) await ledger.create(10, { partition });
    const addedAtMs = performance.now();
    for (const node of nodes) {
      await waitFor(
        `${node.name} reads all eight`,
        async () => {
          const { partitions } = await node.status();
          return partitions.length === 8 && partitions.every(({ position }) => position > 0);
        },
        { withinMs: noticedMsMax },
      );
    }
    t.diagnostic(`found after ${Math.round(performance.now() - addedAtMs)} ms`);
    isOver = true;
    await load;
    await ledger.judge(nodes);
    for (const node of nodes) {
      assert.deepEqual((await node.status()).resets, []);
      assert.deepEqual(node.positions.violations, []);
    }
  });

  it('fault 11: a delete that moved to a new partition finds its create', async (t) => {
    const { topic, ledger, nodes } = await world(t, { partitions: 4, nodes: 2 });
    const ids = await ledger.create(10, { partition: 1 });
    await ledger.judge(nodes);
    await addPartitions(topic, 8);
    await ledger.delete(ids, { partition: 6 });
    await waitFor(
      'the deletes are applied',
      async () => {
        const states = await Promise.all(nodes.map((node) => node.status()));
        return states.every(({ tombstones }) => tombstones === ids.length);
      },
      { withinMs: noticedMsMax },
    );
    // And once more behind the delete: a producer that tried again.
    await append(
      kafka,
      topic,
      ids.map((id) => ({ partition: 1, value: ledger.valueOf(id) })),
    );
    await ledger.create(1, { partition: 1 });
    await ledger.judge(nodes);
  });

  async function addPartitions(topic: string, count: number): Promise<void> {
    await withAdmin(kafka, (admin) =>
      admin.createPartitions({ topicPartitions: [{ topic, count }] }),
    );
  }
});

/** Posts of nobody's ledger, but by authors that a ledger's judge asks for. */
function othersOf(count: number): { readonly value: Buffer }[] {
  return Array.from({ length: count }, (_, index) => ({
    value: createEvent(
      BigInt(1_000_000 + index),
      BigInt(1 + Math.floor(index / postsPerAuthorMax)),
    ),
  }));
}

/** Posts of five days ago, in records of that time: beyond any window. */
function oldRecords(count: number): { readonly value: Buffer; readonly timestamp: string }[] {
  const seconds = nowSeconds() - 5 * daySeconds;
  return Array.from({ length: count }, (_, index) => ({
    value: createEvent(BigInt(2_000_000 + index), 1n, seconds),
    timestamp: String(seconds * 1000),
  }));
}
