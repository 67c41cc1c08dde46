/**
 * `/status` and the scraped gauges of a serving node, put together from what its parts say.
 */
import type { ServingMetrics } from '#node/metrics.ts';
import type { LatencySummary } from '#runtime/latency-window.ts';
import type { NodeStatus, ResetStatus } from '#runtime/node-status.ts';
import type { IngestStatus } from '../ingest/ingest-options.ts';
import type { StoreStats } from '../store/post-store.ts';

export interface ServingFacts {
  readonly version: string;
  readonly node: string;
  readonly fleet: string;
  /** Of the process: ingest begins later, and anew when the store is rebuilt. */
  readonly startedAt: string;
  readonly ingest: IngestStatus;
  readonly store: StoreStats;
  /** The newest, oldest first. */
  readonly resets: readonly ResetStatus[];
  /** Of the topic's settings; those of ingest are added. */
  readonly warnings: readonly string[];
  readonly latency: LatencySummary;
  readonly threads: number;
  readonly metrics: ServingMetrics;
}

export function toServingStatus(facts: ServingFacts): NodeStatus {
  const { ingest, store, metrics, latency } = facts;
  return {
    version: facts.version,
    role: 'serve',
    node: facts.node,
    fleet: facts.fleet,
    threads: facts.threads,
    stage: ingest.stage,
    ready: ingest.ready,
    reason: ingest.reason,
    progress: ingest.progress,
    etaSeconds: ingest.etaSeconds,
    startedAt: facts.startedAt,
    readyAt: ingest.readyAt,
    posts: store.posts,
    authors: store.users,
    tombstones: store.tombstones,
    bytes: { used: store.bytesUsed, bound: store.bytesBound, byArena: store.bytesByArena },
    effectiveRetentionSeconds: store.effectiveRetentionSeconds,
    lagEvents: ingest.lagEvents,
    stalenessMs: ingest.stalenessMs === null ? null : Math.round(ingest.stalenessMs),
    partitions: ingest.partitions,
    warmStart: null,
    donating: 0,
    requests: {
      inFlight: metrics.inFlightRequests.value,
      perSecond: latency.perSecond,
      p50Ms: latency.p50Ms,
      p99Ms: latency.p99Ms,
      rejected: metrics.rejectedRequests.value,
    },
    resets: facts.resets,
    warnings: [...facts.warnings, ...ingest.warnings],
    counters: {
      ...ingest.counters,
      metadata_refreshes: ingest.source.metadataRefreshes,
      fetch_failures: ingest.source.fetchFailures,
      lost_records: ingest.source.lostRecords,
      events_per_second: Math.round(ingest.ratePerSecond),
      evicted_posts: store.evictedPosts,
      evicted_tombstones: store.evictedTombstones,
      queries: metrics.requestSeconds.count,
      queries_partial: metrics.queriesPartial.value,
    },
  };
}

/** Sets the gauges that are only worth knowing when somebody reads them. */
export function fillServingGauges(
  metrics: ServingMetrics,
  ingest: IngestStatus,
  store: StoreStats,
  /** Since the start; the status lists only the newest. */
  resets: number,
): void {
  metrics.storeUsers.value = store.users;
  metrics.storePosts.value = store.posts;
  metrics.storeDeletedPosts.value = store.tombstones;
  metrics.storeEntities.set(store.originals, 'original');
  metrics.storeEntities.set(store.secondaries, 'secondary');
  metrics.storeEntities.set(store.videos, 'video');
  for (const [arena, bytes] of Object.entries(store.bytesByArena)) {
    metrics.storeBytes.set(bytes, arena);
  }
  metrics.storeBytesBound.value = store.bytesBound;
  metrics.storeEvictedPosts.value = store.evictedPosts;
  metrics.storeEvictedTombstones.value = store.evictedTombstones;
  metrics.effectiveRetentionSeconds.value = store.effectiveRetentionSeconds;

  for (const [outcome, count] of Object.entries(ingest.counters)) {
    metrics.events.set(count, outcome);
  }
  metrics.partitionLag.clear();
  metrics.partitionPosition.clear();
  metrics.partitionTarget.clear();
  metrics.hwMinusLso.clear();
  const { source } = ingest;
  for (const { topic, partition, lag, position, target } of ingest.partitions) {
    metrics.partitionLag.set(lag, topic, String(partition));
    metrics.partitionPosition.set(position, topic, String(partition));
    metrics.partitionTarget.set(target, topic, String(partition));
    const unstable = source.unstableRecords.get(partition);
    if (unstable !== undefined) metrics.hwMinusLso.set(unstable, topic, String(partition));
  }
  metrics.metadataRefreshes.value = source.metadataRefreshes;
  metrics.fetchFailures.value = source.fetchFailures;
  metrics.lostRecords.value = source.lostRecords;
  metrics.ready.value = ingest.ready ? 1 : 0;
  metrics.catchUpProgress.value = ingest.progress ?? Number.NaN;
  metrics.catchUpEta.value = ingest.etaSeconds ?? Number.NaN;
  metrics.staleness.value = ingest.stalenessMs === null ? Number.NaN : ingest.stalenessMs / 1000;
  metrics.decodeFailureRatio.value = ingest.decodeFailureShare;
  metrics.clockSkew.value = ingest.clockSkewMs === null ? Number.NaN : ingest.clockSkewMs / 1000;
  metrics.resets.value = resets;
  metrics.initSeconds.value =
    ingest.readyAt === null
      ? Number.NaN
      : (Date.parse(ingest.readyAt) - Date.parse(ingest.startedAt)) / 1000;
}
