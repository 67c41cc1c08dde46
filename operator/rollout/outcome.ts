/**
 * How a step says what it has decided.
 */
import type { RolloutFacts, RolloutOutcome } from './rollout-facts.ts';
import type { Progress, RolloutState } from './rollout-state.ts';
import { safeReplicas } from './scale-guard.ts';

export type Decided = Partial<Omit<RolloutOutcome, 'state' | 'plan'>> & {
  readonly revision: string;
  readonly replicas?: number;
  readonly isHeld?: boolean;
  readonly isPaused?: boolean;
};

/** Fills in what a decision says nothing about. */
export function toOutcome(
  state: RolloutState,
  facts: RolloutFacts,
  decided: Decided,
): RolloutOutcome {
  const { revision, isHeld = false, isPaused = false, ...rest } = decided;
  const replicas = decided.replicas ?? safeReplicas(facts);
  const isGuarded = decided.replicas === undefined && replicas > facts.replicas;
  return {
    state,
    plan: { revision, replicas, isHeld, isPaused },
    verdicts: rest.verdicts ?? [],
    events: rest.events ?? [],
    blockedBy:
      rest.blockedBy ??
      (isGuarded ? 'LastCaughtUpPod' : facts.isMissingInputs ? 'SecretMissing' : null),
    trouble: rest.trouble ?? null,
    requeueAfterMs: rest.requeueAfterMs ?? null,
  };
}

/** Pods of one revision catch up; the time since when goes on from `before`. */
export function settling(
  facts: RolloutFacts,
  before: Extract<RolloutState, { kind: 'settling' }> | null,
  progress: Progress = { mark: 0, markAtMs: facts.nowMs },
): RolloutState {
  return { kind: 'settling', sinceMs: before?.sinceMs ?? facts.nowMs, progress };
}
