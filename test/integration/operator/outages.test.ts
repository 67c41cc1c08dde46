/**
 * Two operators, and an API server that goes away, forgets and refuses.
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

const handOverMsMax = 2_000;
const recoveredMsMax = 2_000;

describe('outages', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('criterion 11: one of two operators acts, and hands over at once when it ends', async (t) => {
    const world = await operatorForTest(t, plane);
    const first = await world.start();
    await waitFor('the first leads', () => first.operator.isLeading());
    const second = await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assert.equal(second.operator.isLeading(), false);
    await untilQuiet(world.proxy);
    const endedMs = performance.now();
    await first.stop();
    await waitFor('the second leads', () => second.operator.isLeading());
    const handOverMs = Math.round(performance.now() - endedMs);
    t.diagnostic(`hand-over took ${handOverMs} ms`);
    assert.ok(handOverMs < handOverMsMax);
    await untilQuiet(world.proxy);
    await world.edit(name, { serving: { replicas: 1 } });
    await waitFor('the second acts', async () => (await world.serving(name))?.spec?.replicas === 1);
  });

  it('criterion 10: after the API server was away the operator catches up at once, with no watch doubled and no burst of writes', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await untilQuiet(world.proxy);
    const watches = world.proxy.openWatches;
    const pods = new Set(readyOnes(world.runner.pods).map(({ metadata }) => metadata.uid));
    await world.proxy.goAway();
    await world.edit(name, { serving: { replicas: 3 } });
    const awayMs = performance.now() + 5_000;
    await waitFor('five seconds have passed', () => performance.now() > awayMs);
    const writes = writesOf(world.proxy).length;
    await world.proxy.comeBack();
    const backMs = performance.now();
    await waitFor(
      'the edit is applied',
      async () => (await world.serving(name))?.spec?.replicas === 3,
    );
    const recoveredMs = Math.round(performance.now() - backMs);
    t.diagnostic(`recovered after ${recoveredMs} ms`);
    assert.ok(recoveredMs < recoveredMsMax);
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await untilQuiet(world.proxy);
    await waitFor('all watches are back', () => world.proxy.openWatches === watches);
    t.diagnostic(`${writesOf(world.proxy).length - writes} writes since`);
    for (const uid of pods) {
      assert.ok(readyOnes(world.runner.pods).some(({ metadata }) => metadata.uid === uid));
    }
  });

  it('converges through conflicts, refusals, lost answers and forgotten versions, and then writes nothing', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    let writes = 0;
    world.proxy.decide = ({ isWrite, path }) => {
      if (!isWrite || path.includes('/leases')) return undefined;
      writes += 1;
      switch (writes % 5) {
        case 0:
          return { kind: 'refuse', status: 409, reason: 'Conflict' };
        case 1:
          return { kind: 'refuse', status: 500 };
        case 2:
          return { kind: 'lose' };
        default:
          return undefined;
      }
    };
    const name = await world.create({ serving: { replicas: 2 } });
    await waitFor('some pods are there', () => readyOnes(world.runner.pods).length === 2);
    world.proxy.cutWatches();
    await plane.local?.compact();
    await world.edit(name, { image: 'thunder:next' });
    await world.untilCondition(name, 'Ready', { status: 'True' }, 120_000);
    world.proxy.decide = () => undefined;
    await untilQuiet(world.proxy);
    assert.deepEqual(
      readyOnes(world.runner.pods).map(({ spec }) => spec?.containers[0]?.image),
      ['thunder:next', 'thunder:next'],
    );
    const revisions = await plane.kubectl([
      ...['-n', world.namespace, 'get', 'controllerrevisions', '-o', 'name'],
    ]);
    assert.equal(revisions.stdout.trim().split('\n').length, 2);
  });
});
