/**
 * Users who ask: one query after the other at each node, at a steady pace, timed.
 */
import type { GeneratedRequest } from '#cli/generator/request-generator.ts';
import type { QueryClient, QueryResult } from '#cli/query/query-client.ts';
import type { Clock } from '#runtime/clock.ts';
import { createLatencyWindow, type LatencySummary } from '#runtime/latency-window.ts';

export interface QueryLoad {
  readonly queries: number;
  readonly failed: number;
  /** Of the last failure; empty without one. */
  readonly failure: string;
  /** Over the newest 100,000 queries of the whole run. */
  summary(): LatencySummary;
  /** Resolves when the queries under way are done. */
  stop(): Promise<void>;
}

/** Pause between two queries to one node, milliseconds: 50 queries a second at most. */
const pauseMs = 20;

export function startQueryLoad(options: {
  readonly clients: readonly QueryClient[];
  readonly requests: Iterator<GeneratedRequest>;
  readonly clock: Clock;
  readonly onAnswer?: (result: QueryResult) => void;
}): QueryLoad {
  const { clients, requests, clock, onAnswer } = options;
  const latencies = createLatencyWindow({ samplesMax: 100_000, windowSeconds: 3_600 });
  let queries = 0;
  let failed = 0;
  let failure = '';
  const stopping = new AbortController();

  const ask = async (client: QueryClient): Promise<void> => {
    while (!stopping.signal.aborted) {
      const next = requests.next();
      if (next.done === true) {
        return;
      }
      const startedMs = clock.monotonicMs();
      queries += 1;
      try {
        const result = await client.getInNetworkPosts(next.value);
        const nowMs = clock.monotonicMs();
        latencies.record(nowMs, nowMs - startedMs);
        onAnswer?.(result);
      } catch (error) {
        failed += 1;
        failure = error instanceof Error ? error.message : String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const loops = clients.map(ask);
  return {
    get queries() {
      return queries;
    },
    get failed() {
      return failed;
    },
    get failure() {
      return failure;
    },
    summary: () => latencies.summarize(clock.monotonicMs()),
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
