/**
 * Two operators, and an API server that goes away, forgets and refuses.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import type { Fault } from '#test/components/control-plane/fault-proxy.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { listsOf, operatorForTest, readyOnes, untilQuiet, writesOf } from './operator-for-test.ts';

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

  it('fault 45: after etcd has forgotten, one list each finds every fleet that came, changed and went', async (t) => {
    const world = await operatorForTest(t, plane);
    const { proxy, client, namespace } = world;
    await world.start({ args: ['--no-leader-elect'] });
    const [changed, gone] = await Promise.all([world.create(), world.create()]);
    await world.untilCondition(changed, 'Ready', { status: 'True' });
    await world.untilCondition(gone, 'Ready', { status: 'True' });
    await untilQuiet(proxy);
    const watches = proxy.openWatches;
    // No new watch until the old versions are forgotten.
    let refused = 0;
    let isForgotten = false;
    proxy.decide = ({ isWatch }): Fault | undefined => {
      if (!isWatch || isForgotten) return undefined;
      refused += 1;
      return { kind: 'refuse', status: 503 };
    };
    proxy.cutWatches();
    await waitFor(
      'every watch was tried again',
      () => refused > watches && proxy.openWatches === 0,
    );
    const came = await world.create();
    await world.edit(changed, { image: 'thunder:next' });
    await client.delete(thunderFleets, { namespace, name: gone });
    await plane.local?.compact();
    await plane.local?.apiServer.kill();
    plane.local?.apiServer.start();
    await plane.local?.waitUntilReady();
    const lists = listsOf(proxy);
    isForgotten = true;
    await world.untilCondition(came, 'Ready', { status: 'True' });
    await world.untilCondition(changed, 'Ready', { status: 'True' });
    await waitFor('the deleted one is gone', async () => (await world.get(gone)) === undefined);
    const images = new Set(
      readyOnes(world.runner.pods)
        .filter(({ metadata }) => metadata.name.startsWith(`${changed}-`))
        .map(({ spec }) => spec?.containers[0]?.image),
    );
    assert.deepEqual([...images], ['thunder:next']);
    const again = listsOf(proxy) - lists;
    t.diagnostic(`${again} lists for ${watches} watches`);
    assert.ok(again >= 1 && again <= watches, `${again} lists`);
    await waitFor('as many watches', () => proxy.openWatches === watches);
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
