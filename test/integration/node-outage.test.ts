/**
 * A broker that is not there, freezes or dies, and what a node does meanwhile: before it is ready it
 * answers nobody and says why, afterwards it goes on and says how stale it is.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import type { TestBroker } from '#test/components/kafka/test-broker.ts';
import { processesFor } from '#test/components/processes/processes.ts';
import type { ThunderNode } from '#test/components/processes/thunder-node.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import {
  append,
  createEvent,
  healthOf,
  notServing,
  postIdsAt,
  postsServiceName,
  serving,
  startServing,
  untilApplied,
  untilReady,
  withClient,
} from './node-fixture.ts';

const author = 7n;
const freshMs = 3_000;
/** Enough for several looks at a broker that is away. */
const staleMs = 6_000;

describe('a broker that goes away', { skip: await skipWithoutKafka({ own: true }) }, () => {
  let kafka: TestKafka;
  let broker: TestBroker;
  before(async () => {
    kafka = await startKafka({ own: true });
    const [only] = kafka.brokers;
    assert.ok(only !== undefined);
    broker = only;
  });
  after(() => kafka.stop());

  async function assertNotServing(node: ThunderNode, stage: RegExp): Promise<void> {
    const { code, body } = await node.page('/readyz');
    assert.equal(code, 503, body);
    const readiness = JSON.parse(body) as Record<string, unknown>;
    assert.equal(readiness['ready'], false);
    assert.match(String(readiness['stage']), stage);
    assert.notEqual(readiness['reason'], '');
    assert.ok('progress' in readiness && 'etaSeconds' in readiness);
    assert.equal((await node.page('/livez')).code, 200);
    assert.equal((await node.page('/startupz')).code, 200);
    assert.equal(await healthOf(node), notServing);
    assert.equal(await healthOf(node, postsServiceName), notServing);
    await assert.rejects(postIdsAt(node, [author]), { code: 'GRPC_UNAVAILABLE' });
  }

  it('L1, L3: a node that has not read its log answers nobody, and says how far it is', async (t) => {
    const backlog = 30_000;
    const topic = await kafka.createTopic({ partitions: 2 });
    const messages = Array.from({ length: backlog }, (_, index) => ({
      partition: index % 2,
      value: createEvent(BigInt(index + 1), BigInt(index % 1_000) + 1n),
    }));
    await append(kafka, topic, messages);

    await broker.pause();
    t.after(() => broker.resume());
    const node = await startServing(await processesFor(t), { kafka, topic });
    await assertNotServing(node, /^connecting$/);
    assert.equal((await node.status()).progress, null);

    await broker.resume();
    await waitFor('it replays', async () => (await node.status()).stage !== 'connecting', {
      pollMs: 1,
    });
    await broker.pause();
    const status = await node.status();
    t.diagnostic(`held at ${status.stage}, progress ${status.progress}`);
    assert.equal(status.stage, 'replaying');
    assert.ok(status.progress !== null && status.progress < 1, String(status.progress));
    assert.equal(
      status.partitions.reduce((sum, { target }) => sum + target, 0),
      backlog,
    );
    await assertNotServing(node, /^replaying$/);

    await broker.resume();
    await untilReady(node);
    assert.equal(await healthOf(node), serving);
    assert.equal((await node.status()).posts, backlog);
    assert.equal((await postIdsAt(node, [author])).length, backlog / 1_000);
    assert.match(node.log(), /"msg":"stage changed"/);
  });

  it('L4: nodes end in order though their broker answers nothing any more', async (t) => {
    const topic = await kafka.createTopic();
    await append(kafka, topic, [{ value: createEvent(1n, author) }]);
    const processes = await processesFor(t);
    const ready = await startServing(processes, { kafka, topic, name: 'ready' });
    await untilReady(ready);
    await broker.pause();
    t.after(() => broker.resume());
    const connecting = await startServing(processes, { kafka, topic, name: 'connecting' });
    for (const node of [ready, connecting]) {
      const askedAtMs = performance.now();
      assert.equal(await node.stop(), 0, node.log());
      const seconds = (performance.now() - askedAtMs) / 1000;
      t.diagnostic(`${node.name} ended after ${seconds.toFixed(1)} s`);
    }
    await broker.resume();
  });

  for (const [what, leave, comeBack] of [
    ['frozen', (one: TestBroker) => one.pause(), (one: TestBroker) => one.resume()],
    ['killed', (one: TestBroker) => one.kill(), (one: TestBroker) => one.restart()],
  ] as const) {
    it(`L2: while its broker is ${what} a ready node goes on and tells its staleness`, async (t) => {
      const topic = await kafka.createTopic();
      await append(kafka, topic, [{ value: createEvent(1n, author) }]);
      const node = await startServing(await processesFor(t), { kafka, topic });
      await untilReady(node);
      const stalenessMs = (): Promise<number> =>
        withClient(node, async (client) => {
          const answer = await client.getInNetworkPosts({ userId: 1n, followingUserIds: [author] });
          assert.ok(answer.posts.length > 0);
          return answer.metadata.stalenessMs ?? Number.NaN;
        });
      await waitFor('it is fresh', async () => (await stalenessMs()) < freshMs);

      await leave(broker);
      let isBack = false;
      t.after(async () => isBack || comeBack(broker));
      const seen: number[] = [];
      await waitFor(
        'staleness has grown',
        async () => {
          seen.push(await stalenessMs());
          assert.equal((await node.page('/readyz')).code, 200);
          assert.equal((await node.page('/livez')).code, 200);
          return (seen.at(-1) ?? 0) > staleMs;
        },
        { pollMs: 200 },
      );
      assert.deepEqual(await postIdsAt(node, [author]), [1n]);
      assert.equal(await healthOf(node), serving);
      const status = await node.status();
      assert.equal(status.stage, 'ready');
      assert.ok((status.stalenessMs ?? 0) > staleMs);
      t.diagnostic(`reason while ${what}: ${status.reason}`);

      await comeBack(broker);
      isBack = true;
      await append(kafka, topic, [{ value: createEvent(2n, author) }]);
      await untilApplied(node, 2);
      await waitFor('it is fresh again', async () => (await stalenessMs()) < freshMs);
      assert.deepEqual(await postIdsAt(node, [author]), [2n, 1n]);
      assert.deepEqual((await node.status()).resets, []);
      assert.equal(await node.stop(), 0);
    });
  }
});
