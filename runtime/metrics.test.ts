/**
 * The registry and its text.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetricsRegistry, metricsText } from './metrics.ts';

test('two registries live side by side, each with process metrics and what runs', async () => {
  const registry = createMetricsRegistry({ version: '1.2.3', role: 'serve' });
  createMetricsRegistry({ version: '1.2.3', role: 'transform' });
  const { body, contentType } = await metricsText(registry);
  assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  assert.match(body, /^thunder_build_info\{version="1\.2\.3",role="serve"\} 1$/m);
  assert.match(body, /^process_resident_memory_bytes \d+$/m);
  assert.match(body, /^nodejs_eventloop_lag_p99_seconds /m);
  assert.ok(body.length < 64_000, `${body.length} bytes`);
});
