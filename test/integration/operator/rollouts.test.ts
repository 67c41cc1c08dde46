/**
 * Rolling updates under the real Deployment controller: capacity stays, bad revisions stop, and the
 * last caught-up pod is never given up.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { type PodFate, ready } from '#test/components/control-plane/pod-runner.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { operatorForTest, readyOnes, revisionOf } from './operator-for-test.ts';
import { PodSampler } from './pod-sampler.ts';

const image = (tag: string): string => `registry.example.com/thunder:${tag}`;
const bad: PodFate = { kind: 'imagePullBackOff' };

describe('rollouts on a real API server', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('criterion 1: ready pods never fall below what is wanted, nor do pods exceed the surge, though the spec is edited midway', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const name = await world.create({ image: image('1'), serving: { replicas: 3 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const sampler = new PodSampler(() => world.runner.pods);
    await world.edit(name, { image: image('2') });
    await waitFor('a pod of the second revision', () =>
      imagesOf(world.runner.pods).has(image('2')),
    );
    await world.edit(name, { image: image('3') });
    await waitFor('a pod of the third revision', () => imagesOf(world.runner.pods).has(image('3')));
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const seen = sampler.stop();
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.samples > 20);
    assert.ok(seen.readyMin >= 3);
    assert.ok(seen.totalMax <= 4);
    assert.deepEqual([...imagesOf(readyOnes(world.runner.pods))], [image('3')]);
    const status = await world.statusOf(name);
    assert.equal(status?.updatedReplicas, 3);
    assert.equal(status?.observedGeneration, 3);
  });

  it('criterion 2: the last caught-up pod stays through a bad revision and a scale to one, and the rule is named', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const name = await world.create({
      image: image('good'),
      serving: { replicas: 2 },
      rollout: { autoRollback: false },
    });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const sampler = new PodSampler(() => world.runner.pods);
    world.runner.decide((pod) => (imageOf(pod) === image('good') ? ready : bad));
    await world.edit(name, { image: image('bad') });
    const halted = await world.untilCondition(name, 'Progressing', { reason: 'ImagePullBackOff' });
    const badPod = world.runner.pods.find((pod) => imageOf(pod) === image('bad'));
    assert.ok(halted.message.includes(badPod?.metadata.name ?? '?'), halted.message);
    assert.equal((await world.statusOf(name))?.rollout?.blockedBy, 'RolloutHalted');
    await world.edit(name, { serving: { replicas: 1 } });
    await world.untilCondition(name, 'Ready', { status: 'False', reason: 'RolloutHalted' });
    await world.edit(name, { image: image('worse') });
    await waitFor('the worse one is tried', () => imagesOf(world.runner.pods).has(image('worse')));
    await world.untilCondition(name, 'Progressing', { reason: 'ImagePullBackOff' });
    assert.ok(readyOnes(world.runner.pods).length >= 1);
    await world.edit(name, { image: image('good') });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assert.equal(readyOnes(world.runner.pods).length, 1);
    const seen = sampler.stop();
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.readyMin >= 1);
    // Zero only when asked for.
    await world.edit(name, { serving: { replicas: 0 } });
    await world.untilCondition(name, 'Ready', { status: 'True', reason: 'ScaledToZero' });
    await waitFor('no pod is left', () => world.runner.pods.length === 0);
  });

  it('criterion 3: a bad revision halts with one bad pod, is rolled back in 5 s, and costs no old pod', async (t) => {
    const world = await operatorForTest(t, plane);
    await world.start();
    const name = await world.create({
      image: image('good'),
      serving: { replicas: 3 },
      rollout: { autoRollback: true },
    });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await waitFor('the revision is proven, and Kubernetes counts on its pods', async () => {
      const { revisions } = (await world.statusOf(name)) ?? {};
      const { status } = (await world.serving(name)) ?? {};
      return revisions?.current !== undefined && status?.availableReplicas === 3;
    });
    const old = new Set(readyOnes(world.runner.pods).map(({ metadata }) => metadata.uid));
    world.runner.decide((pod) => (imageOf(pod) === image('good') ? ready : { kind: 'pending' }));
    const sampler = new PodSampler(() => world.runner.pods);
    await world.edit(name, { image: image('bad') });
    await waitFor('a bad pod', () => imagesOf(world.runner.pods).has(image('bad')));
    world.runner.decide((pod) => (imageOf(pod) === image('good') ? ready : bad));
    const badMs = performance.now();
    await waitFor('the good template is back', async () => {
      const { spec } = (await world.serving(name)) ?? {};
      return imageOf(spec?.template ?? {}) === image('good');
    });
    const tookMs = Math.round(performance.now() - badMs);
    t.diagnostic(`back after ${tookMs} ms`);
    assert.ok(tookMs < 5_000);
    await waitFor('the bad pod is gone', () => !imagesOf(world.runner.pods).has(image('bad')));
    const refused = await world.untilCondition(name, 'Ready', {
      status: 'False',
      reason: 'RolledBack',
    });
    assert.match(refused.message, /ImagePullBackOff of pod .*: the image cannot be pulled/);
    assert.equal((await world.statusOf(name))?.rollout?.blockedBy, 'RolledBack');
    assert.deepEqual(
      new Set(readyOnes(world.runner.pods).map(({ metadata }) => metadata.uid)),
      old,
    );
    const seen = sampler.stop();
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.readyMin >= 3);
    assert.ok(seen.totalMax <= 4);
    // Nothing has to be deleted by hand.
    await world.edit(name, { image: image('good') });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assert.deepEqual(
      new Set(readyOnes(world.runner.pods).map(({ metadata }) => metadata.uid)),
      old,
    );
    assert.equal(new Set(world.runner.pods.map(revisionOf)).size, 1);
  });
});

function imageOf(pod: {
  readonly spec?: { readonly containers: readonly { image?: string | undefined }[] } | undefined;
}): string {
  return pod.spec?.containers[0]?.image ?? '';
}

function imagesOf(pods: readonly Parameters<typeof imageOf>[0][]): Set<string> {
  return new Set(pods.map(imageOf));
}
