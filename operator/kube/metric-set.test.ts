/** The text of a scrape, as Prometheus reads it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Histogram, metricsText, Numbers } from './metric-set.ts';
import { createKubeMetrics } from './metrics.ts';

describe('metrics', () => {
  it('are written in the text format, labels escaped, buckets cumulative', () => {
    const counter = new Numbers('counter', 'a_total', 'As.', ['what']);
    counter.add(2, 'x"\n\\');
    const histogram = new Histogram('b_seconds', 'Bs.', [1, 5]);
    for (const value of [0.5, 1, 3, 9]) histogram.observe(value);
    assert.equal(
      metricsText([counter, histogram]),
      `# HELP a_total As.
# TYPE a_total counter
a_total{what="x\\"\\n\\\\"} 2
# HELP b_seconds Bs.
# TYPE b_seconds histogram
b_seconds_bucket{le="1"} 2
b_seconds_bucket{le="5"} 3
b_seconds_bucket{le="+Inf"} 4
b_seconds_sum 13.5
b_seconds_count 4
`,
    );
  });

  it('have names of their own', () => {
    const names = createKubeMetrics()
      .families()
      .map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes('workqueue_depth'));
    assert.ok(names.includes('controller_runtime_reconcile_total'));
  });
});
