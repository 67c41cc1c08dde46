/**
 * Every metric of a node. The names without `thunder_` are the reference's, so that its dashboards
 * fit. Hot paths touch plain numbers and arrays only; prom-client reads them when it is scraped.
 */
import { MetricBuilder } from '#runtime/metric-builder.ts';
import type { Combining } from '#runtime/metric-cells.ts';
import type { Registry } from '#runtime/metrics.ts';

/** Bucket bounds `start, start * factor, …`, `count` of them, to three digits. */
function exponential(start: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number((start * factor ** index).toPrecision(3)),
  );
}

const secondsBounds = exponential(0.000_05, 1.6, 28);
const ageBounds = [1, 5, 15, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800];
const listBounds = [0, 1, 10, 50, 100, 200, 500, 1_000, 1_200, 2_000, 5_000, 10_000, 20_000];
const ratioBounds = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const bytesBounds = exponential(256, 2, 13);

/** The stages that Q11 counts: what the store gave, and what is sent. */
export type StatisticsStage = 'retrieved' | 'scored';

const stages: readonly StatisticsStage[] = ['retrieved', 'scored'];

/** The metrics of a serving node; see the `help` of each below. */
export type ServingMetrics = ReturnType<typeof createServingMetrics>;

/**
 * Registers a serving node's metrics. Hot paths change the cells; `onScrape` takes functions that
 * fill in those gauges that are only worth knowing when somebody reads them.
 */
