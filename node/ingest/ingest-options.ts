/**
 * What ingest is given and what it tells.
 */
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/logger.ts';
import type { PartitionStatus, ResetStatus } from '#runtime/node-status.ts';
import type { EventApplier } from './apply-event.ts';
import type { CatchUpStage, CatchUpStatus } from './catch-up-status.ts';
import type { EventSource, SourceFacts } from './event-source.ts';

/** Numbers that metrics show; a node's metrics fit as they are. */
export interface IngestRecorder {
  /** Failures to read from the log, each retried. */
  readonly pollErrors: { value: number };
  /** Records that could not be decoded. */
  readonly parseFailures: { value: number };
  /** Seconds of work that one delivered batch took, pauses for others excluded. */
  readonly batchSeconds: { observe(seconds: number): void };
}

export interface IngestOptions {
  readonly source: EventSource;
  readonly applier: EventApplier;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: IngestRecorder;
  /** L2: records that the log lost before they were read do no harm when they are older than this. */
  readonly retentionSeconds: number;
  /** L1; see `CatchUpOptions`. */
  readonly readyLagEvents: number;
  readonly readyLagMs: number;
  /** L2; null for never. */
  readonly maxStalenessMs: number | null;
  /** Percent of records that cannot be decoded, beyond which a starting node does not become ready; 100 for never. */
  readonly decodeFailurePercentMax: number;
  /** Between two looks at the log's ends once ready. Bounds how exact staleness is. */
  readonly boundsIntervalMs: number;
  readonly commitIntervalMs: number;
  /** L3, L5: between two progress and stats lines. */
  readonly statsIntervalMs: number;
  /** L5: between two reclaim passes; 120 s at most. */
  readonly reclaimIntervalMs: number;
  readonly reclaim: (nowSeconds: number) => void;
  /** How often it is checked what is due. */
  readonly tickMs: number;
  /** Further fields of the stats line, of the store and the server. */
  readonly statsFields?: () => Readonly<Record<string, number>>;
  readonly onStage?: (stage: CatchUpStage) => void;
  /** L2: the log is not the one that was applied. Nothing more will be applied. */
  readonly onReset?: (reset: ResetStatus) => void;
}

export interface IngestStatus extends Omit<CatchUpStatus, 'partitions'> {
  readonly partitions: readonly PartitionStatus[];
  /** What the source says beside the records. */
  readonly source: SourceFacts;
  readonly startedAt: string;
  readonly readyAt: string | null;
  readonly resets: readonly ResetStatus[];
  /** What should be changed, one sentence each; nothing that is in the way by itself. */
  readonly warnings: readonly string[];
  /** Share of records that could not be decoded: of all until ready, then of the newest. */
  readonly decodeFailureShare: number;
  /** Of this node against the newest records, positive when ahead; null while unknown. */
  readonly clockSkewMs: number | null;
  /** Records by outcome, and what else is counted here. */
  readonly counters: Readonly<Record<string, number>>;
}
