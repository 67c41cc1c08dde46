/**
 * Which pods Kubernetes should rather remove when it removes some: a hint on each pod, written only
 * when the pod changes from one class to another.
 */
import { laggingEvents } from '#operator/limits.ts';
import { isReset, type PodFacts } from './pod-facts.ts';

/** From the first to go to the last. */
const costs = { unready: '-100', behind: '-50', ordinary: '0', donor: '100' } as const;

export type PodClass = keyof typeof costs;

export function classOf(pod: PodFacts): PodClass {
  if ((pod.report?.donating ?? 0) > 0) {
    return 'donor';
  }
  if (!pod.isReady) {
    return 'unready';
  }
  return isReset(pod) || (pod.report?.lagEvents ?? 0) > laggingEvents ? 'behind' : 'ordinary';
}

/** What has to be written: pods whose hint is not that of their class. */
export function deletionCosts(
  pods: readonly PodFacts[],
): { readonly pod: string; readonly cost: string }[] {
  return pods
    .filter((pod) => !pod.isTerminating)
    .map((pod) => ({ pod, cost: costs[classOf(pod)] }))
    .filter(({ pod, cost }) => (pod.deletionCost ?? costs.ordinary) !== cost)
    .map(({ pod, cost }) => ({ pod: pod.name, cost }));
}
