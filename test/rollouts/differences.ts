/** Between what a fleet's last spec says and what is there. */
import { childName, labelKeys } from '#operator/desired/names.ts';
import type { KubeClient } from '#operator/kube/ports.ts';
import {
  deployments,
  podDisruptionBudgets,
  pods as podType,
  replicaSets,
  services,
} from '#operator/kube/types.ts';
import type { Plan } from './plan.ts';
import { imageOf, toSeenPod } from './pod-view.ts';
import { labelByHand, type World } from './world.ts';

export async function differencesOf(
  client: KubeClient,
  world: World,
  { image, replicas }: Plan['last'],
): Promise<string[]> {
  const found: string[] = [];
  const expect = (what: string, is: unknown, wanted: unknown): void => {
    if (JSON.stringify(is) !== JSON.stringify(wanted)) {
      found.push(`in the end ${what} is ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`);
    }
  };
  const { namespace } = world.ref;
  const labelSelector = `${labelKeys.fleet}=${world.name}`;
  const ref = (role: Parameters<typeof childName>[1]) => ({
    namespace,
    name: childName(world, role),
  });
  const pods = (await client.list(podType, { namespace, labelSelector })).items;
  expect(
    'the list of pods',
    pods.map((pod) => [imageOf(pod), toSeenPod(pod).isReady]),
    Array.from({ length: replicas }, () => [image, true]),
  );
  const serving = await client.get(deployments, ref('serving'));
  expect('pause of the Deployment', serving?.spec?.paused ?? false, false);
  expect('image of the Deployment', imageOf(serving?.spec?.template ?? {}), image);
  const sets = (await client.list(replicaSets, { namespace, labelSelector })).items;
  const sizes = sets.map(({ spec }) => spec?.replicas ?? 0).filter((size) => size > 0);
  expect('the list of sizes of ReplicaSets', sizes, [replicas]);
  const budget = await client.get(podDisruptionBudgets, ref('serving'));
  expect('the disruption budget', budget?.spec?.maxUnavailable, 1);
  for (const role of ['client', 'peers'] as const) {
    const service = await client.get(services, ref(role));
    expect(`the Service of ${role}`, service?.metadata.name, childName(world, role));
    if (role === 'client' && world.hasLabel) {
      expect("somebody's label", service?.metadata.labels?.[labelByHand], 'feed');
    }
  }
  return found;
}
