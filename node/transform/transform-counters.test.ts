/** The transformer's counters as a node's metrics. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createTransformMetrics } from '#node/metrics.ts';
import { recordToMetrics } from './transform-counters.ts';

test('T5: records are counted by what became of them, failures by where', async () => {
  const registry = new Registry();
  const recorder = recordToMetrics(createTransformMetrics(registry));
  recorder.counted('written_create', 2);
  recorder.counted('written_delete', 1);
  recorder.counted('skipped_nullcast', 3);
  recorder.counted('skipped_malformed', 4);
  recorder.counted('dead_lettered', 5);
  recorder.counted('send_failures', 6);
  recorder.counted('commit_failures', 7);
  recorder.counted('input_failures', 8);
  recorder.sent(100, 0.5);
  recorder.lag('tweets', 3, 9);
  const text = await registry.metrics();
  for (const line of [
    'thunder_transform_records_total{outcome="written"} 3',
    'thunder_transform_records_total{outcome="nullcast"} 3',
    'thunder_transform_records_total{outcome="malformed"} 4',
    'thunder_transform_events_written_total{kind="create"} 2',
    'thunder_transform_events_written_total{kind="delete"} 1',
    'kafka_messages_failed_parse_total 4',
    'thunder_transform_dead_letters_total 5',
    'thunder_transform_produce_errors_total 6',
    'thunder_transform_commit_errors_total 7',
    'kafka_poll_errors_total 8',
    'kafka_partition_lag{topic="tweets",partition="3"} 9',
    'batch_processing_seconds_count 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line} is not in\n${text}`);
  }
});
