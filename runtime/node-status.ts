/**
 * `/status` of a node, as the operator, the command line and people read it. Fields are only ever
 * added; readers ignore what they do not know.
 */
export type NodeRole = 'serve' | 'transform' | 'route';

/** connecting -> (snapshot ->) replaying -> ready -> draining; see docs/explanation/readiness.md. */
export type NodeStage = 'connecting' | 'snapshot' | 'replaying' | 'ready' | 'draining';

export interface PartitionStatus {
  readonly topic: string;
  readonly partition: number;
  /** Next offset to apply. */
  readonly position: number;
  /** End offset that had to be reached to become ready. */
  readonly target: number;
  /** Last stable offset when last asked. */
  readonly end: number;
  readonly lag: number;
  readonly state: 'replaying' | 'live' | 'offline' | 'reset';
}

export interface ResetStatus {
  readonly at: string;
  readonly partition: number;
  readonly kind: string;
  readonly detail: string;
}

/** In the warning of a node that can decode too few records, by which readers tell it from others. */
export const decodeFailureWords = 'of the records cannot be decoded';

export interface NodeStatus {
  readonly version: string;
  readonly role: NodeRole;
  readonly node: string;
  readonly fleet: string;
  /** That read the log and answer queries. */
  readonly threads: number;
  readonly stage: NodeStage;
  readonly ready: boolean;
  /** Why the node is in this stage, one sentence; empty when there is nothing to say. */
  readonly reason: string;
  /** 0..1 of the way to readiness, null when unknown. */
  readonly progress: number | null;
  readonly etaSeconds: number | null;
  readonly startedAt: string;
  readonly readyAt: string | null;
  readonly posts: number;
  readonly authors: number;
  readonly tombstones: number;
  readonly bytes: {
    readonly used: number;
    readonly bound: number;
    readonly byArena: Readonly<Record<string, number>>;
  };
  /** Shorter than the configured retention when memory ran full (S4). */
  readonly effectiveRetentionSeconds: number;
  readonly lagEvents: number;
  /** Now minus the last moment known to be at the log's end, worst partition; null before that. */
  readonly stalenessMs: number | null;
  readonly partitions: readonly PartitionStatus[];
  readonly warmStart: {
    readonly source: string;
    readonly bytes: number;
    readonly seconds: number;
  } | null;
  readonly donating: number;
  readonly requests: {
    readonly inFlight: number;
    readonly perSecond: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly rejected: number;
  };
  readonly resets: readonly ResetStatus[];
  /** What should be changed, one sentence each: a topic that keeps less than this node does. */
  readonly warnings: readonly string[];
  /** Events by outcome, queries cut or partial, and whatever else is worth a count. */
  readonly counters: Readonly<Record<string, number>>;
  /** Only with `/status?hash`: the state hash of rule S6, 16 hexadecimal digits. */
  readonly stateHash?: string;
}
