/**
 * Operators that die and freeze as processes do: the next one finishes, and nobody writes who does
 * not lead.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { type FaultProxy, startFaultProxy } from '#test/components/control-plane/fault-proxy.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { operatorForTest, readyOnes, writesOf } from './operator-for-test.ts';
import { startOperatorProcess } from './operator-process.ts';
import { PodSampler } from './pod-sampler.ts';

/** 15 s of lease, looked at every second, and what a busy machine adds. */
const failoverMsMax = 20_000;
const frozenMsMin = 20_000;
const killsMax = 20;

describe('operators that die', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('fault 49: a roll is finished though the operator is killed at one write after another', async (t) => {
    const world = await operatorForTest(t, plane);
    const start = () => startFor(t, world, world.proxy, ['--no-leader-elect']);
    let operator = start();
    const name = await world.create({ image: 'thunder:1', serving: { replicas: 3 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const sampler = new PodSampler(() => world.runner.pods);
    let writes = 0;
    let kills = 0;
    let survived = 0;
    world.proxy.decide = ({ isWrite, path }) => {
      if (!isWrite || path.includes('selfsubjectaccessreviews')) return undefined;
      writes += 1;
      // Each one gets one write further than the one before it.
      if (writes <= survived || kills >= killsMax) return undefined;
      kills += 1;
      survived += kills % 3 === 0 ? 1 : 0;
      writes = 0;
      operator.child.kill('SIGKILL');
      operator = start();
      // Whether the server still acted on it the dead one never knew.
      return kills % 2 === 0 ? { kind: 'lose' } : { kind: 'reset' };
    };
    await world.edit(name, { image: 'thunder:2' });
    await world.untilCondition(name, 'Ready', { status: 'True' }, 240_000);
    const seen = sampler.stop();
    t.diagnostic(`killed ${kills} times; ${JSON.stringify(seen)}`);
    assert.ok(kills >= 3);
    assert.ok(seen.readyMin >= 3);
    assert.ok(seen.totalMax <= 4);
    const images = readyOnes(world.runner.pods).map(({ spec }) => spec?.containers[0]?.image);
    assert.deepEqual(images, ['thunder:2', 'thunder:2', 'thunder:2']);
  });

  it('fault 50: one that was frozen for 20 s writes nothing more, ends, and the other has taken over', async (t) => {
    const world = await operatorForTest(t, plane);
    const theirs = await startFaultProxy(plane);
    t.after(() => theirs.stop());
    const first = startFor(t, world, world.proxy, []);
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const second = startFor(t, world, theirs, []);
    await waitFor('the second waits', () => second.said().includes('operator started'));
    first.child.kill('SIGSTOP');
    const frozenMs = performance.now();
    const before = writesOf(world.proxy).length;
    await world.edit(name, { serving: { replicas: 3 } });
    await waitFor(
      'the second acts',
      async () => (await world.serving(name))?.spec?.replicas === 3,
      {
        withinMs: 60_000,
      },
    );
    const failoverMs = Math.round(performance.now() - frozenMs);
    t.diagnostic(`failover took ${failoverMs} ms`);
    assert.ok(failoverMs < failoverMsMax);
    await waitFor('it was frozen for 20 s', () => performance.now() - frozenMs >= frozenMsMin);
    // Something to do for whoever believes to lead.
    await world.edit(name, { serving: { replicas: 1 } });
    first.child.kill('SIGCONT');
    assert.equal(await first.exitCode, 4);
    assert.match(first.said(), /thunder: .* does not lead/);
    assert.equal(writesOf(world.proxy).length, before);
    await world.untilCondition(name, 'Ready', { status: 'True' });
  });
});

type World = Awaited<ReturnType<typeof operatorForTest>>;

function startFor(t: TestContext, world: World, proxy: FaultProxy, more: readonly string[]) {
  return startOperatorProcess(t, [
    ...['--kubeconfig', proxy.kubeconfig, '--watch-namespaces', world.namespace],
    ...['--operator-namespace', world.namespace, '--no-look-at-kafka'],
    ...['--pod-admin-port', String(world.runner.port)],
    ...['--http-host', '127.0.0.1', '--http-port', '0', ...more],
  ]);
}
