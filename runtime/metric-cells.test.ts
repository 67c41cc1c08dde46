/**
 * The array histogram against prom-client's own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Histogram } from 'prom-client';
import { ArrayHistogram, LabelledCells } from './metric-cells.ts';

test('the array histogram counts as prom-client does', async () => {
  const bounds = [0.5, 1, 2, 10];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constantFrom(...bounds), fc.double({ min: 0, max: 20, noNaN: true }))),
      async (values) => {
        const ours = new ArrayHistogram(bounds);
        const theirs = new Histogram({ name: 'h', help: 'h', buckets: bounds, registers: [] });
        for (const value of values) {
          ours.observe(value);
          theirs.observe(value);
        }
        const { values: expected } = await theirs.get();
        const counts = expected.filter((one) => one.metricName === 'h_bucket');
        assert.deepEqual(
          ours.cumulative(),
          counts.map((one) => one.value),
        );
      },
    ),
  );
});

test('a quantile lies in the bucket that holds it', () => {
  const histogram = new ArrayHistogram([1, 2, 4]);
  assert.equal(histogram.quantile(0.5), 0);
  for (const value of [0.5, 1.5, 1.5, 3]) {
    histogram.observe(value);
  }
  assert.ok(histogram.quantile(0.5) > 1 && histogram.quantile(0.5) <= 2);
  assert.ok(histogram.quantile(0.99) > 2 && histogram.quantile(0.99) <= 4);
});

test('labelled numbers are added, set and forgotten', () => {
  const cells = new LabelledCells();
  cells.add(2, 'a', 'b');
  cells.add(3, 'a', 'b');
  cells.set(7, 'a');
  assert.deepEqual([cells.get('a', 'b'), cells.get('a'), cells.get('c')], [5, 7, 0]);
  assert.equal([...cells.entries()].length, 2);
  cells.clear();
  assert.equal(cells.get('a'), 0);
});
