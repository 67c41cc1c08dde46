/**
 * The simple store passes the suite of all stores; here is what it shows beyond that.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { postStoreSuite } from '#node/store/post-store.suite.ts';
import { LIGHT_POST_BYTES_MAX } from '#proto/wire/write-light-post.ts';
import { applyEvents, createEvent, toFields } from './plain-events.ts';
import { SimpleStore } from './simple-store.ts';

const options = {
  retentionSeconds: 1_000,
  maxFutureSkewSeconds: 300,
  postsMax: 1_000,
  tombstonesMax: 1_000,
};

postStoreSuite('SimpleStore', (given) => new SimpleStore(given));

test('S1: timelines are sorted by time and then id, whatever came first', () => {
  const store = new SimpleStore(options);
  const big = 2n ** 63n + 1n;
  applyEvents(
    store,
    [
      { postId: 5n, createdAt: 30 },
      { postId: big, createdAt: 20 },
      { postId: 9n, createdAt: 20 },
      { postId: 1n, createdAt: 40 },
      { postId: 7n, createdAt: 10 },
    ].map((post) => createEvent({ authorId: 3n, ...post })),
  );
  assert.deepEqual(
    store.timelines(3n)?.originals.map((post) => post.postId),
    [7n, 9n, big, 5n, 1n],
  );
});

test('S2: whole authors are forgotten with their last post', () => {
  const store = new SimpleStore(options);
  applyEvents(store, [
    createEvent({ postId: 1n, authorId: 1n, createdAt: 0 }),
    createEvent({ postId: 2n, authorId: 2n, createdAt: 0, isRetweet: true, hasVideo: true }),
    createEvent({ postId: 3n, authorId: 2n, createdAt: 1 }),
  ]);
  assert.deepEqual(store.reclaim(4_601), { posts: 2, tombstones: 0, isMore: false });
  assert.equal(store.timelines(1n), undefined);
  assert.deepEqual(
    store.timelines(2n)?.originals.map((post) => post.postId),
    [3n],
  );
  assert.deepEqual(store.timelines(2n)?.secondaries, []);
  assert.deepEqual(store.timelines(2n)?.videoCandidates, []);
});

test('S4: bytes are counted up and down, and a post longer than any canonical one is a bug', () => {
  const store = new SimpleStore(options);
  const longest = createEvent({
    postId: 2n ** 64n - 1n,
    authorId: 2n ** 64n - 1n,
    createdAt: -1,
    inReplyToPostId: 2n ** 64n - 1n,
    inReplyToUserId: 2n ** 64n - 1n,
    isRetweet: true,
    sourcePostId: 2n ** 64n - 1n,
    sourceUserId: 2n ** 64n - 1n,
    hasVideo: true,
    conversationId: 2n ** 64n - 1n,
  });
  assert.deepEqual(applyEvents(store, [longest]), ['stored']);
  assert.equal(store.stats(0).bytesByArena['payloads'], LIGHT_POST_BYTES_MAX);
  store.reclaim(1_000_000);
  assert.equal(store.stats(0).bytesUsed, 0);
  assert.throws(
    () => store.create(toFields(longest.post), new Uint8Array(200), 0, LIGHT_POST_BYTES_MAX + 1, 0),
    RangeError,
  );
});
