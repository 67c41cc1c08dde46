/** Turns, medians and ratios: what every figure rests on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BenchIo } from './bench.ts';
import { interleave, mean, median, percentile } from './harness.ts';
import { toReport, toRow } from './report.ts';

function quietIo(signal: AbortSignal = new AbortController().signal): BenchIo {
  return { signal, progress: () => undefined };
}

test('contestants take turns, each begins in its round, and the warm-up does not count', async () => {
  const turns: string[] = [];
  let count = 0;
  const take = (name: string) => () => {
    turns.push(name);
    count += 1;
    return count;
  };
  const results = await interleave({ a: take('a'), b: take('b') }, 3, quietIo());
  assert.equal(turns.join(''), 'abbaabba');
  assert.deepEqual(results, { a: [4, 5, 8], b: [3, 6, 7] });
});

test('an abort ends the rounds, and a failing turn the bench', async () => {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('enough'));
  await assert.rejects(interleave({ a: stop }, 3, quietIo(controller.signal)), /enough/);
  const fail = (): never => {
    throw new Error('broken');
  };
  await assert.rejects(interleave({ fail }, 1, quietIo()), /broken/);
});

test('medians and percentiles are of the values, not of their order', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
  assert.equal(mean([1, 2, 6]), 3);
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentile(hundred, 0.99), 99);
  assert.equal(percentile(hundred, 0.5), 50);
});

test('a ratio above 1 means better, whichever direction better is', () => {
  const baseline = { name: 'b', value: 10 };
  const faster = toRow('c', { name: 'mean', unit: 'ms', better: 'lower' }, 5, baseline);
  const more = toRow('c', { name: 'perSecond', unit: '1/s', better: 'higher' }, 20, baseline);
  assert.equal(faster.ratio, 2);
  assert.equal(more.ratio, 2);
  assert.equal('baseline' in toRow('c', { name: 'm', unit: '', better: 'lower' }, 1), false);
});

test('a figure that is no number is a failure, not a row', () => {
  const row = toRow('c', { name: 'mean', unit: 'ms', better: 'lower' }, Number.NaN);
  assert.throws(() => toReport('x', 'unknown', [row]), /measured nothing/);
});
