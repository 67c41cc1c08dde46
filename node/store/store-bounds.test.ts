/**
 * S4's arithmetic: whatever is chosen or left out, what comes of it fits the memory.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ConfigurationError } from '#runtime/errors.ts';
import { ColumnarStore } from './columns/columnar-store.ts';
import {
  reservedBytesPerPost,
  reservedBytesPerTombstone,
  type StoreBounds,
  storeBoundsOf,
  storeEntriesMax,
  storeEntriesMin,
  storeMemoryShare,
} from './store-bounds.ts';

const gibibyte = 2 ** 30;
const none = { maxPosts: undefined, maxTombstones: undefined };

function bytesOf({ postsMax, tombstonesMax }: StoreBounds): number {
  return postsMax * reservedBytesPerPost + tombstonesMax * reservedBytesPerTombstone;
}

test('S4: without settings the bounds follow the memory and use up its share', () => {
  for (const gibibytes of [0.25, 0.5, 1, 2]) {
    const memoryBytesMax = gibibytes * gibibyte;
    const bounds = storeBoundsOf({ ...none, memoryBytesMax });
    const share = memoryBytesMax * storeMemoryShare;
    assert.ok(bytesOf(bounds) <= share);
    assert.ok(bytesOf(bounds) > share * 0.99, `${JSON.stringify(bounds)} of ${gibibytes} GiB`);
    assert.ok(bounds.tombstonesMax < bounds.postsMax);
  }
  assert.equal(storeBoundsOf({ ...none, memoryBytesMax: 64 * gibibyte }).postsMax, 10_000_000);
});

test('S4: any settings either fit the memory or are refused, and what is left out takes what is left', () => {
  const setting = fc.option(fc.integer({ min: storeEntriesMin, max: storeEntriesMax }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(
      setting,
      setting,
      fc.integer({ min: 64 << 20, max: 16 * gibibyte }),
      (maxPosts, maxTombstones, memoryBytesMax) => {
        const share = memoryBytesMax * storeMemoryShare;
        const least =
          (maxPosts ?? storeEntriesMin) * reservedBytesPerPost +
          (maxTombstones ?? storeEntriesMin) * reservedBytesPerTombstone;
        const bounds = () => storeBoundsOf({ maxPosts, maxTombstones, memoryBytesMax });
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

test('S4: bounds beyond the memory are refused with both numbers, and the advice given works', () => {
  const wanted = { maxPosts: 20_000_000, maxTombstones: 8_000_000 };
  assert.throws(
    () => storeBoundsOf({ ...wanted, memoryBytesMax: 2 * gibibyte }),
    (error: unknown) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(
        error.message,
        /^--max-posts 20000000 and --max-tombstones 8000000 need 2976 MB/,
      );
      assert.match(error.message, /the store may take 1229 MB of the 2048 MB that this process/);
      const advised = / or give it (\d+) MB$/.exec(error.message)?.[1];
      const memoryBytesMax = Number(advised) * 2 ** 20;
      assert.deepEqual(storeBoundsOf({ ...wanted, memoryBytesMax }), {
        postsMax: 20_000_000,
        tombstonesMax: 8_000_000,
      });
      return true;
    },
  );
});

test('S4: what the columnar store reserves is no more than is counted for it', () => {
  const bounds = { postsMax: 1_000_000, tombstonesMax: 400_000 };
  const store = new ColumnarStore({ retentionSeconds: 60, maxFutureSkewSeconds: 0, ...bounds });
  assert.ok(store.stats(0).bytesBound <= bytesOf(bounds));
});
