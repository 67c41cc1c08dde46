/**
 * Every name of the contract, and what a scrape shows.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createServingMetrics, createTransformMetrics } from './metrics.ts';

/** The reference's names, from the contract, braces multiplied out. */
function contractNames(): string[] {
  const text = readFileSync(new URL('../docs/reference/wire.md', import.meta.url), 'utf8');
  const list = /`(get_in_network_posts_duration_seconds[^`]*)`/.exec(text)?.[1] ?? '';
  return list
    .replaceAll(/\s+|\{(?:stage|type|topic,partition)\}/g, '')
    .split(/,(?![^{]*\})/)
    .flatMap((entry) => {
      const choice = /^(\w+_)\{(.*)\}$/.exec(entry);
      return choice === null
        ? [entry]
        : (choice[2] as string).split(',').map((tail) => `${choice[1]}${tail}`);
    });
}

test('every name of the contract is there, and a scrape shows what was counted', async () => {
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
  const names = contractNames();
  assert.ok(names.length > 25, `only ${names.length} names found in the contract`);
  for (const name of names) {
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
