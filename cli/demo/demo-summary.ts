/**
 * What `thunder demo --once --json` says, as its last line of standard output.
 */
import type { NodeStatus } from '#runtime/node-status.ts';
import type { Comparison } from './compare-answers.ts';

export interface DemoSummary {
  /** Tweet events acknowledged by Kafka. */
  readonly produced: number;
  /** In-network events written by the transformer. */
  readonly transformed: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly ready: boolean;
    /** Records of the log that the node has been through. */
    readonly applied: number;
    readonly posts: number;
    /** From the start of the process. */
    readonly secondsToReady: number;
  }[];
  readonly queries: number;
  readonly failedQueries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly answersEqualAcrossNodes: boolean;
  readonly answersEqualOracle: boolean;
}

export interface DemoFacts {
  readonly produced: number;
  readonly transformer: NodeStatus;
  readonly nodes: readonly { readonly status: NodeStatus; readonly secondsToReady: number }[];
  readonly queries: number;
  readonly failedQueries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly comparison: Comparison;
}

export function toSummary(facts: DemoFacts): DemoSummary {
  const { counters } = facts.transformer;
  return {
    produced: facts.produced,
    transformed: (counters['written_create'] ?? 0) + (counters['written_delete'] ?? 0),
    nodes: facts.nodes.map(({ status, secondsToReady }) => ({
      name: status.node,
      ready: status.ready,
      applied: status.partitions.reduce((sum, { position }) => sum + position, 0),
      posts: status.posts,
      secondsToReady: round(secondsToReady),
    })),
    queries: facts.queries,
    failedQueries: facts.failedQueries,
    p50Ms: round(facts.p50Ms),
    p99Ms: round(facts.p99Ms),
    answersEqualAcrossNodes: facts.comparison.equalAcrossNodes,
    answersEqualOracle: facts.comparison.equalToReference,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
