/**
 * Before a template is left: held pods become ordinary ones, and Kubernetes counts what is there.
 */
import { minReadySeconds } from '#operator/limits.ts';
import { toOutcome } from './outcome.ts';
import type { AppliedDeployment, RolloutFacts, RolloutOutcome } from './rollout-facts.ts';
import type { RolloutState } from './rollout-state.ts';

/**
 * Before a template that was held is left, its pods have to count again: Kubernetes removes first
 * what it does not count on, and they may be the last that answer. So may pods that have only just
 * become ready, while there are other pods to choose from. And none that is gone may count any more:
 * for pods that it still counts on, Kubernetes would give up others. Undefined once all count.
 */
export function letCount(
  state: RolloutState,
  facts: RolloutFacts,
  applied: AppliedDeployment,
): RolloutOutcome | undefined {
  const { revision, isHeld, isPaused, isObserved, available } = applied;
  const ready = facts.pods.filter((pod) => pod.isReady);
  const isCounted = isObserved && available === ready.length;
  const isOfIt = ready.some((pod) => pod.revision === revision);
  const isAtRisk = applied.replicaSets.length > 1 || (isPaused && isOfIt);
  return isHeld || isOvercounted(facts, applied) || isClearing(applied) || (isAtRisk && !isCounted)
    ? toOutcome(state, facts, {
        revision,
        isPaused: true,
        requeueAfterMs: minReadySeconds * 1_000,
      })
    : undefined;
}

/** ReplicaSets have not noticed yet that pods of theirs are gone, or no longer ready. */
function isOvercounted(
  { pods }: Pick<RolloutFacts, 'pods'>,
  { replicaSets }: Pick<AppliedDeployment, 'replicaSets'>,
): boolean {
  return replicaSets.some(({ revision }) => {
    // A template that was changed by hand keeps its label: several may be of one revision.
    const sets = replicaSets.filter((set) => set.revision === revision);
    const counted = sets.reduce((sum, set) => sum + set.available, 0);
    return counted > pods.filter((pod) => pod.isReady && pod.revision === revision).length;
  });
}

/**
 * All pods of the template count: Kubernetes now takes the others away, and does so for a paused
 * Deployment too. Their template must not come back meanwhile: it would still count on them.
 */
function isClearing({ revision, replicas, replicaSets }: AppliedDeployment): boolean {
  const [own, ...more] = replicaSets.filter((set) => set.revision === revision);
  if (own === undefined || more.length > 0) {
    return false;
  }
  const { size, sizedFor, available } = own;
  const isSaturated = size === replicas && sizedFor === replicas && available === replicas;
  return isSaturated && replicaSets.some((set) => set !== own && set.replicas > 0);
}
