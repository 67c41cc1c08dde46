/**
 * What users are told of a pass, as Events: decisions, and what became of pods. The status says what
 * is, these what happened.
 */
import type { ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import type { EventToRecord } from '#operator/kube/ports.ts';
import type { FleetFacts } from './status/fleet-facts.ts';
import { podEvents } from './status/pod-events.ts';

export type FleetEvent = Omit<EventToRecord, 'regarding'>;

/** Of a pass whose decisions were applied; those of its own are in `facts.rollout`. */
export function eventsOf(
  facts: FleetFacts,
  before: ThunderFleetStatus | undefined,
  after: ThunderFleetStatus,
): FleetEvent[] {
  const rollout = facts.rollout?.events ?? [];
  return [
    ...rollout.map(({ type, reason, message }) => ({
      type,
      reason,
      action: 'Rollout',
      note: message,
    })),
    ...podEvents(before?.pods, after.pods ?? []).map(({ type, reason, message }) => ({
      type,
      reason,
      action: 'CatchUp',
      note: message,
    })),
    ...singleReplicaEvent(facts, before),
  ];
}

/** Once for each spec that asks for it: a budget cannot keep the only pod without blocking drains. */
function singleReplicaEvent(
  { parsed, identity }: FleetFacts,
  before: ThunderFleetStatus | undefined,
): FleetEvent[] {
  const isNews = before?.observedGeneration !== identity.generation;
  return isNews && parsed.ok && parsed.fleet.spec.serving.replicas === 1
    ? [
        {
          type: 'Warning',
          reason: 'SingleReplica',
          action: 'Apply',
          note: 'With one replica nobody answers while its machine is drained, until a new pod has caught up. Rollouts start the new pod first. Use two or more replicas.',
        },
      ]
    : [];
}