export function createServingMetrics(registry: Registry) {
  const make = new MetricBuilder(registry);
  return {
    onScrape: (fill: () => void): void => make.onScrape(fill),

    // Queries.
    requestSeconds: make.histogram(
      'get_in_network_posts_duration_seconds',
      'Seconds from a request’s arrival to its answer, the follow graph included.',
      secondsBounds,
    ),
    requestSecondsWithoutStrato: make.histogram(
      'get_in_network_posts_duration_without_strato_seconds',
      'Seconds from a request’s arrival to its answer, the follow graph excluded.',
      secondsBounds,
    ),
    postsCount: make.histogram('get_in_network_posts_count', 'Posts in an answer.', listBounds),
    followingSize: make.histogram(
      'get_in_network_posts_following_size',
      'Followed accounts in a request.',
      listBounds,
    ),
    excludedSize: make.histogram(
      'get_in_network_posts_excluded_size',
      'Excluded posts in a request.',
      listBounds,
    ),
    maxResults: make.histogram(
      'get_in_network_posts_max_results',
      'max_results of a request, 0 when it names none.',
      listBounds,
    ),
    found: {
      freshnessSeconds: make.stages(
        'get_in_network_posts_found_freshness_seconds',
        'Age of the newest post of an answer; sampled.',
        stages,
        ageBounds,
      ),
      timeRangeSeconds: make.stages(
        'get_in_network_posts_found_time_range_seconds',
        'Seconds between the newest and the oldest post of an answer; sampled.',
        stages,
        ageBounds,
      ),
      replyRatio: make.stages(
        'get_in_network_posts_found_reply_ratio',
        'Share of replies in an answer; sampled.',
        stages,
        ratioBounds,
      ),
      uniqueAuthors: make.stages(
        'get_in_network_posts_found_unique_authors',
        'Authors in an answer; sampled.',
        stages,
        listBounds,
      ),
      postsPerAuthor: make.stages(
        'get_in_network_posts_found_posts_per_author',
        'Posts for each author of an answer; sampled.',
        stages,
        listBounds,
      ),
    },
    inFlightRequests: make.gauge('in_flight_requests', 'Requests being answered or sent.'),
    rejectedRequests: make.counter('rejected_requests_total', 'Requests refused by admission.'),
    queries: make.counters('thunder_queries_total', 'Requests by status code.', ['code']),
    queriesPartial: make.counter(
      'thunder_queries_partial_total',
      'Answers cut short by a deadline.',
    ),
    queriesTruncated: make.counters(
      'thunder_queries_truncated_total',
      'Requests of which a list or number was cut to its limit.',
      ['field'],
    ),
    inFlightUnits: make.gauge('thunder_in_flight_units', 'Units of cost being answered or sent.'),
    admissionRejected: make.counters(
      'thunder_admission_rejected_total',
      'Requests refused, by the bound that was reached: concurrency or rate.',
      ['bound'],
    ),
    answerBytes: make.histogram('thunder_answer_bytes', 'Bytes of an answer.', bytesBounds),
    postsBytes: make.counter('thunder_posts_bytes_total', 'Bytes of posts answered.'),

    // The follow graph and the blocklist.
    stratoRequests: make.counter('strato_requests_total', 'Fetches from the follow graph.'),
    stratoSeconds: make.histogram(
      'strato_request_duration_seconds',
      'Seconds of a fetch from the follow graph, retries included.',
      secondsBounds,
    ),
    followGraphOutcomes: make.counters(
      'thunder_follow_graph_requests_total',
      'Fetches from the follow graph by outcome: found, empty, failed or cancelled.',
      ['outcome'],
    ),
    followGraphRetries: make.counter(
      'thunder_follow_graph_retries_total',
      'Attempts after the first of a fetch.',
    ),
    blockedAuthors: make.gauge('thunder_blocked_authors', 'Authors on the blocklist.'),
    blockedAuthorsReloadFailures: make.counter(
      'thunder_blocked_authors_reload_failures_total',
      'New blocklist files that were refused.',
    ),

    // Connections and certificates.
    connections: make.gauge('thunder_grpc_connections', 'Open gRPC connections.'),
    connectionsRefused: make.counter(
      'thunder_grpc_connections_refused_total',
      'Connections closed because there were too many.',
    ),
    answersNotTaken: make.counter(
      'thunder_grpc_answers_not_taken_total',
      'Calls reset because the client did not take the answer in time.',
    ),
    certificateExpiry: make.gauges(
      'thunder_certificate_expiry_timestamp_seconds',
      'When the certificate in use ends, seconds since the epoch.',
      ['use'],
    ),
    certificateReloads: make.counters(
      'thunder_certificate_reloads_total',
      'Changed certificate, key and token files by result: loaded or refused.',
      ['use', 'result'],
    ),

    // The store.
    storeRequests: make.counter('post_store_requests_total', 'Queries put to the store.'),
    storeRequestTimeouts: make.counter(
      'post_store_request_timeouts_total',
      'Queries that a deadline ended early.',
    ),
    storePostsReturned: make.histogram(
      'post_store_posts_returned',
      'Posts that the store gave for a query.',
      listBounds,
    ),
    storePostsReturnedRatio: make.histogram(
      'post_store_posts_returned_ratio',
      'Posts given over posts asked for.',
      ratioBounds,
    ),
    storeDeletedPosts: make.gauge('post_store_deleted_posts', 'Tombstones held.'),
    storeDeletedPostsFiltered: make.counter(
      'post_store_deleted_posts_filtered_total',
      'Posts that a tombstone kept out of an answer.',
    ),
    storeUsers: make.gauge('post_store_user_count', 'Authors with posts.'),
    storePosts: make.gauge('post_store_total_posts', 'Posts held.'),
    storeEntities: make.gauges('post_store_entity_count', 'Entries held by kind.', ['type']),
    storeBytes: make.gauges('thunder_store_bytes', 'Bytes held by arena.', ['arena']),
    storeBytesBound: make.gauge('thunder_store_bytes_bound', 'Bytes that the store may hold.'),
    storeEvictedPosts: make.counter(
      'thunder_store_evicted_posts_total',
      'Posts given up early because memory was full.',
    ),
    storeEvictedTombstones: make.counter(
      'thunder_store_evicted_tombstones_total',
      'Tombstones given up early because their table was full.',
    ),
    effectiveRetentionSeconds: make.gauge(
      'thunder_effective_retention_seconds',
      'Age to which posts are really kept; shorter than configured when memory is full.',
    ),

    // Ingest, catch-up and readiness.
    events: make.counters('thunder_events_total', 'Events read, by what became of them.', [
      'outcome',
    ]),
    partitionLag: make.gauges(
      'kafka_partition_lag',
      'Events between our position and the end of the log.',
      ['topic', 'partition'],
    ),
    partitionPosition: make.gauges('thunder_kafka_partition_position', 'Next offset to apply.', [
      'topic',
      'partition',
    ]),
    partitionTarget: make.gauges(
      'thunder_kafka_partition_target',
      'Offset that has to be applied for readiness.',
      ['topic', 'partition'],
    ),
    hwMinusLso: make.gauges(
      'thunder_kafka_hw_minus_lso',
      'Offsets behind the last stable one: more than 0 for long is a hanging transaction.',
      ['topic', 'partition'],
    ),
    metadataRefreshes: make.counter(
      'thunder_kafka_metadata_refreshes_total',
      'Looks at the topic’s partitions and leaders.',
    ),
    fetchFailures: make.counter(
      'thunder_kafka_fetch_failures_total',
      'Fetches that failed, each tried again.',
    ),
    lostRecords: make.counter(
      'thunder_kafka_lost_records_total',
      'Offsets that the log dropped before they were read, harmless or not.',
    ),
    pollErrors: make.counter('kafka_poll_errors_total', 'Failures to read from Kafka.'),
    parseFailures: make.counter(
      'kafka_messages_failed_parse_total',
      'Records that could not be decoded.',
    ),
    batchSeconds: make.histogram(
      'batch_processing_seconds',
      'Seconds to apply one batch of records.',
      secondsBounds,
    ),
    initSeconds: make.gauge('init_duration_seconds', 'Seconds from start to ready.', Number.NaN),
    ready: make.gauge('thunder_ready', '1 when the node is ready.'),
    catchUpProgress: make.gauge(
      'thunder_catchup_progress_ratio',
      'How much of the way to readiness is done, 0 to 1.',
      Number.NaN,
    ),
    catchUpEta: make.gauge(
      'thunder_catchup_eta_seconds',
      'Seconds until the node will be ready, as far as can be told.',
      Number.NaN,
    ),
    staleness: make.gauge(
      'thunder_staleness_seconds',
      'Now minus the last moment known to be at the end of the log, worst partition.',
      Number.NaN,
    ),
    decodeFailureRatio: make.gauge(
      'thunder_decode_failure_ratio',
      'Share of records that cannot be decoded: of all until the node is ready, then of the newest thousand or more.',
    ),
    clockSkew: make.gauge(
      'thunder_clock_skew_seconds',
      'This node’s clock minus the newest records’ timestamps; more than 2 either way is a warning.',
      Number.NaN,
    ),
    resets: make.counter(
      'thunder_resets_total',
      'Times the log was found re-created, truncated or shortened under us.',
    ),
  };
}

