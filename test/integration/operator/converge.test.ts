/**
 * A fleet from nothing to Ready on a real API server, and the quiet after that.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { operatorForTest, readyOnes, untilQuiet, writesOf } from './operator-for-test.ts';

describe('a fleet on a real API server', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('criterion 6: once it is as it should be, resyncs write nothing', async (t) => {
    const world = await operatorForTest(t, plane, { resyncMs: 200 });
    await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True', reason: 'AllPodsReady' });
    assert.equal(readyOnes(world.runner.pods).length, 2);
    await waitFor('every pod has said how it is', async () => {
      const { pods = [] } = (await world.statusOf(name)) ?? {};
      return pods.length === 2 && pods.every(({ stage }) => stage === 'ready');
    });
    // Longer than a look at a Kafka that is not there may take: what it says comes once.
    await untilQuiet(world.proxy, 25_000);
    const serving = await world.serving(name);
    const before = writesOf(world.proxy).length;
    const reads = world.proxy.requests.length;
    t.diagnostic(`${before} writes to get there`);
    // 50 passes or more.
    const until = performance.now() + 10_000;
    await waitFor('ten seconds have passed', () => performance.now() > until);
    // Figures that moved by themselves may be due, once a minute.
    const written = writesOf(world.proxy).slice(before);
    assert.deepEqual(
      written.filter((write) => !write.endsWith(`/${name}/status`)),
      [],
    );
    assert.ok(written.length <= 1, written.join(', '));
    t.diagnostic(`${world.proxy.requests.length - reads} requests in quiet`);
    assert.equal((await world.serving(name))?.metadata.generation, serving?.metadata.generation);
  });
});
