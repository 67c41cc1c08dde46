/**
 * Criterion 4 as far as a control plane shows it: what the operator does for pods that copy from each
 * other. How many copies a donor sends at once is the nodes' own affair.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { annotationKeys, childName } from '#operator/desired/names.ts';
import { type Pod, services } from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { operatorForTest, readyOnes } from './operator-for-test.ts';

const many = 50;
const timeoutSeconds = 420;

describe('pods that copy from each other', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('criterion 4: of 50 pods started at once those that send are the last to go, and have the time to finish', async (t) => {
    const world = await operatorForTest(t, plane);
    const { runner, namespace } = world;
    await world.start();
    const name = await world.create({
      serving: { replicas: 3 },
      warmStart: { timeout: `${timeoutSeconds}s` },
    });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const donors = new Set(namesOf(readyOnes(runner.pods)).slice(0, 2));
    const old = new Set(namesOf(runner.pods));
    runner.decide((pod) => {
      if (donors.has(pod.metadata.name)) return { kind: 'ready', report: { donating: 2 } };
      return old.has(pod.metadata.name)
        ? { kind: 'ready' }
        : { kind: 'replaying', progress: 0.3, report: { stage: 'snapshot' } };
    });
    await world.edit(name, { serving: { replicas: many } });
    await waitFor('all are made', () => runner.pods.length === many, { withinMs: 60_000 });
    await waitFor(
      'the donors are known',
      () => namesOf(runner.pods.filter((pod) => costOf(pod) === '100')).length === donors.size,
      { withinMs: 60_000 },
    );
    for (const { spec } of runner.pods) {
      assert.ok((spec?.terminationGracePeriodSeconds ?? 0) > timeoutSeconds);
    }
    const peers = await world.client.get(services, {
      namespace,
      name: childName({ name }, 'peers'),
    });
    assert.equal(peers?.spec?.clusterIP, 'None');
    assert.notEqual(peers.spec.publishNotReadyAddresses, true, 'nobody copies from an unready pod');

    // First go those that are not ready, then any but a donor.
    await world.edit(name, { serving: { replicas: 20 } });
    await waitFor('30 are gone', () => runner.pods.length === 20, { withinMs: 60_000 });
    assert.ok([...old].every((pod) => namesOf(runner.pods).includes(pod)));
    runner.decide((pod) =>
      donors.has(pod.metadata.name)
        ? { kind: 'ready', report: { donating: 2 } }
        : {
            kind: 'ready',
            report: { warmStart: { source: [...donors][0]!, bytes: 1, seconds: 1 } },
          },
    );
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await waitFor('nobody else is dear', () =>
      runner.pods.every((pod) => (costOf(pod) === '100') === donors.has(pod.metadata.name)),
    );
    await world.edit(name, { serving: { replicas: donors.size } });
    await waitFor('only as many are left', () => runner.pods.length === donors.size, {
      withinMs: 60_000,
    });
    assert.deepEqual(new Set(namesOf(runner.pods)), donors);
  });

  it('criterion 4: 50 pods without anybody to copy from are not made to wait for each other', async (t) => {
    const world = await operatorForTest(t, plane);
    const { runner } = world;
    runner.decide(() => ({ kind: 'replaying', progress: 0.1 }));
    await world.start();
    const name = await world.create({ serving: { replicas: many } });
    await waitFor('all are made', () => runner.pods.length === many, { withinMs: 60_000 });
    assert.equal((await world.condition(name, 'Ready'))?.status, 'False');
    runner.decide(() => ({ kind: 'ready' }));
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await waitFor('it is said that they replayed the log', async () => {
      const { stdout } = await plane.kubectl([
        ...['-n', world.namespace, 'get', 'events', '--field-selector', 'reason=ColdStart'],
        ...['-o', 'jsonpath={.items[*].message}'],
      ]);
      return stdout.includes('replayed the log');
    });
  });
});

function namesOf(pods: readonly Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.name);
}

function costOf({ metadata }: Pod): string | undefined {
  return metadata.annotations?.[annotationKeys.deletionCost];
}
