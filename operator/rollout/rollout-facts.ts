/**
 * What a step of a rollout looks at, and what comes out of it.
 */
import type { blockedByRules } from '#crds/thunder-fleet/status.ts';
import type { DeploymentPlan } from '#operator/desired/deployments.ts';
import type { Verdict } from '#operator/desired/revision.ts';
import type { PodFacts } from './pod-facts.ts';
import type { RolloutState, Stop } from './rollout-state.ts';

export type BlockedBy = (typeof blockedByRules)[number];

export interface ReplicaSetFacts {
  readonly revision: string;
  /** Pods that it is to have. */
  readonly replicas: number;
  /** Pods of it that Kubernetes counts on. */
  readonly available: number;
  /** Size that it was given, and the Deployment's when it was: what tells Kubernetes of a scale. */
  readonly size: number;
  readonly sizedFor: number;
}

/**
 * The serving Deployment as it is. Its spec is never older than our own last write, whose answer is
 * newer than any cache; the rest is what caches say.
 */
export interface AppliedDeployment {
  /** Revision of its template; empty for one that somebody else has written. */
  readonly revision: string;
  readonly replicas: number;
  readonly isHeld: boolean;
  readonly isPaused: boolean;
  /** Pods that Kubernetes counts on: ready long enough. */
  readonly available: number;
  /** Its ReplicaSets that have pods, or are to have some. */
  readonly replicaSets: readonly ReplicaSetFacts[];
  /** Kubernetes has seen its newest spec. */
  readonly isObserved: boolean;
  /** Why Kubernetes cannot make pods, a quota for example; null when it can. */
  readonly createFailure: string | null;
}

export interface RolloutFacts {
  readonly nowMs: number;
  /** Of the spec. */
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly progressDeadlineMs: number;
  readonly autoRollback: boolean;
  /** Null: no wait after the first pod. */
  readonly holdMs: number | null;
  readonly isPaused: boolean;
  /** Value of the annotation `thunder.dev/continue`. */
  readonly continueRequest: string | null;
  /** What pods should run; null before everything that they need is there. */
  readonly target: {
    readonly id: string;
    readonly isRefused: boolean;
    /** Value of `thunder.dev/update` that it has taken notice of. */
    readonly updateSeen: string | null;
  } | null;
  /** Something that they need is missing: they keep what they have. */
  readonly isMissingInputs: boolean;
  /** The last revision that all pods ran, caught up. */
  readonly lastGood: string | null;
  readonly applied: AppliedDeployment | null;
  /** All pods of the selector, terminating ones too. */
  readonly pods: readonly PodFacts[];
  /** This fleet has one of the places for rollouts, or could have one. */
  readonly mayStart: boolean;
  /** Pods that were up to date fall behind as well: a stall is then nobody's fault here. */
  readonly isKafkaAway: boolean;
}

export interface RolloutEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'RolloutStarted' | 'RolloutHalted' | 'RolledBack' | 'CaughtUp';
  readonly message: string;
}

export interface RolloutOutcome {
  readonly state: RolloutState;
  /** What the Deployment should be; null while there is to be none. */
  readonly plan: (DeploymentPlan & { readonly revision: string }) | null;
  /** What was learnt about revisions. */
  readonly verdicts: readonly { readonly revision: string; readonly verdict: Verdict }[];
  readonly events: readonly RolloutEvent[];
  readonly blockedBy: BlockedBy | null;
  /** A pod that does not come up, whether or not that stops anything. */
  readonly trouble: Stop | null;
  /** Look again after this, even if nothing changes; null: no need. */
  readonly requeueAfterMs: number | null;
}
