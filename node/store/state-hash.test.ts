/**
 * The state hash is a contract between stores and between versions: what it says may not drift.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { StateHash } from './state-hash.ts';

function hashOf(...posts: readonly Uint8Array[]): string {
  const hash = new StateHash();
  for (const post of posts) {
    hash.addPost(post, 0, post.length);
  }
  return hash.digest();
}

test('S6: the hash of known posts and tombstones is what it always was', () => {
  assert.equal(new StateHash().digest(), '0'.repeat(16));
  const hash = new StateHash();
  hash.addPost(Uint8Array.of(8, 1, 16, 2, 24, 3, 48), 0, 7);
  assert.equal(hash.digest(), '774801f1646318ff');
  hash.addTombstone(0x80000000, 1, 1_700_000_000);
  assert.equal(hash.digest(), '230b70ab99eb536f');
});

test('S6: only the bytes of the post count, wherever they lie', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ maxLength: 9 }),
      fc.uint8Array({ maxLength: 9 }),
      (post, before, after) => {
        const hash = new StateHash();
        hash.addPost(
          Uint8Array.of(...before, ...post, ...after),
          before.length,
          before.length + post.length,
        );
        assert.equal(hash.digest(), hashOf(post));
      },
    ),
  );
});

test('S6: no collisions among a hundred thousand posts that differ in little', () => {
  const seen = new Set<string>();
  const post = new Uint8Array(12);
  for (let value = 0; value < 100_000; value += 1) {
    post[value % 3] = value & 0xff;
    post[5 + (value % 2)] = value >>> 8;
    new DataView(post.buffer).setUint32(8, value);
    seen.add(hashOf(post));
  }
  for (let length = 0; length < 12; length += 1) {
    seen.add(hashOf(new Uint8Array(length)));
  }
  assert.equal(seen.size, 100_012);
});

test('S6: sums of pairs do not cancel out', () => {
  const hashes = new Set<string>();
  for (let one = 0; one < 200; one += 1) {
    for (let other = 0; other < one; other += 1) {
      hashes.add(hashOf(Uint8Array.of(8, one), Uint8Array.of(8, other)));
    }
  }
  assert.equal(hashes.size, (200 * 199) / 2);
});

test('S6: tombstones differ by each half of the id and by expiry, also beyond 32 bits', () => {
  const cases = [
    [0, 1, 5],
    [1, 0, 5],
    [0, 1, 6],
    [0, 1, 2 ** 32 + 5],
    [0, 1, -5],
    [0xffffffff, 0xffffffff, 5],
  ] as const;
  const hashes = cases.map(([hi, lo, expiry]) => {
    const hash = new StateHash();
    hash.addTombstone(hi, lo, expiry);
    return hash.digest();
  });
  assert.equal(new Set(hashes).size, cases.length);
});
