/**
 * An API server that goes away for a minute, falls silent, refuses every second write, or
 * fails one fleet and not the other: side by side, with the operator's real limits.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import type { Fault, ProxiedRequest } from '#test/components/control-plane/fault-proxy.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { listsOf, operatorForTest, readyOnes, untilQuiet } from './operator-for-test.ts';
import { startOperatorProcess } from './operator-process.ts';

const awayMs = 60_000;
/** From the first write that the server takes. While it does not know all its paths it asks for patience: 503, Retry-After: 5. */
const recoveredMsMax = 15_000;
/** 15 s until the Lease of the one before is over, and what the start takes on such a server. */
const takeOverMsMax = 40_000;
const dueMax = 4;
/** A watch lives 40 s at most, and is cut 10 s later. */
const silentMsMax = 60_000;
const retryAfterSeconds = 3;
/** Deployment, Services, account, budget, network policy, Secret, revision, status, an Event. */
const objectsOfFleet = 10;

describe('faults of the API server', {
  concurrency: true,
  skip: await skipWithoutControlPlane(),
}, () => {
  describe('for everybody', { concurrency: false }, () => {
    let plane: TestControlPlane;
    before(async () => {
      plane = await startControlPlane({ own: true });
    });
    after(() => plane?.stop());

    it('fault 44: away for a minute it costs no pod, and its return brings one list each and no burst of writes', async (t) => {
      const startedMs = performance.now();
      const [lone, led] = await Promise.all([operatorForTest(t, plane), operatorForTest(t, plane)]);
      const leader = startFor(t, led);
      const { lifecycle } = await lone.start({ args: ['--no-leader-elect'] });
      const [loneFleet, edited, ledFleet] = await Promise.all([
        lone.create(),
        lone.create(),
        led.create(),
      ]);
      await lone.untilCondition(loneFleet, 'Ready', { status: 'True' });
      await lone.untilCondition(edited, 'Ready', { status: 'True' });
      await led.untilCondition(ledFleet, 'Ready', { status: 'True' });
      await Promise.all([untilQuiet(lone.proxy), untilQuiet(led.proxy)]);
      const uidsOf = (world: typeof lone) =>
        new Set(readyOnes(world.runner.pods).map(({ metadata }) => metadata.uid));
      const [lonePods, ledPods] = [uidsOf(lone), uidsOf(led)];
      const watches = lone.proxy.openWatches;
      const generation = (await led.serving(ledFleet))?.metadata.generation;
      const lists = listsOf(lone.proxy);

      t.diagnostic(`up after ${Math.round(performance.now() - startedMs)} ms`);
      await plane.local?.apiServer.kill();
      const backMs = performance.now() + awayMs;
      // As with any controller: without its Lease it ends, and is started again.
      assert.equal(await leader.exitCode, 4);
      assert.match(leader.said(), /does not lead/);
      const next = startFor(t, led);
      await waitFor('a minute has passed', () => performance.now() > backMs, {
        withinMs: 2 * awayMs,
      });
      assert.match(next.said(), /the API server does not answer, trying again/);
      assert.equal(next.child.exitCode, null);
      plane.local?.apiServer.start();
      await plane.local?.waitUntilReady();
      const readyMs = performance.now();
      // Of a kind that needs no other controller: those take half a minute to come back.
      await lone.edit(edited, { rollout: { maxSurge: 2 } });
      const editedMs = performance.now();
      await waitFor('an edit is applied', () => hasSurge(lone, edited, 2));
      const recoveredMs = Math.round(performance.now() - editedMs);
      await waitFor('the next one leads', () => next.said().includes('"leading"'), {
        withinMs: takeOverMsMax,
      }).catch((error: Error) => {
        throw new Error(`${error.message}; it said ${next.said()}`);
      });
      const ledMs = Math.round(performance.now() - readyMs);
      await waitFor('all watches are back', () => lone.proxy.openWatches === watches);
      await lone.untilCondition(edited, 'Ready', { status: 'True' });
      await Promise.all([untilQuiet(lone.proxy), untilQuiet(led.proxy)]);
      const written = writesSince(lone.proxy.requests, readyMs);
      const writes = written.filter((write) => !write.includes(edited));
      const again = listsOf(lone.proxy) - lists;
      t.diagnostic(
        `an edit was applied after ${recoveredMs} ms, led again after ${ledMs} ms; ${again} lists for ${watches} watches`,
      );
      // Figures of a live fleet may be due, once a minute, and the count of an Event.
      const isDue = (write: string): boolean => /\/status$|\/events/.test(write);
      assert.deepEqual(
        writes.filter((write) => !isDue(write)),
        [],
      );
      assert.ok(writes.length <= dueMax, writes.join(', '));
      // Of a new process: one for each object that the server has in other words, which changes nothing.
      const ledWrites = writesSince(led.proxy.requests, readyMs);
      assert.ok(ledWrites.length <= objectsOfFleet, ledWrites.join(', '));
      assert.equal((await led.serving(ledFleet))?.metadata.generation, generation);
      assert.ok(again <= watches, `${again} lists`);
      assert.ok(recoveredMs < recoveredMsMax, `${recoveredMs} ms`);
      assert.ok(ledMs < takeOverMsMax);
      assert.equal(lifecycle.signal.aborted, false);
      assert.deepEqual([uidsOf(lone), uidsOf(led)], [lonePods, ledPods]);
      await led.edit(ledFleet, { rollout: { maxSurge: 2 } });
      await waitFor('the next one acts', () => hasSurge(led, ledFleet, 2));
    });
  });

  describe('for some', { concurrency: true }, () => {
    let plane: TestControlPlane;
    before(async () => {
      plane = await startControlPlane({ own: true });
    });
    after(() => plane?.stop());

    it('fault 46: watches that fell silent without an end are noticed within a minute', async (t) => {
      const world = await operatorForTest(t, plane);
      const { proxy } = world;
      await world.start();
      const name = await world.create();
      await world.untilCondition(name, 'Ready', { status: 'True' });
      await untilQuiet(proxy);
      const watches = proxy.openWatches;
      proxy.silenceWatches();
      const silentMs = performance.now();
      await world.edit(name, { serving: { replicas: 3 } });
      await world.untilCondition(name, 'Ready', { status: 'True' });
      const healedMs = Math.round(performance.now() - silentMs);
      t.diagnostic(`healed after ${healedMs} ms`);
      assert.ok(healedMs < silentMsMax);
      await waitFor('no watch is doubled', () => proxy.openWatches === watches, {
        withinMs: silentMsMax,
      });
    });

    it('fault 47: a conflict at every second write costs no edit of a user', async (t) => {
      const world = await operatorForTest(t, plane);
      const { proxy, client, namespace } = world;
      let writes = 0;
      let late = 0;
      proxy.decide = ({ isWrite, path, method }): Fault | undefined => {
        if (!isWrite || path.includes('/leases') || isQuestion(path)) return undefined;
        // The first patch of the fleet, its finalizer, arrives after the user's edit: a real conflict.
        const isFleet = method === 'PATCH' && /\/thunderfleets\/[^/]+$/.test(path);
        if (isFleet && late === 0) {
          late += 1;
          return { kind: 'delay', ms: 1_000 };
        }
        writes += 1;
        return writes % 2 === 0 ? { kind: 'refuse', status: 409 } : undefined;
      };
      await world.start();
      const name = await world.create({ image: 'thunder:1' });
      await waitFor('the finalizer is under way', () => late === 1);
      const theirs = 'example.com/theirs';
      await client.patch(
        thunderFleets,
        { namespace, name },
        { metadata: { finalizers: [theirs] } },
      );
      await world.annotate(name, { [theirs]: 'kept' });
      await world.untilCondition(name, 'Ready', { status: 'True' });
      for (const [image, replicas] of [
        ['thunder:2', 3],
        ['thunder:3', 2],
      ] as const) {
        await world.edit(name, { image });
        await world.edit(name, { serving: { replicas } });
      }
      await world.untilCondition(name, 'Ready', { status: 'True' });
      t.diagnostic(`${writes} writes`);
      const { metadata, spec } = (await world.get(name)) ?? {};
      assert.deepEqual(metadata?.finalizers?.toSorted(), [theirs, 'thunder.dev/consumer-groups']);
      assert.equal(metadata?.annotations?.[theirs], 'kept');
      assert.equal((spec as { image?: string } | undefined)?.image, 'thunder:3');
      const images = readyOnes(world.runner.pods).map((pod) => pod.spec?.containers[0]?.image);
      assert.deepEqual(images, ['thunder:3', 'thunder:3']);
      proxy.decide = () => undefined;
      await client.patch(thunderFleets, { namespace, name }, { metadata: { finalizers: null } });
    });

    it('fault 48: patience that is asked for, errors and a slow answer for three fleets keep a fourth waiting for nothing', async (t) => {
      const world = await operatorForTest(t, plane);
      const { proxy } = world;
      await world.start();
      const sick: Readonly<Record<string, Fault>> = {
        patient: { kind: 'refuse', status: 429, retryAfterSeconds },
        failing: { kind: 'refuse', status: 500 },
        slow: { kind: 'delay', ms: 30_000 },
      };
      const hits = new Map<string, number[]>();
      proxy.decide = ({ isWrite, path, atMs }): Fault | undefined => {
        const name = Object.keys(sick).find((each) => path.includes(`/${each}`));
        if (!isWrite || name === undefined) return undefined;
        hits.set(name, [...(hits.get(name) ?? []), atMs]);
        return sick[name];
      };
      await Promise.all(Object.keys(sick).map((name) => world.create({}, name)));
      await waitFor('all three are met', () => hits.size === 3);
      const startedMs = performance.now();
      await world.create({}, 'well');
      await world.untilCondition('well', 'Ready', { status: 'True' });
      await world.edit('well', { image: 'thunder:next' });
      await world.untilCondition('well', 'Ready', { status: 'True' });
      t.diagnostic(
        `the fourth was made and rolled in ${Math.round(performance.now() - startedMs)} ms`,
      );
      await waitFor('some tries', () =>
        ['patient', 'failing'].every((name) => (hits.get(name)?.length ?? 0) > 3),
      );
      proxy.decide = () => undefined;
      const waits = pausesOf(hits.get('patient'));
      t.diagnostic(
        `${waits.map(Math.round).join(', ')} ms between tries where patience was asked for`,
      );
      assert.ok(waits.every((ms) => ms >= retryAfterSeconds * 1_000));
      const failing = pausesOf(hits.get('failing'));
      assert.ok((failing.at(-1) ?? 0) > (failing[0] ?? 0), 'no back-off');
      for (const name of Object.keys(sick)) {
        await world.untilCondition(name, 'Ready', { status: 'True' });
      }
    });
  });
});

/** Of the operator itself, without effect: whether it has its rights. */
function isQuestion(write: string): boolean {
  return write.includes('selfsubjectaccessreviews');
}

function writesSince(requests: readonly ProxiedRequest[], sinceMs: number): string[] {
  return requests
    .filter(({ isWrite, path, atMs }) => isWrite && atMs > sinceMs && !path.includes('/leases'))
    .map(({ method, path }) => `${method} ${path}`)
    .filter((write) => !isQuestion(write));
}

function pausesOf(times: readonly number[] = []): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

type World = Awaited<ReturnType<typeof operatorForTest>>;

async function hasSurge(world: World, name: string, maxSurge: number): Promise<boolean> {
  const { strategy } = (await world.serving(name))?.spec ?? {};
  return strategy?.rollingUpdate?.maxSurge === maxSurge;
}

function startFor(t: TestContext, world: World) {
  return startOperatorProcess(t, [
    ...['--kubeconfig', world.proxy.kubeconfig, '--watch-namespaces', world.namespace],
    ...['--operator-namespace', world.namespace, '--no-look-at-kafka'],
    ...['--pod-admin-port', String(world.runner.port)],
    ...['--http-host', '127.0.0.1', '--http-port', '0'],
  ]);
}
