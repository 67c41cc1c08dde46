/**
 * What the catch-up machine says of itself (rule L3): sums over the partitions, and a reason in words.
 */
import { lagOf, type PartitionProgress } from './partition-progress.ts';

export type CatchUpStage = 'connecting' | 'replaying' | 'ready' | 'draining';

export interface Reset {
  readonly partition: number;
  readonly kind: 'log_shrank' | 'records_lost';
  readonly detail: string;
}

export interface CatchUpPartition {
  readonly partition: number;
  readonly position: number;
  readonly target: number;
  readonly end: number;
  readonly lag: number;
  readonly state: 'replaying' | 'live' | 'offline' | 'reset';
}

export interface CatchUpStatus {
  readonly stage: CatchUpStage;
  readonly ready: boolean;
  /** One sentence when there is something to say, else empty. */
  readonly reason: string;
  /** 0..1, null while connecting. Falls only when a target has grown. */
  readonly progress: number | null;
  /** Offsets applied since this node began, and how many there have to be for readiness. */
  readonly applied: number;
  readonly target: number;
  /** Offsets a second, smoothed over some seconds. */
  readonly ratePerSecond: number;
  /** Until the targets are reached at this rate; 0 when they are, null when unknown. */
  readonly etaSeconds: number | null;
  readonly lagEvents: number;
  readonly stalenessMs: number | null;
  /** By partition number. */
  readonly partitions: readonly CatchUpPartition[];
}

/** What a status is made from. */
export interface CatchUpFacts {
  readonly stage: CatchUpStage;
  /** The first bounds are known. */
  readonly isOpen: boolean;
  readonly everReady: boolean;
  readonly reset: Reset | null;
  readonly ratePerSecond: number;
  readonly stalenessMs: number | null;
  readonly partitions: readonly PartitionProgress[];
  /** Partitions nobody has led since the start. */
  readonly unknown: readonly number[];
}

/** An ETA beyond this says nothing. */
const etaSecondsMax = 30 * 86_400;

export function toCatchUpStatus(facts: CatchUpFacts): CatchUpStatus {
  const { stage, isOpen, reset, ratePerSecond, stalenessMs } = facts;
  const { partitions } = facts;
  let applied = 0;
  let done = 0;
  let target = 0;
  let lagEvents = 0;
  for (const progress of partitions) {
    applied += progress.position - progress.origin;
    done += Math.min(progress.position, progress.target) - progress.origin;
    target += progress.target - progress.origin;
    lagEvents += lagOf(progress);
  }
  return {
    stage,
    ready: stage === 'ready',
    reason: toReason(facts),
    progress: !isOpen ? null : target === 0 ? 1 : done / target,
    applied,
    target,
    ratePerSecond,
    etaSeconds: isOpen ? toEtaSeconds(target - done, ratePerSecond) : null,
    lagEvents,
    stalenessMs,
    partitions: [
      ...partitions.map((progress) => toPartitionStatus(progress, reset)),
      ...facts.unknown.map(unknownPartition),
    ].toSorted((one, other) => one.partition - other.partition),
  };
}

function toReason({ stage, reset, everReady, partitions, unknown }: CatchUpFacts): string {
  if (reset !== null) return `reset of partition ${reset.partition}: ${reset.detail}`;
  const unlisted = partitions.filter((progress) => !progress.listed).map((one) => one.partition);
  const offline = [...unlisted, ...unknown].toSorted((one, other) => one - other);
  if (offline.length > 0) return `partitions without a leader: ${offline.join(', ')}`;
  if (stage === 'connecting') return 'waiting for the log';
  if (stage === 'draining') return 'shutting down';
  if (stage === 'ready') return '';
  return everReady ? 'staler than the limit, catching up again' : 'catching up with the log';
}

function toPartitionStatus(progress: PartitionProgress, reset: Reset | null): CatchUpPartition {
  const { partition, position, target, end } = progress;
  return {
    partition,
    position,
    target,
    end,
    lag: lagOf(progress),
    state: toState(progress, reset),
  };
}

function unknownPartition(partition: number): CatchUpPartition {
  return { partition, position: 0, target: 0, end: 0, lag: 0, state: 'offline' };
}

function toState(progress: PartitionProgress, reset: Reset | null): CatchUpPartition['state'] {
  if (reset?.partition === progress.partition) return 'reset';
  if (!progress.listed) return 'offline';
  return progress.position >= progress.target ? 'live' : 'replaying';
}

function toEtaSeconds(missing: number, ratePerSecond: number): number | null {
  if (missing <= 0) return 0;
  const seconds = missing / ratePerSecond;
  return seconds <= etaSecondsMax ? seconds : null;
}
