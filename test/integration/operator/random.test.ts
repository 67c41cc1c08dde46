/**
 * Users, pods, the network and the operator's own restarts in random order: what must never happen
 * does not, and when it is quiet again the fleet is what its last spec says.
 *
 * `npm run test:rollouts` runs it for longer: `ROLLOUT_STEPS` steps instead of a few.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Random } from '#cli/generator/random.ts';
import { annotationKeys } from '#operator/desired/names.ts';
import type { Pod } from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import type { PodFate } from '#test/components/control-plane/pod-runner.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { seedOf } from '#test/seed-of.ts';
import { operatorForTest, readyOnes, untilQuiet, writesOf } from './operator-for-test.ts';

const stepsDefault = 12;
const pauseMsMax = 2_500;
const goodImages = ['thunder:a', 'thunder:b', 'thunder:c'];
const badImages: Readonly<Record<string, PodFate>> = {
  'thunder:crashes': { kind: 'crashLooping' },
  'thunder:absent': { kind: 'imagePullBackOff' },
  'thunder:slow': { kind: 'replaying', progress: 0.2 },
};

describe('a fleet among random events', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('never loses its last caught-up pod, and ends as its last spec says', async (t) => {
    const random = new Random(seedOf(t));
    const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;
    const steps = Number(process.env['ROLLOUT_STEPS'] ?? stepsDefault);
    const world = await operatorForTest(t, plane);
    world.runner.decide((pod) => badImages[imageOf(pod)] ?? { kind: 'ready' });
    let running = await world.start();
    const name = await world.create({
      image: 'thunder:a',
      serving: { replicas: 3 },
      rollout: { autoRollback: random.below(2) === 0, maxSurge: 1 + random.below(2) },
    });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const done: string[] = [];
    let readyMin = Number.POSITIVE_INFINITY;
    const sampler = setInterval(() => {
      const ready = readyOnes(world.runner.pods).length;
      if (ready < readyMin) done.push(`ready pods: ${ready}`);
      readyMin = Math.min(readyMin, ready);
    }, 100);
    t.after(() => clearInterval(sampler));
    const actions: Readonly<Record<string, () => Promise<unknown>>> = {
      goodImage: () => world.edit(name, { image: pick(goodImages) }),
      badImage: () => world.edit(name, { image: pick(Object.keys(badImages)) }),
      scale: () => world.edit(name, { serving: { replicas: 1 + random.below(4) } }),
      pause: () => world.edit(name, { paused: random.below(3) === 0 }),
      retry: () => world.annotate(name, { [annotationKeys.update]: String(done.length) }),
      touchDeployment: () =>
        plane.kubectl([
          ...[
            '-n',
            world.namespace,
            'set',
            'image',
            'deployment',
            '--all',
            'thunder=thunder:wrong',
          ],
        ]),
      cutWatches: async () => world.proxy.cutWatches(),
      outage: async () => {
        await world.proxy.goAway();
        await pauseFor(1_000);
        await world.proxy.comeBack();
      },
      restart: async () => {
        await running.stop();
        running = await world.start();
      },
    };
    for (let step = 0; step < steps; step++) {
      const action = pick(Object.keys(actions));
      done.push(action);
      await actions[action]?.();
      await pauseFor(random.below(pauseMsMax));
    }
    const replicas = 1 + random.below(3);
    const image = pick(goodImages);
    await world.edit(name, { image, paused: false, serving: { replicas } });
    const told = `after ${done.join(', ')}`;
    // A revision that was refused earlier is tried again when it is asked for.
    await world.annotate(name, { [annotationKeys.update]: 'last' });
    await world
      .untilCondition(name, 'Ready', { status: 'True' }, 120_000)
      .catch((error: Error) => assert.fail(`${error.message}; ${told}`));
    clearInterval(sampler);
    t.diagnostic(told);
    assert.ok(readyMin >= 1, told);
    const pods = readyOnes(world.runner.pods);
    assert.deepEqual([pods.length, new Set(pods.map(imageOf))], [replicas, new Set([image])], told);
    await untilQuiet(world.proxy, 6_000);
    const writes = writesOf(world.proxy).length;
    world.proxy.cutWatches();
    await untilQuiet(world.proxy, 3_000);
    assert.deepEqual(writesOf(world.proxy).slice(writes), []);
  });
});

function imageOf(pod: Pod): string {
  return pod.spec?.containers[0]?.image ?? '';
}

/** Random events need random times between them. */
async function pauseFor(ms: number): Promise<void> {
  const untilMs = performance.now() + ms;
  await waitFor('time has passed', () => performance.now() >= untilMs, { withinMs: ms + 30_000 });
}