/**
 * The metrics that serving threads measure, each its own, and how they become those of the process: what
 * is about files that all read is the same in each.
 */
export const frontCells = {
  requestSeconds: 'sum',
  requestSecondsWithoutStrato: 'sum',
  postsCount: 'sum',
  followingSize: 'sum',
  excludedSize: 'sum',
  maxResults: 'sum',
  found: 'sum',
  inFlightRequests: 'sum',
  rejectedRequests: 'sum',
  queries: 'sum',
  queriesPartial: 'sum',
  queriesTruncated: 'sum',
  admissionRejected: 'sum',
  answerBytes: 'sum',
  postsBytes: 'sum',
  stratoRequests: 'sum',
  stratoSeconds: 'sum',
  followGraphOutcomes: 'sum',
  followGraphRetries: 'sum',
  blockedAuthors: 'same',
  blockedAuthorsReloadFailures: 'same',
  connections: 'sum',
  connectionsRefused: 'sum',
  answersNotTaken: 'sum',
  certificateExpiry: 'same',
  certificateReloads: 'same',
  storeRequests: 'sum',
  storeRequestTimeouts: 'sum',
  storePostsReturned: 'sum',
  storePostsReturnedRatio: 'sum',
  storeDeletedPostsFiltered: 'sum',
} as const satisfies Partial<Record<keyof ServingMetrics, Combining>>;

/** The metrics of a transformer; see the `help` of each below. */
export type TransformMetrics = ReturnType<typeof createTransformMetrics>;

/** Registers a transformer's metrics; used as those of a serving node are. */
export function createTransformMetrics(registry: Registry) {
  const make = new MetricBuilder(registry);
  return {
    onScrape: (fill: () => void): void => make.onScrape(fill),
    records: make.counters(
      'thunder_transform_records_total',
      'Records read, by what became of them.',
      ['outcome'],
    ),
    written: make.counters('thunder_transform_events_written_total', 'Events written, by kind.', [
      'kind',
    ]),
    deadLetters: make.counter(
      'thunder_transform_dead_letters_total',
      'Records copied to the dead-letter topic.',
    ),
    produceErrors: make.counter(
      'thunder_transform_produce_errors_total',
      'Batches that Kafka did not take at once.',
    ),
    commitErrors: make.counter(
      'thunder_transform_commit_errors_total',
      'Positions that Kafka did not take at once.',
    ),
    partitionLag: make.gauges(
      'kafka_partition_lag',
      'Records between the committed position and the end of the log.',
      ['topic', 'partition'],
    ),
    pollErrors: make.counter('kafka_poll_errors_total', 'Failures to read from Kafka.'),
    parseFailures: make.counter(
      'kafka_messages_failed_parse_total',
      'Records that could not be decoded.',
    ),
    batchSeconds: make.histogram(
      'batch_processing_seconds',
      'Seconds from reading a batch to the acknowledgement of its events.',
      secondsBounds,
    ),
    ready: make.gauge('thunder_ready', '1 when the transformer is working.'),
  };
}
