/**
 * What clusters do to fleets every day: autoscalers, and drains of machines. And what a pod's own
 * word becomes in the status.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { names } from '#crds/thunder-fleet/crd.ts';
import { DecodeFailures } from '#node/ingest/decode-failures.ts';
import { childName } from '#operator/desired/names.ts';
import { coreEvents, type Pod, podDisruptionBudgets } from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { uniqueName } from '#test/integration/kube/kube-for-test.ts';
import { operatorForTest, readyOnes, revisionOf } from './operator-for-test.ts';
import { PodSampler } from './pod-sampler.ts';

/** An autoscaler looks every 15 s, and learns of new types every 30 s. */
const scaledMsMax = 120_000;

describe('a fleet in a cluster', {
  concurrency: true,
  skip: await skipWithoutControlPlane(),
}, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('criterion 8: a HorizontalPodAutoscaler drives /scale up and down, and no template changes', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const revisions = new Set(world.runner.pods.map(revisionOf));
    // Without metrics it still keeps to its bounds.
    const autoscaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { namespace: world.namespace, name },
      spec: {
        scaleTargetRef: { apiVersion: `${names.group}/${names.version}`, kind: names.kind, name },
        minReplicas: 4,
        maxReplicas: 5,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
          },
        ],
      },
    };
    await plane.kubectl(['create', '-f', '-'], JSON.stringify(autoscaler));
    const untilReplicas = (count: number) =>
      waitFor(
        `${count} pods are ready`,
        async () =>
          (await world.serving(name))?.spec?.replicas === count &&
          readyOnes(world.runner.pods).length === count,
        { withinMs: scaledMsMax },
      );
    await untilReplicas(4);
    await plane.kubectl(['-n', world.namespace, 'scale', 'tf', name, '--replicas=7']);
    await untilReplicas(5);
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const { stdout } = await plane.kubectl([
      ...['-n', world.namespace, 'get', 'hpa', name, '-o', 'jsonpath={.status.currentReplicas}'],
    ]);
    assert.match(stdout, /^[57]$/);
    assert.deepEqual(new Set(world.runner.pods.map(revisionOf)), revisions);
  });

  it('criterion 14: a drain takes an unhealthy pod at once and the next when the first one’s successor has caught up', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const machines = await machinesFor(t, world, 2);
    const [drained = '', other = ''] = machines.names;
    machines.place = () => (machines.countOn(drained) < 2 ? drained : other);
    const name = await world.create({ serving: { replicas: 3 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await waitFor('two are on the machine', () => machines.countOn(drained) === 2);
    machines.place = () => other;
    const old = new Set(world.runner.pods.map(uidOf));
    const sick = world.runner.pods.find((pod) => pod.spec?.nodeName === drained);
    let areNewOnesReady = false;
    const fare = (): void =>
      world.runner.decide((pod) =>
        uidOf(pod) !== uidOf(sick) && (old.has(uidOf(pod)) || areNewOnesReady)
          ? { kind: 'ready' }
          : { kind: 'replaying', progress: 0.4 },
      );
    fare();
    await waitFor('the budget allows nothing', async () => {
      const at = { namespace: world.namespace, name: childName({ name }, 'serving') };
      const budget = await world.client.get(podDisruptionBudgets, at);
      return budget?.status?.disruptionsAllowed === 0;
    });
    const sampler = new PodSampler(() => world.runner.pods);
    const draining = plane.kubectl(drain(drained));
    await waitFor('the sick one is gone, and its successor there', () => {
      const uids = world.runner.pods.map(uidOf);
      return !uids.includes(uidOf(sick)) && uids.some((uid) => !old.has(uid));
    });
    assert.equal(readyOnes(world.runner.pods).length, 2);
    assert.equal(machines.countOn(drained), 1);
    areNewOnesReady = true;
    fare();
    const { stderr, stdout } = await draining;
    assert.match(stdout, /drained/);
    t.diagnostic(
      stderr.split('\n').find((line) => /disruption budget/.test(line)) ?? 'not refused',
    );
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const seen = sampler.stop();
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.readyMin >= 2);
    await waitFor('all are on the other one', () => machines.countOn(other) === 3);
  });

  it('criterion 14: a drain of an only replica is not blocked, and its gap was told before', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const machines = await machinesFor(t, world, 2);
    const [drained = '', other = ''] = machines.names;
    machines.place = () => drained;
    const name = await world.create({ serving: { replicas: 1 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const told = await waitFor('the event is there', async () => {
      const { items } = await world.client.list(coreEvents, { namespace: world.namespace });
      return items.find(({ reason }) => reason === 'SingleReplica');
    });
    assert.match(told.message ?? '', /nobody answers while its machine is drained/);
    await waitFor('it is on the machine', () => machines.countOn(drained) === 1);
    machines.place = () => other;
    let isThere = false;
    const fare = (): void =>
      world.runner.decide((pod) =>
        pod.spec?.nodeName === drained || isThere
          ? { kind: 'ready' }
          : { kind: 'replaying', progress: 0.4 },
      );
    fare();
    await plane.kubectl(drain(drained));
    await world.untilCondition(name, 'Available', { status: 'False' });
    isThere = true;
    fare();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await waitFor('it is on the other one', () => machines.countOn(other) === 1);
  });

  it('records that cannot be decoded are told by Degraded, as soon as a pod warns of more than the fleet takes', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const name = await world.create({ serving: { decodeFailureMax: 25 } });
    await world.untilCondition(name, 'Degraded', { status: 'False', reason: 'AsExpected' });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const [pod] = world.runner.pods;
    const [container] = pod?.spec?.containers ?? [];
    assert.ok(container?.args?.includes('--decode-failure-max=25'));
    const warning = new DecodeFailures(25).sentence(0.5);
    const counters = { created: 1_000_000, malformed: 900 };
    world.runner.decide(({ metadata }) =>
      metadata.uid === pod?.metadata.uid
        ? { kind: 'ready', report: { warnings: [warning], counters } }
        : { kind: 'ready' },
    );
    const { message } = await world.untilCondition(name, 'Degraded', {
      ...{ status: 'True', reason: 'DecodeFailureRate' },
    });
    assert.equal(message, `Pod ${pod?.metadata.name}: ${warning}.`);
    assert.match(message, /: 50 % of the records .* more than --decode-failure-max 25\.$/);
    assert.equal((await world.condition(name, 'Ready'))?.status, 'True');
    world.runner.decide(() => ({ kind: 'ready' }));
    await world.untilCondition(name, 'Degraded', { status: 'False', reason: 'AsExpected' });
    const old = new Set(world.runner.pods.map(revisionOf));
    await world.edit(name, { serving: { decodeFailureMax: 30 } });
    await waitFor('the pods are told', () =>
      readyOnes(world.runner.pods).every((each) => !old.has(revisionOf(each))),
    );
  });

  function drain(machine: string): string[] {
    return ['drain', machine, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=50s'];
  }

  /** Nodes that nobody runs, and what puts pods on them. They are never ready, which is nobody's business. */
  async function machinesFor(t: TestContext, world: World, count: number) {
    const machineNames = Array.from({ length: count }, () => uniqueName('machine'));
    for (const name of machineNames) {
      const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
      await plane.kubectl(['create', '-f', '-'], JSON.stringify(node));
    }
    const machines = {
      names: machineNames,
      place: (): string => machineNames[0] ?? '',
      countOn: (machine: string): number =>
        world.runner.pods.filter(
          ({ spec, metadata }) =>
            spec?.nodeName === machine && metadata.deletionTimestamp === undefined,
        ).length,
    };
    let isOver = false;
    const scheduling = (async () => {
      while (!isOver) {
        const pod = await waitFor(
          'a pod without a machine',
          () => isOver || world.runner.pods.find((each) => each.spec?.nodeName === undefined),
          { withinMs: scaledMsMax },
        ).catch(() => true);
        if (typeof pod === 'object') await bind(world.namespace, pod, machines.place());
      }
    })();
    t.after(async () => {
      isOver = true;
      await scheduling;
    });
    return machines;
  }

  /** As the scheduler does. A pod that is gone or has a machine already needs none. */
  async function bind(namespace: string, { metadata: { name } }: Pod, machine: string) {
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace },
      target: { apiVersion: 'v1', kind: 'Node', name: machine },
    };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/binding`;
    await plane
      .kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(binding))
      .catch((error: Error) => assert.match(error.message, /NotFound|not found|already|Conflict/));
  }
});

type World = Awaited<ReturnType<typeof operatorForTest>>;

function uidOf(pod: Pod | undefined): string {
  return pod?.metadata.uid ?? '';
}
