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
  ];
}
