/**
 * S4's arithmetic: whatever is chosen or left out, what comes of it fits the heap.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ConfigurationError } from '#runtime/errors.ts';
import {
  heapBytesPerPost,
  heapBytesPerTombstone,
  type StoreBounds,
  storeBoundsOf,
  storeEntriesMin,
  storeHeapShare,
} from './store-bounds.ts';

const gibibyte = 2 ** 30;
const none = { maxPosts: undefined, maxTombstones: undefined };

function bytesOf({ postsMax, tombstonesMax }: StoreBounds): number {
  return postsMax * heapBytesPerPost + tombstonesMax * heapBytesPerTombstone;
}

test('S4: without settings the bounds follow the heap and use up its share', () => {
  for (const gibibytes of [0.25, 0.5, 1, 2, 4]) {
    const heapBytesMax = gibibytes * gibibyte;
    const bounds = storeBoundsOf({ ...none, heapBytesMax });
    const share = heapBytesMax * storeHeapShare;
    assert.ok(bytesOf(bounds) <= share);
    assert.ok(bytesOf(bounds) > share * 0.99, `${JSON.stringify(bounds)} of ${gibibytes} GiB`);
    assert.ok(bounds.tombstonesMax < bounds.postsMax);
  }
  assert.equal(storeBoundsOf({ ...none, heapBytesMax: 64 * gibibyte }).postsMax, 8_000_000);
});

test('S4: any settings either fit the heap or are refused, and what is left out takes what is left', () => {
  const setting = fc.option(fc.integer({ min: storeEntriesMin, max: 8_000_000 }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(
      setting,
      setting,
      fc.integer({ min: 64 << 20, max: 16 * gibibyte }),
      (maxPosts, maxTombstones, heapBytesMax) => {
        const share = heapBytesMax * storeHeapShare;
        const least =
          (maxPosts ?? storeEntriesMin) * heapBytesPerPost +
          (maxTombstones ?? storeEntriesMin) * heapBytesPerTombstone;
        const bounds = () => storeBoundsOf({ maxPosts, maxTombstones, heapBytesMax });
        if (least > share) {
          assert.throws(bounds, ConfigurationError);
          return;
        }
        assert.ok(bytesOf(bounds()) <= share);
        assert.equal(bounds().postsMax, maxPosts ?? bounds().postsMax);
        assert.equal(bounds().tombstonesMax, maxTombstones ?? bounds().tombstonesMax);
        assert.ok(Math.min(bounds().postsMax, bounds().tombstonesMax) >= storeEntriesMin);
      },
    ),
  );
});

test('S4: bounds beyond the heap are refused with both numbers, and the advice given works', () => {
  const wanted = { maxPosts: 5_000_000, maxTombstones: 2_000_000 };
  assert.throws(
    () => storeBoundsOf({ ...wanted, heapBytesMax: 2 * gibibyte }),
    (error: unknown) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /^--max-posts 5000000 and --max-tombstones 2000000 need 3014 MB/);
      assert.match(error.message, /the store may take 1229 MB of this process’s heap of 2048 MB/);
      const advised = /NODE_OPTIONS=--max-old-space-size=(\d+)$/.exec(error.message)?.[1];
      const heapBytesMax = Number(advised) * 2 ** 20;
      assert.deepEqual(storeBoundsOf({ ...wanted, heapBytesMax }), {
        postsMax: 5_000_000,
        tombstonesMax: 2_000_000,
      });
      return true;
    },
  );
});
