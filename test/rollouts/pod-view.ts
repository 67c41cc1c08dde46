/** What the random runs look at of a pod. */
import type { Pod } from '#operator/kube/types.ts';
import type { SeenPod } from './judge.ts';

export function toSeenPod({ metadata, status }: Pod): SeenPod {
  const isLive = metadata.deletionTimestamp === undefined;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const { uid = '', name } = metadata;
  return { uid, name, isLive, isReady: isLive && ready?.status === 'True' };
}

export function imageOf(object: {
  readonly spec?: { readonly containers: readonly { image?: string | undefined }[] } | undefined;
}): string {
  return object.spec?.containers[0]?.image ?? '';
}
