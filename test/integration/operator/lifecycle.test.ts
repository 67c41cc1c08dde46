/**
 * Fleets that come, go, wait for each other, and are taken away with their namespace or their type.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { annotationKeys } from '#operator/desired/names.ts';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import { configMaps, coreEvents, services } from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { operatorForTest, readyOnes, revisionOf, untilQuiet } from './operator-for-test.ts';

describe('the life of fleets', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  // First: a type with fleets that nobody looks after any more could not go.
  it('fault 65: outlives its own type, which comes back, and a namespace that is deleted with its fleets', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace, client } = world;
    const { lifecycle } = await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await plane.kubectl(['delete', 'crd', 'thunderfleets.thunder.dev', '--wait=false']);
    await waitFor('its objects are gone', async () => (await world.serving(name)) === undefined);
    await waitFor('the type is gone', async () =>
      world.get(name).then(
        () => false,
        () => true,
      ),
    );
    assert.equal(lifecycle.signal.aborted, false);
    await world.installCrd();
    const again = await waitFor('a fleet can be made', () => world.create().catch(() => false));
    await world.untilCondition(String(again), 'Ready', { status: 'True' });
    await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    await waitFor('the namespace is gone', async () => {
      const { items } = await client.list(configMaps, { namespace });
      return items.length === 0 && (await world.get(String(again))) === undefined;
    });
    assert.equal(lifecycle.signal.aborted, false);
  });

  it('a deleted fleet takes everything with it', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace, client } = world;
    await world.start();
    const name = await world.create({
      transformers: [{ name: 'tweets', input: { topic: 'tweets' } }],
      security: { networkPolicy: { enabled: true } },
    });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await client.delete(thunderFleets, { namespace, name });
    await waitFor('the fleet is gone', async () => (await world.get(name)) === undefined);
    const kinds = 'deploy,rs,pods,svc,pdb,networkpolicies,secrets,controllerrevisions';
    await waitFor('nothing of it is left', async () => {
      const left = await plane.kubectl(['-n', namespace, 'get', kinds, '-o', 'name']);
      return left.stdout.trim() === '';
    });
  });

  it('an object of somebody else by the same name is left alone, and named', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace, client } = world;
    await world.start();
    const theirs = await client.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name: 'feed' },
      spec: { ports: [{ port: 80 }] },
    });
    await world.create({}, 'feed');
    const { message } = await world.untilCondition('feed', 'Ready', { reason: 'NotApplied' });
    assert.match(message, /^Service feed is there already and belongs to somebody else/);
    const now = await client.get(services, { namespace, name: 'feed' });
    assert.equal(now?.metadata.resourceVersion, theirs.metadata.resourceVersion);
    await client.delete(services, { namespace, name: 'feed' });
    await world.untilCondition('feed', 'Ready', { status: 'True' });
  });

  it('fault 53: a spec that was stored before it became invalid is named, and its pods keep running', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace, client } = world;
    const first = await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const pods = new Set(world.runner.pods.map(({ metadata }) => metadata.uid));
    await first.stop();
    const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const path = '/spec/versions/0/schema/openAPIV3Schema/properties/spec';
    const patch = JSON.stringify([{ op: 'replace', path, value: anything }]);
    await plane.kubectl(['patch', 'crd', 'thunderfleets.thunder.dev', '--type=json', '-p', patch]);
    await waitFor('it is stored', () =>
      client
        .patch(thunderFleets, { namespace, name }, { spec: { serving: { retention: '200h' } } })
        .then(
          () => true,
          () => false,
        ),
    );
    await world.installCrd();
    await world.start();
    const { message } = await world.untilCondition(name, 'Ready', {
      ...{ status: 'False', reason: 'InvalidSpec' },
    });
    assert.match(message, /^spec\.serving\.retention: .*correct the spec\.$/);
    assert.deepEqual(
      new Set(readyOnes(world.runner.pods).map(({ metadata }) => metadata.uid)),
      pods,
    );
    await world.edit(name, { serving: { retention: null } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assert.deepEqual(
      new Set(readyOnes(world.runner.pods).map(({ metadata }) => metadata.uid)),
      pods,
    );
  });

  it('fleets roll one at a time, and a halted one gives up its place', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const fleet = { image: 'thunder:1', rollout: { autoRollback: false } };
    const names = await Promise.all(['a', 'b'].map((name) => world.create(fleet, name)));
    for (const name of names) {
      await world.untilCondition(name, 'Ready', { status: 'True' });
    }
    await untilQuiet(world.proxy);
    world.runner.decide((pod) =>
      pod.spec?.containers[0]?.image === 'thunder:2' ? { kind: 'pending' } : { kind: 'ready' },
    );
    await world.edit('a', { image: 'thunder:2' });
    await world.untilCondition('a', 'Ready', { reason: 'RollingOut' });
    await world.edit('b', { image: 'thunder:2' });
    await world.untilCondition('b', 'Ready', { reason: 'WaitingForOthers' });
    assert.equal((await world.statusOf('b'))?.rollout?.blockedBy, 'MaxRollouts');
    world.runner.decide((pod) =>
      pod.spec?.containers[0]?.image === 'thunder:2' ? { kind: 'crashLooping' } : { kind: 'ready' },
    );
    await world.untilCondition('a', 'Progressing', { reason: 'CrashLoopBackOff' });
    await world.untilCondition('b', 'Progressing', { reason: 'CrashLoopBackOff' });
    assert.equal(readyOnes(world.runner.pods).length, 4);
  });

  it('holds after the first pod until it is told to go on', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const rollout = { holdAfterFirst: '1h' };
    const name = await world.create({ image: 'thunder:1', serving: { replicas: 3 }, rollout });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await world.edit(name, { image: 'thunder:2' });
    await world.untilCondition(name, 'Progressing', { reason: 'HoldAfterFirst' });
    await untilQuiet(world.proxy, 7_000);
    const held = readyOnes(world.runner.pods).filter(
      ({ spec }) => spec?.containers[0]?.image === 'thunder:2',
    );
    assert.equal(held.length, 1);
    await world.annotate(name, { [annotationKeys.continue]: '1' });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assert.equal(new Set(world.runner.pods.map(revisionOf)).size, 1);
  });

  it('pods whose log was reset are replaced one by one, and the reason is told', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace, client } = world;
    await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const old = new Set(world.runner.pods.map(({ metadata }) => metadata.uid));
    const partition = {
      ...{ topic: 'in_network_events', partition: 0, position: 1, target: 1, end: 1, lag: 0 },
      state: 'reset' as const,
    };
    const reset = { at: '2026-11-23T00:00:00Z', partition: 0, kind: 'recreated' };
    const detail = 'the topic was re-created';
    world.runner.decide(({ metadata }) =>
      old.has(metadata.uid)
        ? { kind: 'ready', report: { partitions: [partition], resets: [{ ...reset, detail }] } }
        : { kind: 'ready' },
    );
    await waitFor('all pods are new', () => {
      const now = readyOnes(world.runner.pods);
      return now.length === 2 && now.every(({ metadata }) => !old.has(metadata.uid));
    });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await waitFor('the event is there', async () => {
      const { items } = await client.list(coreEvents, { namespace });
      const events = items.filter(({ reason }) => reason === 'OffsetReset');
      return events.length === 1 && events[0]?.message?.includes(detail) === true;
    });
  });
});
