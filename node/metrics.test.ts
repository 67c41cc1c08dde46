/**
 * Every name of the reference, and what a scrape shows.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createServingMetrics, createTransformMetrics } from './metrics.ts';

/** The reference's names, which its dashboards ask for. */
const referenceNames = [
  'get_in_network_posts_duration_seconds',
  'get_in_network_posts_duration_without_strato_seconds',
  'get_in_network_posts_count',
  'get_in_network_posts_following_size',
  'get_in_network_posts_excluded_size',
  'get_in_network_posts_max_results',
  'get_in_network_posts_found_freshness_seconds',
  'get_in_network_posts_found_time_range_seconds',
  'get_in_network_posts_found_reply_ratio',
  'get_in_network_posts_found_unique_authors',
  'get_in_network_posts_found_posts_per_author',
  'in_flight_requests',
  'rejected_requests_total',
  'post_store_requests_total',
  'post_store_request_timeouts_total',
  'post_store_posts_returned',
  'post_store_posts_returned_ratio',
  'post_store_deleted_posts',
  'post_store_deleted_posts_filtered_total',
  'post_store_user_count',
  'post_store_total_posts',
  'post_store_entity_count',
  'kafka_partition_lag',
  'kafka_poll_errors_total',
  'kafka_messages_failed_parse_total',
  'batch_processing_seconds',
  'strato_requests_total',
  'strato_request_duration_seconds',
  'init_duration_seconds',
];

test('every name of the reference is there, and a scrape shows what was counted', async () => {
  const registry = new Registry();
  const metrics = createServingMetrics(registry);
  metrics.rejectedRequests.value += 3;
  metrics.partitionLag.set(7, 'in-network', '0');
  metrics.events.add(2, 'stored');
  metrics.requestSeconds.observe(0.001);
  metrics.found.replyRatio.scored.observe(0.5);
  let fills = 0;
  metrics.onScrape(() => {
    fills += 1;
    metrics.storePosts.value = 11;
  });
  const text = await registry.metrics();
  for (const name of referenceNames) {
    assert.match(text, new RegExp(`^# TYPE ${name} `, 'm'), name);
  }
  assert.match(text, /^rejected_requests_total 3$/m);
  assert.match(text, /^kafka_partition_lag\{topic="in-network",partition="0"\} 7$/m);
  assert.match(text, /^thunder_events_total\{outcome="stored"\} 2$/m);
  assert.match(text, /^post_store_total_posts 11$/m);
  assert.match(text, /^get_in_network_posts_duration_seconds_count 1$/m);
  assert.match(
    text,
    /^get_in_network_posts_found_reply_ratio_bucket\{stage="scored",le="0.5"\} 1$/m,
  );
  assert.doesNotMatch(text, /^thunder_staleness_seconds /m, 'an unknown gauge shows no number');
  metrics.partitionLag.clear();
  assert.doesNotMatch(await registry.metrics(), /^kafka_partition_lag\{/m);
  assert.equal(fills, 2);
});

test('the transformer has its own registry and names', async () => {
  const registry = new Registry();
  const metrics = createTransformMetrics(registry);
  metrics.records.add(1, 'written');
  assert.match(
    await registry.metrics(),
    /^thunder_transform_records_total\{outcome="written"\} 1$/m,
  );
});
