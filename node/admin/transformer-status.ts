/**
 * `/status` of a transformer: the fields of a node's status that mean something for it, the others
 * empty.
 */
import type { NodeStatus } from '#runtime/node-status.ts';
import type { TransformerStatus } from '../transform/transformer.ts';

export interface TransformerFacts {
  readonly version: string;
  readonly node: string;
  readonly fleet: string;
  readonly startedAt: string;
  readonly retentionSeconds: number;
  readonly transformer: TransformerStatus;
}

export function toTransformerStatus(facts: TransformerFacts): NodeStatus {
  const { version, node, fleet, startedAt, retentionSeconds, transformer } = facts;
  const { stage, ready, readyAt, reason, lagEvents, partitions, counters } = transformer;
  return {
    version,
    role: 'transform',
    node,
    fleet,
    threads: 1,
    stage,
    ready,
    reason,
    progress: ready ? 1 : null,
    etaSeconds: ready ? 0 : null,
    startedAt,
    readyAt,
    posts: 0,
    authors: 0,
    tombstones: 0,
    bytes: { used: 0, bound: 0, byArena: {} },
    effectiveRetentionSeconds: retentionSeconds,
    lagEvents,
    stalenessMs: null,
    partitions,
    warmStart: null,
    donating: 0,
    requests: { inFlight: 0, perSecond: 0, p50Ms: 0, p99Ms: 0, rejected: 0 },
    resets: [],
    warnings: [],
    counters,
  };
}
