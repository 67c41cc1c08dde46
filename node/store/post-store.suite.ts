/**
 * What every store must show, whatever it is made of: the rules that need no query.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  arbitraryNow,
  honestEvents,
  reordered,
  smallWorld,
} from '#test/oracle/arbitrary-events.ts';
import { applyEvents, createEvent, deleteEvent } from '#test/oracle/plain-events.ts';
import type { PostStore, StoreOptions, StoreStats } from './post-store.ts';

const { now, retentionSeconds, maxFutureSkewSeconds } = smallWorld;
const dayAndRetention = 86_400 + retentionSeconds;

const roomy: StoreOptions = {
  retentionSeconds,
  maxFutureSkewSeconds,
  postsMax: 10_000,
  tombstonesMax: 10_000,
};

/**
 * What a full store gives up first. By age: the oldest of all, exactly. By arrival: what came first,
 * which is as good as the oldest when posts come about in their order of time.
 */
export type EvictionOrder = 'age' | 'arrival';

/** Bytes are left out: how densely posts lie may depend on what came first. */
function countsOf(stats: StoreStats): unknown {
  return { ...stats, bytesUsed: 0, bytesByArena: {} };
}

export function postStoreSuite(
  name: string,
  createStore: (options: StoreOptions) => PostStore,
  evictionOrder: EvictionOrder = 'age',
): void {
  describe(`${name} as a store`, () => {
    test('E4: a create of a stored id changes nothing', () => {
      const store = createStore(roomy);
      const first = createEvent({ postId: 1n, authorId: 1n, createdAt: now });
      const other = createEvent({ postId: 1n, authorId: 2n, createdAt: now - 5, hasVideo: true });
      assert.deepEqual(applyEvents(store, [first]), ['stored']);
      const before = { stats: store.stats(now), hash: store.stateHash(now) };
      assert.deepEqual(applyEvents(store, [first, other]), ['duplicate', 'duplicate']);
      assert.deepEqual({ stats: store.stats(now), hash: store.stateHash(now) }, before);
    });

    test('E5: of several deletes of one id the latest counts, in any order', () => {
      const early = deleteEvent(1n, now - 100);
      const late = deleteEvent(1n, now);
      const one = createStore(roomy);
      assert.deepEqual(applyEvents(one, [early, late, early, late]), [
        'stored',
        'stored',
        'known',
        'known',
      ]);
      const other = createStore(roomy);
      assert.deepEqual(applyEvents(other, [late, early]), ['stored', 'known']);
      const expiry = now + dayAndRetention;
      for (const moment of [now, expiry - 1, expiry, expiry + 1]) {
        assert.equal(one.stateHash(moment), other.stateHash(moment));
      }
      assert.notEqual(one.stateHash(expiry), one.stateHash(expiry + 1));
      assert.equal(one.stateHash(expiry + 1), createStore(roomy).stateHash(now));
    });

    test('S2: memory is given back an hour after expiry, not a second before', () => {
      const store = createStore(roomy);
      applyEvents(store, [
        createEvent({ postId: 1n, authorId: 1n, createdAt: now }),
        createEvent({ postId: 2n, authorId: 2n, createdAt: now + 1 }),
        deleteEvent(3n, now),
      ]);
      const { posts: kept } = store.reclaim(now + retentionSeconds + 3_600);
      assert.equal(kept, 0);
      assert.equal(store.stats(now).posts, 2);

      // A store may give back whole segments, so only a day later must all of it be gone.
      store.reclaim(now + retentionSeconds + 3_601);
      assert.ok(store.stats(now).posts <= 2);
      assert.equal(store.stats(now).tombstones, 1);
      store.reclaim(now + dayAndRetention + 3_601);
      const { users, posts, tombstones } = store.stats(now);
      assert.deepEqual({ users, posts, tombstones }, { users: 0, posts: 0, tombstones: 0 });
    });

    test('S4: at the bound the oldest posts go, the newest never, and the status says so', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 64 }),
          fc.uniqueArray(fc.integer({ min: 0, max: retentionSeconds }), {
            maxLength: 150,
            size: 'max',
          }),
          fc.boolean(),
          (postsMax, given, inOrder) => {
            const ages = inOrder ? given.toSorted((one, other) => other - one) : given;
            const store = createStore({ ...roomy, postsMax });
            let newest = Number.NEGATIVE_INFINITY;
            let lost = 0;
            for (const [index, age] of ages.entries()) {
              const createdAt = now - age;
              const event = createEvent({ postId: BigInt(index + 1), authorId: 7n, createdAt });
              const [outcome] = applyEvents(store, [event]);
              if (createdAt > newest) {
                assert.equal(outcome, 'stored', 'the newest is never refused');
                newest = createdAt;
              }
              const stats = store.stats(now);
              assert.ok(stats.posts <= postsMax);
              assert.ok(stats.bytesUsed <= stats.bytesBound);
              assert.equal(stats.newestCreatedAt, newest);
              lost = stats.evictedPosts;
              assert.equal(stats.posts + lost, index + 1, 'every post is stored or counted');
            }
            if (evictionOrder === 'arrival' && !inOrder) {
              return;
            }
            // What is left are the newest of all, with nothing missing between them.
            const stats = store.stats(now);
            const sorted = ages.map((age) => now - age).toSorted((one, other) => other - one);
            assert.equal(stats.oldestCreatedAt, sorted[stats.posts - 1] ?? null);
            assert.ok(stats.effectiveRetentionSeconds <= retentionSeconds);
            assert.ok(stats.effectiveRetentionSeconds >= now - (stats.oldestCreatedAt ?? now));
          },
        ),
      );
    });

    test('S4: a post as old as what was given up is not stored, and the effective retention recovers', () => {
      const store = createStore({ ...roomy, postsMax: 80 });
      const posts = Array.from({ length: 81 }, (_, index) =>
        createEvent({ postId: BigInt(index + 1), authorId: 1n, createdAt: now - 100 + index }),
      );
      applyEvents(store, posts);
      const full = store.stats(now);
      assert.ok(full.evictedPosts > 0);
      assert.ok(full.effectiveRetentionSeconds <= 100);
      const late = createEvent({ postId: 99n, authorId: 1n, createdAt: now - 101 });
      assert.deepEqual(applyEvents(store, [late]), ['evicted']);
      assert.deepEqual(applyEvents(store, posts.slice(0, 1)), ['evicted']);
      assert.equal(store.stats(now).posts, full.posts);
      assert.equal(store.stats(now).evictedPosts, full.evictedPosts + 2);
      assert.equal(
        store.stats(now + retentionSeconds).effectiveRetentionSeconds,
        retentionSeconds,
        'what was given up would have expired by now',
      );
    });

    test('S4: posts from the future go before all others, and never keep a real one out', () => {
      const postsMax = 32;
      const store = createStore({ ...roomy, postsMax });
      const future = now + maxFutureSkewSeconds + 1;
      const flood = Array.from({ length: 100 }, (_, index) =>
        createEvent({ postId: BigInt(index + 1), authorId: 1n, createdAt: future + index }),
      );
      applyEvents(store, flood, now);
      assert.ok(store.stats(now).posts <= postsMax);
      // Oldest last: each of them is older than whatever went before.
      for (let index = 0; index < postsMax / 2; index += 1) {
        const createdAt = now + maxFutureSkewSeconds - index;
        const real = createEvent({ postId: BigInt(1_000 + index), authorId: 1n, createdAt });
        assert.deepEqual(applyEvents(store, [real], now), ['stored']);
        const expected = createStore(roomy);
        applyEvents(
          expected,
          Array.from({ length: index + 1 }, (_, at) =>
            createEvent({
              postId: BigInt(1_000 + at),
              authorId: 1n,
              createdAt: now + maxFutureSkewSeconds - at,
            }),
          ),
        );
        assert.equal(store.stateHash(now), expected.stateHash(now), 'every real post is there');
      }
      assert.equal(store.stats(now).effectiveRetentionSeconds, retentionSeconds);
    });

    test('S4: at any time with any stamps, a post newer than all that can be seen is stored', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 20 }),
          fc.array(
            fc.record({
              wait: fc.integer({ min: 0, max: 50 }),
              ahead: fc.integer({ min: -retentionSeconds, max: 86_400 }),
            }),
            { maxLength: 120, size: 'max' },
          ),
          (postsMax, steps) => {
            const store = createStore({ ...roomy, postsMax });
            const stamps: number[] = [];
            let moment = now;
            for (const [index, { wait, ahead }] of steps.entries()) {
              moment += wait;
              const createdAt = moment + ahead;
              const seenUntil = moment + maxFutureSkewSeconds;
              const isNewest = stamps.every((stamp) => stamp < createdAt || stamp > seenUntil);
              const event = createEvent({ postId: BigInt(index + 1), authorId: 1n, createdAt });
              const [outcome] = applyEvents(store, [event], moment);
              if (isNewest && createdAt <= seenUntil) assert.equal(outcome, 'stored');
              stamps.push(createdAt);
              assert.ok(store.stats(moment).posts <= postsMax);
            }
          },
        ),
      );
    });

    test('S4: a full tombstone table gives up those that expire first', () => {
      const tombstonesMax = 16;
      const store = createStore({ ...roomy, tombstonesMax });
      const deletes = Array.from({ length: 40 }, (_, index) =>
        deleteEvent(BigInt(index + 1), now - 40 + index),
      );
      const outcomes = applyEvents(store, deletes);
      assert.ok(outcomes.every((outcome) => outcome === 'stored'));
      const { tombstones, evictedTombstones } = store.stats(now);
      assert.ok(tombstones <= tombstonesMax);
      assert.equal(tombstones + evictedTombstones, 40);
      // The last `tombstones` of them are those that are left.
      const expected = createStore(roomy);
      applyEvents(expected, deletes.slice(-tombstones));
      assert.equal(store.stateHash(now), expected.stateHash(now));
    });

    test('S5: clear empties everything, tombstones and the marks of eviction included', () => {
      fc.assert(
        fc.property(honestEvents, fc.constantFrom(2, 10_000), (events, max) => {
          const options = { ...roomy, postsMax: max, tombstonesMax: max };
          const store = createStore(options);
          applyEvents(store, events);
          store.clear();
          const fresh = createStore(options);
          assert.deepEqual(store.stats(now), fresh.stats(now));
          assert.equal(store.stateHash(now), fresh.stateHash(now));
          // It goes on like a new one: what was deleted can be seen again.
          applyEvents(store, events);
          applyEvents(fresh, events);
          assert.deepEqual(store.stats(now), fresh.stats(now));
          assert.equal(store.stateHash(now), fresh.stateHash(now));
        }),
      );
    });

    test('S5: stats count what is stored', () => {
      const store = createStore(roomy);
      assert.deepEqual(
        { oldest: store.stats(now).oldestCreatedAt, newest: store.stats(now).newestCreatedAt },
        { oldest: null, newest: null },
      );
      const retweet = { isRetweet: true, sourcePostId: 2n, sourceUserId: 1n };
      applyEvents(store, [
        createEvent({ postId: 1n, authorId: 1n, createdAt: now - 50 }),
        createEvent({ postId: 2n, authorId: 1n, createdAt: now - 40, hasVideo: true }),
        createEvent({ postId: 3n, authorId: 2n, createdAt: now - 30, inReplyToPostId: 1n }),
        createEvent({ postId: 4n, authorId: 2n, createdAt: now - 20, ...retweet }),
        createEvent({ postId: 5n, authorId: 2n, createdAt: now + 10_000 }),
        deleteEvent(1n, now),
        deleteEvent(77n, now),
      ]);
      const stats = store.stats(now);
      const { users, posts, originals, secondaries, videos, tombstones } = stats;
      assert.deepEqual(
        { users, posts, originals, secondaries, videos, tombstones },
        { users: 2, posts: 5, originals: 3, secondaries: 2, videos: 2, tombstones: 2 },
      );
      assert.equal(stats.oldestCreatedAt, now - 50);
      assert.equal(stats.newestCreatedAt, now + 10_000);
      assert.equal(stats.effectiveRetentionSeconds, retentionSeconds);
      const byArena = Object.values(stats.bytesByArena).reduce((sum, bytes) => sum + bytes, 0);
      assert.equal(stats.bytesUsed, byArena);
      assert.ok(stats.bytesUsed > 0 && stats.bytesUsed <= stats.bytesBound);
    });

    test('S6: equal for any order and repetition of the events, at every moment', () => {
      fc.assert(
        fc.property(
          honestEvents.chain((events) => fc.tuple(fc.constant(events), reordered(events))),
          arbitraryNow,
          ([events, again], moment) => {
            const one = createStore(roomy);
            const other = createStore(roomy);
            applyEvents(one, events);
            applyEvents(other, again);
            assert.equal(one.stateHash(moment), other.stateHash(moment));
            assert.deepEqual(countsOf(one.stats(moment)), countsOf(other.stats(moment)));
          },
        ),
      );
    });

    test('S6: tells apart states that differ in one thing, and sees only what is live', () => {
      const base = [
        createEvent({ postId: 1n, authorId: 1n, createdAt: now }),
        createEvent({ postId: 2n, authorId: 1n, createdAt: now }),
      ];
      const hashOf = (events: Parameters<typeof applyEvents>[1], moment = now): string => {
        const store = createStore(roomy);
        applyEvents(store, events);
        const hash = store.stateHash(moment);
        assert.match(hash, /^[0-9a-f]{16}$/);
        return hash;
      };
      const states = [
        [],
        base,
        base.slice(0, 1),
        [createEvent({ postId: 1n, authorId: 2n, createdAt: now })],
        [createEvent({ postId: 1n, authorId: 1n, createdAt: now - 1 })],
        [createEvent({ postId: 1n, authorId: 1n, createdAt: now, hasVideo: true })],
        [createEvent({ postId: 1n + 2n ** 32n, authorId: 1n, createdAt: now })],
        [...base, deleteEvent(1n, now)],
        [...base, deleteEvent(1n, now - 1)],
        [...base, deleteEvent(3n, now)],
        [...base, deleteEvent(3n + 2n ** 32n, now)],
      ];
      assert.equal(new Set(states.map((events) => hashOf(events))).size, states.length);

      const unseen = [
        createEvent({ postId: 8n, authorId: 1n, createdAt: now - retentionSeconds - 1 }),
        createEvent({ postId: 9n, authorId: 1n, createdAt: now + maxFutureSkewSeconds + 1 }),
        deleteEvent(3n, now - dayAndRetention - 1),
      ];
      assert.equal(hashOf([...base, ...unseen]), hashOf(base));
      const hidden = createEvent({ postId: 3n, authorId: 1n, createdAt: now });
      const tombstone = deleteEvent(3n, now);
      assert.equal(hashOf([...base, hidden, tombstone]), hashOf([...base, tombstone]));
    });

    test('P1: reclaiming changes no hash', () => {
      fc.assert(
        fc.property(
          honestEvents,
          fc.array(fc.integer({ min: -100_000, max: 0 }), { maxLength: 4 }),
          arbitraryNow,
          (events, passes, moment) => {
            const plain = createStore(roomy);
            const reclaimed = createStore(roomy);
            applyEvents(plain, events);
            for (const pass of passes) {
              applyEvents(reclaimed, events.slice(0, events.length / 2));
              reclaimed.reclaim(moment + pass);
            }
            applyEvents(reclaimed, events);
            reclaimed.reclaim(moment);
            assert.equal(reclaimed.stateHash(moment), plain.stateHash(moment));
          },
        ),
      );
    });
  });
}
