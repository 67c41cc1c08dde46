/** The random numbers are the same for ever, and random. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Random } from './random.ts';

test('the same seed gives the same numbers', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (seed) => {
      const one = new Random(seed);
      const other = new Random(seed);
      for (let step = 0; step < 20; step += 1) assert.equal(one.next32(), other.next32());
      assert.equal(one.fork().next32(), other.fork().next32());
    }),
  );
});

test('the sequence is fixed for ever', () => {
  const random = new Random(42);
  const first = [random.next32(), random.next32(), random.next32()];
  assert.deepEqual(first, [1126198364, 4287293753, 3078103482]);
});

test('different seeds give different numbers, also when they differ above 2^32', () => {
  const seen = new Set<number>();
  for (const seed of [0, 1, 2, -1, 2 ** 32, 2 ** 33, 2 ** 52, -(2 ** 40)]) {
    const random = new Random(seed);
    seen.add(random.next32() * 2 ** 20 + (random.next32() >>> 12));
  }
  assert.equal(seen.size, 8);
});

test('numbers stay in their bounds and fill them evenly', () => {
  const random = new Random(7);
  const counts = new Uint32Array(10);
  for (let step = 0; step < 100_000; step += 1) {
    const digit = random.below(10);
    counts[digit] = (counts[digit] ?? 0) + 1;
    const between = random.between(-3, 3);
    assert.ok(between >= -3 && between <= 3 && Number.isInteger(between));
  }
  for (const count of counts) assert.ok(count > 9_500 && count < 10_500, `${count} of 100000`);
});
