/**
 * The end of a wait: held pods become ordinary ones before their template is left.
 */
import { minReadySeconds } from '#operator/limits.ts';
import { toOutcome } from './outcome.ts';
import type { AppliedDeployment, RolloutFacts, RolloutOutcome } from './rollout-facts.ts';
import type { RolloutState } from './rollout-state.ts';

/**
 * Before a template that was held is left, its pods have to count again: Kubernetes removes first
 * what it does not count on, and they may be the last that answer. So may pods that have only just
 * become ready, while there are other pods to choose from. Undefined once all count.
 */
export function letCount(
  state: RolloutState,
  facts: RolloutFacts,
  applied: AppliedDeployment,
): RolloutOutcome | undefined {
  const { revision, isHeld, isPaused, isObserved, available } = applied;
  const ready = facts.pods.filter((pod) => pod.isReady);
  const isCounted = isObserved && available >= ready.length;
  const isOfIt = ready.some((pod) => pod.revision === revision);
  const isAtRisk = applied.replicaSets.length > 1 || (isPaused && isOfIt);
  return isHeld || (isAtRisk && !isCounted)
    ? toOutcome(state, facts, {
        revision,
        isPaused: true,
        requeueAfterMs: minReadySeconds * 1_000,
      })
    : undefined;
}
