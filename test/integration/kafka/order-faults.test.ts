/**
 * Faults 20 to 23: clocks that are wrong, and events that come twice, too early or again. What a node
 * answers is judged against one that reads the same log from its start with its clock right.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { createQueryClient } from '#cli/query/query-client.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { append, createEvent, deleteEvent, nowSeconds, positionsOf } from '../node-fixture.ts';
import { type FaultNode, MovableClock, startFaultNode } from './fault-node.ts';
import { assertEqualStates, Ledger } from './ledger.ts';

const hourMs = 3_600_000;
const author = 7n;
const maxFutureSkewSeconds = 300;
const retentionSeconds = 172_800;

describe('clocks and order', { skip: await skipWithoutKafka(), concurrency: 4 }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  async function readyNode(t: TestContext, topic: string, name: string, clock?: MovableClock) {
    const node = await startFaultNode(t, {
      bootstrap: kafka.bootstrap,
      topic,
      name,
      ...(clock === undefined ? {} : { clock }),
    });
    await node.untilReady();
    return node;
  }

  async function untilApplied(node: FaultNode, records: number): Promise<void> {
    await waitFor(`${node.name} has applied ${records}`, async () => {
      return positionsOf(await node.status()) >= records;
    });
  }

  it('fault 20: posts of a producer that is three hours ahead are held, not lost', async (t) => {
    const config = { 'message.timestamp.after.max.ms': String(24 * hourMs) };
    const topic = await kafka.createTopic({ config });
    const now = nowSeconds();
    const at = (hours: number): number => now + hours * 3_600;
    const stamped = [
      { id: 1n, seconds: at(0) },
      { id: 2n, seconds: at(3) },
      { id: 3n, seconds: at(-3) },
    ];
    await append(
      kafka,
      topic,
      stamped.map(({ id, seconds }) => ({
        value: createEvent(id, author, seconds),
        timestamp: String(seconds * 1000),
      })),
    );
    const clock = new MovableClock();
    const node = await readyNode(t, topic, 'node', clock);
    assert.deepEqual(await answerOf(node), [1n, 3n]);
    const { posts, counters } = await node.status();
    assert.equal(posts, 3, 'all are stored');
    assert.equal(counters['future'], 0);
    clock.setWall(3 * hourMs);
    assert.deepEqual(await answerOf(node), [2n, 1n, 3n]);
  });

  it('fault 20: a clock that jumps by an hour and back drops nothing, and answers follow it', async (t) => {
    const topic = await kafka.createTopic();
    const now = nowSeconds();
    const ages = [0, 600, retentionSeconds - 1_800, retentionSeconds + 1_800];
    const events = ages.map((age, index) => createEvent(BigInt(index + 1), author, now - age));
    await append(
      kafka,
      topic,
      events.map((value) => ({ value })),
    );
    const clock = new MovableClock();
    const node = await readyNode(t, topic, 'jumping', clock);
    const steady = await readyNode(t, topic, 'steady');
    assert.deepEqual(await answerOf(node), [1n, 2n, 3n]);
    clock.setWall(hourMs);
    assert.deepEqual(await answerOf(node), [1n, 2n], 'S2: the third is beyond retention now');
    await append(kafka, topic, [{ value: createEvent(5n, author, nowSeconds()) }]);
    await untilApplied(node, 5);
    // Chores run by durations: two of their longest intervals pass.
    clock.pass(240_000);
    clock.setWall(-2 * hourMs);
    const skewed = await answerOf(node);
    assert.deepEqual(
      skewed,
      [3n, 4n],
      'S2: the newest are from the future, the fourth is not too old',
    );
    assert.ok(nowSeconds() - 3_600 + maxFutureSkewSeconds < now);
    clock.setWall(hourMs);
    assert.deepEqual(await answerOf(node), [5n, 1n, 2n, 3n]);
    await untilApplied(steady, 5);
    await assertEqualStates([node, steady]);
    assert.deepEqual((await node.status()).resets, []);
  });

  it('fault 20: a node whose clock is off by more than two seconds says so', async (t) => {
    const topic = await kafka.createTopic();
    const clock = new MovableClock();
    const node = await readyNode(t, topic, 'node', clock);
    await append(kafka, topic, [{ value: createEvent(1n, author) }]);
    await untilApplied(node, 1);
    assert.deepEqual((await node.status()).warnings, []);
    clock.setWall(-10_000);
    await append(kafka, topic, [{ value: createEvent(2n, author) }]);
    await waitFor('it is said', async () => /clock/.test((await node.status()).warnings.join()));
    assert.ok(Math.abs(await node.metric('thunder_clock_skew_seconds')) > 2);
  });

  it('fault 21: events sent again, one by one and as whole ranges, change nothing', async (t) => {
    const topic = await kafka.createTopic({ partitions: 2 });
    const ledger = new Ledger({ kafka, topic });
    t.after(() => ledger.close());
    const once = await ledger.create(200, { partition: 0 });
    const gone = once.slice(0, 20);
    await ledger.delete(gone, { partition: 0 });
    const node = await readyNode(t, topic, 'node');
    await ledger.judge([node]);
    const { stateHash } = await node.status('?hash');
    const creates = once.map((id) => ({ partition: 0, value: ledger.valueOf(id) }));
    await append(kafka, topic, creates);
    await append(kafka, topic, creates.toReversed());
    await ledger.delete(gone, { partition: 0 });
    await untilApplied(node, 640);
    await ledger.judge([node]);
    const after = await node.status('?hash');
    assert.equal(after.counters['created'], once.length);
    // A delete that was sent again is later, so that its tombstone is kept longer: its own rule, E5.
    const replayed = await readyNode(t, topic, 'replayed');
    await ledger.judge([node, replayed]);
    t.diagnostic(`state ${stateHash} before, ${after.stateHash} after`);
  });

  it('fault 21: the same bytes again leave the same state hash', async (t) => {
    const topic = await kafka.createTopic();
    const seconds = nowSeconds();
    const values = Array.from({ length: 50 }, (_, index) =>
      index % 5 === 4
        ? deleteEvent(BigInt(index), seconds)
        : createEvent(BigInt(index + 1), author, seconds),
    );
    await append(
      kafka,
      topic,
      values.map((value) => ({ value })),
    );
    const node = await readyNode(t, topic, 'node');
    const { stateHash } = await node.status('?hash');
    await append(
      kafka,
      topic,
      values.map((value) => ({ value })),
    );
    await untilApplied(node, 100);
    assert.equal((await node.status('?hash')).stateHash, stateHash);
  });

  it('fault 22: a delete an hour before its create, in another partition, hides it on every node', async (t) => {
    const topic = await kafka.createTopic({ partitions: 2 });
    const now = nowSeconds();
    const timestamp = String((now - 3_600) * 1000);
    await append(kafka, topic, [{ partition: 1, timestamp, value: deleteEvent(1n, now - 3_600) }]);
    const running = await readyNode(t, topic, 'running');
    await append(kafka, topic, [
      { partition: 0, value: createEvent(1n, author, now - 3_700) },
      { partition: 0, value: createEvent(2n, author, now) },
    ]);
    await untilApplied(running, 3);
    const replayed = await readyNode(t, topic, 'replayed');
    for (const node of [running, replayed]) assert.deepEqual(await answerOf(node), [2n]);
    await assertEqualStates([running, replayed]);
  });

  it('fault 23: a post that is created again after its delete stays hidden on every node', async (t) => {
    const topic = await kafka.createTopic();
    const now = nowSeconds();
    const values = [
      createEvent(1n, author, now - 10),
      deleteEvent(1n, now - 5),
      createEvent(1n, author, now),
      createEvent(2n, author, now),
    ];
    const running = await readyNode(t, topic, 'running');
    for (const value of values) await append(kafka, topic, [{ value }]);
    await untilApplied(running, values.length);
    const replayed = await readyNode(t, topic, 'replayed');
    for (const node of [running, replayed]) {
      assert.deepEqual(await answerOf(node), [2n]);
      assert.equal((await node.status()).tombstones, 1);
    }
    await assertEqualStates([running, replayed]);
  });
});

/** Ids, newest first; a call's deadline is beyond any jump of a clock. */
async function answerOf(node: FaultNode): Promise<bigint[]> {
  const client = createQueryClient({ address: node.address, retryUnavailable: false });
  try {
    const request = { userId: 1n, followingUserIds: [author] };
    const { posts } = await client.getInNetworkPosts(request, { deadlineMs: 12 * hourMs });
    return posts.map(({ postId }) => postId);
  } finally {
    client.close();
  }
}
