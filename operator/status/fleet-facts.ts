/**
 * Everything that a pass has seen of a fleet, as the status is computed from it.
 */
import type { FleetIdentity, ParsedFleet } from '#operator/fleet/fleet.ts';
import type { PodFacts } from '#operator/rollout/pod-facts.ts';
import type { AppliedDeployment, RolloutOutcome } from '#operator/rollout/rollout-facts.ts';
import type { Stop } from '#operator/rollout/rollout-state.ts';

/** What the operator's own look at Kafka found. */
export interface KafkaFacts {
  /** Null: it has not looked, or may not. */
  readonly isReachable: boolean | null;
  /** Why not, one sentence without secrets; empty when there is nothing to say. */
  readonly detail: string;
  /** Since when this is so. */
  readonly sinceMs: number;
  /** Null: not known. */
  readonly hasTopic: boolean | null;
}

/** The pods of one entry of `spec.transformers`. */
export interface TransformerFacts {
  readonly name: string;
  /** Of the spec. */
  readonly replicas: number;
  readonly ready: number;
  /** Every pod wanted is of the newest template, and no other is left. */
  readonly isUpdated: boolean;
  readonly lagEvents: number | null;
  readonly trouble: Stop | null;
}

export interface FleetFacts {
  readonly nowMs: number;
  readonly identity: FleetIdentity;
  readonly parsed: ParsedFleet;
  /** Null before a step was made, and for a spec that is invalid. */
  readonly rollout: RolloutOutcome | null;
  /** Revision that pods should run. */
  readonly target: string | null;
  readonly lastGood: string | null;
  readonly applied: AppliedDeployment | null;
  readonly updateAvailable: boolean;
  /** As `hashInputs` names them. */
  readonly missingInputs: readonly string[];
  readonly pods: readonly PodFacts[];
  readonly transformers: readonly TransformerFacts[];
  readonly kafka: KafkaFacts;
  /** What keeps the spec from being applied until somebody does something; one sentence. */
  readonly obstacle?: string | undefined;
}

/** Pods that count: those on their way out are not the fleet's any more. */
export function livePods({ pods }: Pick<FleetFacts, 'pods'>): readonly PodFacts[] {
  return pods.filter((pod) => !pod.isTerminating);
}
