/** Generated requests are repeatable and within what was asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createAuthors } from './authors.ts';
import { EventGenerator } from './event-generator.ts';
import { type GeneratedRequest, generateRequests } from './request-generator.ts';

const authors = createAuthors(1_000);

function take(count: number, requests: Iterable<GeneratedRequest>): GeneratedRequest[] {
  const taken: GeneratedRequest[] = [];
  for (const request of requests) {
    taken.push(request);
    if (taken.length === count) break;
  }
  return taken;
}

test('follow lists have the size asked for, of distinct existing accounts', () => {
  const known = new Set(Array.from({ length: 1_000 }, (_, rank) => authors.idOf(rank)));
  fc.assert(
    fc.property(
      fc.maxSafeInteger(),
      fc.nat(1_100),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (seed, following, popularShare) => {
        const [request] = take(1, generateRequests({ seed, authors, following, popularShare }));
        const ids = request?.followingUserIds ?? [];
        assert.equal(ids.length, Math.min(following, 1_000));
        assert.equal(new Set(ids).size, ids.length);
        for (const id of ids) assert.ok(known.has(id));
      },
    ),
    { numRuns: 50 },
  );
});

test('the same seed gives the same requests', () => {
  const options = { seed: 4, authors, following: [1, 50], videoShare: 0.5 } as const;
  assert.deepEqual(take(20, generateRequests(options)), take(20, generateRequests(options)));
});

test('excluded ids are different seen posts, never more than there are', () => {
  const generator = new EventGenerator({ seed: 1, authors: 100, startMs: 1_790_000_000_000 });
  for (let step = 0; step < 500; step += 1) generator.next(1_790_000_000_000 + step);
  const seenPostIds = generator.recentPostIds(50);
  assert.equal(new Set(seenPostIds).size, 50);
  for (const excluded of [0, 7, 50, 80]) {
    const options = { seed: 2, authors, following: 3, seenPostIds, excluded };
    for (const { excludeTweetIds } of take(5, generateRequests(options))) {
      assert.equal(excludeTweetIds.length, Math.min(excluded, 50));
      assert.equal(new Set(excludeTweetIds).size, excludeTweetIds.length);
      for (const id of excludeTweetIds) assert.ok(seenPostIds.includes(id));
    }
  }
});

test('loud accounts are followed more often', () => {
  const requests = take(200, generateRequests({ seed: 3, authors, following: 20 }));
  const followed = requests.flatMap((request) => request.followingUserIds);
  const loud = followed.filter((id) => id <= 20n).length;
  assert.ok(loud > followed.length * 0.08 && loud < followed.length * 0.5);
});

test('video requests come in their share, and bounds that make no sense are refused', () => {
  const requests = take(
    400,
    generateRequests({ seed: 3, authors, following: 1, videoShare: 0.25 }),
  );
  const videos = requests.filter((request) => request.isVideoRequest).length;
  assert.ok(videos > 60 && videos < 140);
  assert.throws(() => take(1, generateRequests({ seed: 1, authors, following: -1 })), RangeError);
  assert.throws(
    () => take(1, generateRequests({ seed: 1, authors, following: [5, 2] })),
    RangeError,
  );
});
