/**
 * Pods whose log was reset go on serving what they had (L2); replacing them is the operator's duty.
 * It is done as any rollout: their template gets a new stamp.
 */
import { resetRollIntervalMs } from '#operator/limits.ts';
import { isReset, type PodFacts } from './pod-facts.ts';
import { toTime } from './rollout-state.ts';

export interface ResetRoll {
  /** `Stamps.resetAt` from now on. */
  readonly resetAt: string | null;
  /** Why, one sentence for the Event; null when nothing changes. */
  readonly reason: string | null;
  /** When a reset that waits for the interval may roll the fleet; null when none does. */
  readonly requeueAfterMs: number | null;
}

/** `applied` is the revision of the Deployment and the stamp that it has. */
export function resetRoll(
  pods: readonly PodFacts[],
  applied: { readonly revision: string; readonly resetAt: string | null },
  nowMs: number,
): ResetRoll {
  const { revision, resetAt } = applied;
  // Those of an older revision are on their way out already.
  const hit = pods.filter((pod) => !pod.isTerminating && pod.revision === revision && isReset(pod));
  const [first] = hit;
  if (first === undefined) {
    return { resetAt, reason: null, requeueAfterMs: null };
  }
  const lastMs = resetAt === null ? Number.NaN : Date.parse(resetAt);
  const waitMs = Number.isNaN(lastMs) ? 0 : lastMs + resetRollIntervalMs - nowMs;
  if (waitMs > 0) {
    return { resetAt, reason: null, requeueAfterMs: waitMs };
  }
  const detail = first.report?.resets.at(-1)?.detail ?? 'the log is not the one that was applied';
  const others = hit.length === 1 ? '' : ` and ${hit.length - 1} more`;
  return {
    resetAt: toTime(nowMs),
    reason: `Pod ${first.name}${others}: ${detail}. The pods are replaced one by one.`,
    requeueAfterMs: null,
  };
}
