/**
 * What users do to a fleet in the middle of a roll, specs that cannot come up, and scales: side by
 * side, each fleet with a namespace and an operator of its own.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import type { JsonObject } from '#crds/schema/json.ts';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import { coreEvents, type Pod } from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import type { PodFate } from '#test/components/control-plane/pod-runner.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { operatorForTest, readyOnes, revisionOf } from './operator-for-test.ts';
import { PodSampler } from './pod-sampler.ts';

/** Two minutes for pods and one for Kafka, of which pods that stop at once need none. */
const deletedMsMax = 90_000;
const ready: PodFate = { kind: 'ready' };

describe('rolls that are disturbed', {
  concurrency: true,
  skip: await skipWithoutControlPlane(),
}, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('fault 51: a fleet that is deleted mid-roll takes everything with it, though Kafka is away, and says what it left there', async (t) => {
    const world = await operatorForTest(t, plane, { lookAtKafka: true });
    const { namespace, client } = world;
    await world.start();
    const name = await world.create({ image: 'thunder:1', serving: { replicas: 3 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    world.runner.decide(unless('thunder:2', { kind: 'replaying', progress: 0.3 }));
    await world.edit(name, { image: 'thunder:2' });
    await waitFor('it rolls', () => imagesOf(world.runner.pods).has('thunder:2'));
    const deletedMs = performance.now();
    await client.delete(thunderFleets, { namespace, name });
    await waitFor('its pods are gone', () => world.runner.pods.length === 0);
    await waitFor('the fleet is gone', async () => (await world.get(name)) === undefined, {
      withinMs: deletedMsMax,
    });
    t.diagnostic(`gone after ${Math.round(performance.now() - deletedMs)} ms`);
    const kinds = 'deploy,rs,pods,svc,pdb,networkpolicies,secrets,controllerrevisions';
    await waitFor('nothing of it is left', async () => {
      const left = await plane.kubectl(['-n', namespace, 'get', kinds, '-o', 'name']);
      return left.stdout.trim() === '';
    });
    const left = await waitFor('the event is there', async () => {
      const { items } = await client.list(coreEvents, { namespace });
      return items.find(({ reason }) => reason === 'GroupsLeftBehind');
    });
    assert.match(left.message ?? '', /^Consumer groups of the fleet were not removed: .*Kafka at/);
  });

  it('fault 52: five edits in the middle of a roll end at the last one, which restarts no pod that is right already', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const name = await world.create({ image: 'thunder:1', serving: { replicas: 3 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const sampler = new PodSampler(() => world.runner.pods);
    const wrong: string[] = [];
    let isOver = false;
    t.after(() => {
      isOver = true;
    });
    const watching = (async () => {
      while (!isOver) {
        const { metadata, spec, status } = (await world.get(name)) ?? {};
        const { observedGeneration = 0, conditions = [] } = (status ?? {}) as ThunderFleetStatus;
        const { generation = 0 } = metadata ?? {};
        const ofThis = conditions.filter((each) => each.observedGeneration === generation);
        const isReady = ofThis.some((each) => each.type === 'Ready' && each.status === 'True');
        const { image = '' } = (spec ?? {}) as { image?: string };
        const images = imagesOf(readyOnes(world.runner.pods));
        if (observedGeneration > generation) wrong.push(`${observedGeneration} > ${generation}`);
        if (isReady && !images.has(image)) {
          wrong.push(`Ready at ${generation}, pods run ${[...images].join(', ')}`);
        }
      }
    })();
    // Only the first edit's pods come up; those of the others would take their time.
    const good = ['thunder:1', 'thunder:2'];
    world.runner.decide((pod) =>
      good.includes(imageOf(pod)) ? ready : { kind: 'replaying', progress: 0.1 },
    );
    await world.edit(name, { image: 'thunder:2' });
    const first = await waitFor('one pod of the first edit is ready', () =>
      readyOnes(world.runner.pods).find((pod) => imageOf(pod) === 'thunder:2'),
    );
    for (const tag of ['3', '4', '5']) {
      await world.edit(name, { image: `thunder:${tag}` });
      await waitFor(`a pod of thunder:${tag}`, () =>
        imagesOf(world.runner.pods).has(`thunder:${tag}`),
      );
    }
    await world.edit(name, { image: 'thunder:2' });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    isOver = true;
    await watching;
    assert.deepEqual(wrong, []);
    const seen = sampler.stop();
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.readyMin >= 3 && seen.totalMax <= 4);
    const pods = readyOnes(world.runner.pods);
    assert.deepEqual(pods.map(imageOf), ['thunder:2', 'thunder:2', 'thunder:2']);
    assert.ok(
      pods.some(({ metadata }) => metadata.uid === first.metadata.uid),
      'it was restarted',
    );
    const { metadata } = (await world.get(name)) ?? {};
    assert.equal((await world.statusOf(name))?.observedGeneration, metadata?.generation);
  });

  const hopeless: Readonly<
    Record<string, { edit: JsonObject; fate: PodFate; reason: string; cause: RegExp }>
  > = {
    'an image that cannot be pulled': {
      edit: { image: 'thunder:2' },
      fate: { kind: 'imagePullBackOff' },
      reason: 'ImagePullBackOff',
      cause: /the image cannot be pulled: check spec\.image/,
    },
    'a pod that no machine takes': {
      edit: { image: 'thunder:2' },
      fate: { kind: 'unschedulable', sinceMs: Date.now() - 600_000 },
      reason: 'Unschedulable',
      cause: /0\/3 nodes are available/,
    },
    'an address where no Kafka is': {
      edit: { kafka: { brokers: ['127.0.0.1:2'] } },
      fate: {
        kind: 'replaying',
        progress: 0,
        report: { stage: 'connecting', reason: 'cannot reach Kafka at 127.0.0.1:2' },
      },
      reason: 'NoProgress',
      cause: /no progress within the deadline: cannot reach Kafka at 127\.0\.0\.1:2/,
    },
  };
  for (const [what, { edit, fate, reason, cause }] of Object.entries(hopeless)) {
    it(`fault 54: ${what} stops the roll at the first pod, named with the cause`, async (t) => {
      const world = await operatorForTest(t, plane, { lookAtKafka: true });
      await world.start();
      const rollout = { progressDeadline: '10s', autoRollback: false };
      const name = await world.create({ image: 'thunder:1', serving: { replicas: 3 }, rollout });
      await world.untilCondition(name, 'Ready', { status: 'True' });
      const old = new Set(world.runner.pods.map(({ metadata }) => metadata.uid));
      const isOld = ({ metadata }: Pod): boolean => old.has(metadata.uid);
      world.runner.decide((pod) => (isOld(pod) ? ready : fate));
      const sampler = new PodSampler(() => world.runner.pods);
      await world.edit(name, edit);
      const halted = await world.untilCondition(name, 'Progressing', { status: 'False', reason });
      const bad = world.runner.pods.filter((pod) => !isOld(pod));
      assert.equal(bad.length, 1);
      assert.ok(halted.message.includes(`Pod ${bad[0]?.metadata.name},`), halted.message);
      assert.match(halted.message, cause);
      assert.equal((await world.condition(name, 'Available'))?.status, 'True');
      const seen = sampler.stop();
      assert.ok(seen.readyMin >= 3 && seen.totalMax <= 4, JSON.stringify(seen));
      // Corrected, with nothing to delete by hand.
      await world.edit(name, { image: 'thunder:1', kafka: { brokers: ['127.0.0.1:1'] } });
      await world.untilCondition(name, 'Ready', { status: 'True' });
      assert.equal(readyOnes(world.runner.pods).filter(isOld).length, 3);
    });
  }

  it('fault 54: a fleet that was made with an address where no Kafka is does not catch up for ever', async (t) => {
    const world = await operatorForTest(t, plane, { lookAtKafka: true });
    await world.start();
    const report = { stage: 'connecting', reason: 'cannot reach Kafka at 127.0.0.1:1' } as const;
    world.runner.decide(() => ({ kind: 'replaying', progress: 0, report }));
    const name = await world.create({ rollout: { progressDeadline: '10s' } });
    const { message } = await world.untilCondition(name, 'Progressing', {
      ...{ status: 'False', reason: 'NoProgress' },
    });
    assert.match(message, /^Pod .*no progress within the deadline: cannot reach Kafka at/);
    const unreachable = await world.untilCondition(name, 'KafkaReachable', { status: 'False' });
    assert.match(unreachable.message, /^Not reached since .*Kafka at 127\.0\.0\.1:1/);
    world.runner.decide(() => ready);
    await world.untilCondition(name, 'Ready', { status: 'True' });
  });

  it('fault 60: from none to three and back, and an only pod goes when the next has caught up', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const name = await world.create({ image: 'thunder:1', serving: { replicas: 0 } });
    await world.untilCondition(name, 'Ready', { status: 'True', reason: 'ScaledToZero' });
    assert.equal(world.runner.pods.length, 0);
    await world.edit(name, { serving: { replicas: 3 } });
    await world.untilCondition(name, 'Ready', { status: 'True', reason: 'AllPodsReady' });
    assert.equal(readyOnes(world.runner.pods).length, 3);
    await world.edit(name, { serving: { replicas: 1 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const [only] = readyOnes(world.runner.pods);
    const sampler = new PodSampler(() => world.runner.pods);
    world.runner.decide(unless('thunder:2', { kind: 'replaying', progress: 0.5 }));
    await world.edit(name, { image: 'thunder:2' });
    await waitFor('the next one replays', () => imagesOf(world.runner.pods).has('thunder:2'));
    await world.untilCondition(name, 'Ready', { status: 'False', reason: 'RollingOut' });
    assert.deepEqual(readyOnes(world.runner.pods).map(uidOf), [only?.metadata.uid]);
    world.runner.decide(() => ready);
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const seen = sampler.stop();
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.readyMin >= 1 && seen.totalMax <= 2);
    const { items } = await world.client.list(coreEvents, { namespace: world.namespace });
    const told = items.filter(({ reason }) => reason === 'SingleReplica');
    assert.ok(told.length >= 1);
    const revisions = new Set(world.runner.pods.map(revisionOf));
    await world.edit(name, { serving: { replicas: 0 } });
    await world.untilCondition(name, 'Ready', { status: 'True', reason: 'ScaledToZero' });
    await waitFor('no pod is left', () => world.runner.pods.length === 0);
    await world.edit(name, { serving: { replicas: 2 } });
    await world.untilCondition(name, 'Ready', { status: 'True', reason: 'AllPodsReady' });
    assert.deepEqual(new Set(world.runner.pods.map(revisionOf)), revisions);
  });

  it('criterion 2: a scale that would take the last caught-up pod waits, and the rule is named', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const name = await world.create({ image: 'thunder:1', serving: { replicas: 3 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    let readyNew = 2;
    const chosen = new Set<string>();
    world.runner.decide((pod) => {
      if (imageOf(pod) === 'thunder:1' || chosen.has(uidOf(pod))) return ready;
      if (chosen.size >= readyNew) return { kind: 'replaying', progress: 0.2 };
      chosen.add(uidOf(pod));
      return ready;
    });
    await world.edit(name, { image: 'thunder:2' });
    const last = await waitFor('one old pod is left', () => {
      const old = readyOnes(world.runner.pods).filter((pod) => imageOf(pod) === 'thunder:1');
      return old.length === 1 && old[0];
    });
    // Those that had come up lose what they had.
    readyNew = 0;
    chosen.clear();
    world.runner.decide((pod) =>
      imageOf(pod) === 'thunder:1' ? ready : { kind: 'replaying', progress: 0.2 },
    );
    await waitFor('it is the last', () => readyOnes(world.runner.pods).length === 1);
    const sampler = new PodSampler(() => world.runner.pods);
    await world.edit(name, { serving: { replicas: 1 } });
    await waitFor('the rule is named', async () => {
      const { rollout, observedGeneration } = (await world.statusOf(name)) ?? {};
      return observedGeneration === 3 && rollout?.blockedBy === 'LastCaughtUpPod';
    });
    assert.deepEqual(readyOnes(world.runner.pods).map(uidOf), [uidOf(last)]);
    world.runner.decide(() => ready);
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const seen = sampler.stop();
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.readyMin >= 1);
    assert.deepEqual(readyOnes(world.runner.pods).map(imageOf), ['thunder:2']);
    assert.equal((await world.statusOf(name))?.rollout?.blockedBy, undefined);
  });
});

function unless(image: string, fate: PodFate): (pod: Pod) => PodFate {
  return (pod) => (imageOf(pod) === image ? fate : ready);
}

function imageOf(pod: Pod): string {
  return pod.spec?.containers[0]?.image ?? '';
}

function imagesOf(pods: readonly Pod[]): Set<string> {
  return new Set(pods.map(imageOf));
}

function uidOf({ metadata }: Pod): string {
  return metadata.uid ?? '';
}
