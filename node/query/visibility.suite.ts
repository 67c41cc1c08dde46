/**
 * What every store must let its engine show: the rules of the store, seen in answers.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { smallWorld } from '#test/oracle/arbitrary-events.ts';
import { applyEvents, deleteEvent, idsInBody, type PlainEvent } from '#test/oracle/plain-events.ts';
import type { StoreOptions } from '../store/post-store.ts';
import type { PlanOptions } from './plan-request.ts';
import {
  answeredBy,
  ask,
  ids,
  post,
  roomy,
  run,
  type SubjectFactory,
  subjectOf,
} from './subject.suite.ts';

const { now, retentionSeconds, maxFutureSkewSeconds } = smallWorld;
const day = 86_400;

export function visibilitySuite(name: string, createSubject: SubjectFactory): void {
  const subject = (
    events: readonly PlainEvent[],
    options: Partial<PlanOptions> = {},
    store: StoreOptions = roomy,
  ) => subjectOf(createSubject, events, options, store);
  const answered = answeredBy(createSubject);
  const videos = (...events: readonly PlainEvent[]) => answered(events, { isVideoRequest: true });

  describe(`${name} and what it lets be seen`, () => {
    test('S1: newest first, ties by the larger id, also for late arrivals', () => {
      const events = [
        post(5n, { createdAt: now - 5 }),
        post(2n ** 63n + 1n, { createdAt: now - 5 }),
        post(2n ** 63n + 2n, { createdAt: now - 5 }),
        post(3n, { createdAt: now - 1 }),
        post(2n ** 53n + 1n, { createdAt: now - 5 }),
        post(2n ** 53n + 2n, { createdAt: now - 5 }),
        post(4n, { createdAt: now - 9 }),
        post(6n, { createdAt: now - 2, isRetweet: true }),
      ];
      const expected = [
        3n,
        6n,
        2n ** 63n + 2n,
        2n ** 63n + 1n,
        2n ** 53n + 2n,
        2n ** 53n + 1n,
        5n,
        4n,
      ];
      assert.deepEqual(answered(events), expected);
      assert.deepEqual(answered(events.toReversed()), expected);
    });

    test('S2: live from the first to the last second of retention, and not before its time', () => {
      const one = subject([post(1n)]);
      const seenAt = (moment: number) => ask(one, { following: [1n] }, moment).posts;
      assert.equal(seenAt(now - maxFutureSkewSeconds - 1), 0);
      assert.equal(seenAt(now - maxFutureSkewSeconds), 1);
      assert.equal(seenAt(now + retentionSeconds), 1);
      assert.equal(seenAt(now + retentionSeconds + 1), 0);
      assert.equal(seenAt(now), 1, 'asking has no memory');
    });

    test('E5: a delete hides, whichever comes first, until its tombstone expires', () => {
      for (const events of [
        [post(1n), deleteEvent(1n, now)],
        [deleteEvent(1n, now), post(1n)],
        [deleteEvent(1n, now), post(1n), deleteEvent(1n, now - 50), post(1n)],
      ]) {
        const answer = ask(subject(events), { following: [1n] });
        assert.equal(answer.posts, 0);
        assert.equal(answer.deletedFiltered, 1);
      }
      // A post stamped more than a day after its delete outlives the tombstone.
      const late = post(1n, { createdAt: now + day + 100 });
      for (const events of [
        [deleteEvent(1n, now), late],
        [late, deleteEvent(1n, now)],
      ]) {
        const one = subject(events);
        const expiry = now + retentionSeconds + day;
        assert.equal(ask(one, { following: [1n] }, expiry).posts, 0);
        assert.equal(ask(one, { following: [1n] }, expiry + 1).posts, 1);
      }
    });

    test('E6: ids above 2^53 and 2^63 are ordinary, as author, post, parent, source and user', () => {
      const high = 2n ** 63n + 1n;
      const near = 2n ** 63n + 2n;
      const events = [
        post(high, { authorId: high }),
        post(near, { authorId: near, inReplyToPostId: high, createdAt: now - 1 }),
        post(2n ** 53n + 1n, {
          authorId: high,
          isRetweet: true,
          sourceUserId: near,
          createdAt: now - 2,
        }),
      ];
      assert.deepEqual(answered(events, { following: [high, near] }), [high, near, 2n ** 53n + 1n]);
      assert.deepEqual(answered(events, { following: [high, near], userId: near }), [high, near]);
      assert.deepEqual(answered(events, { following: [near], excluded: [high] }), [near]);
      assert.deepEqual(answered(events, { following: [2n ** 63n, 1n] }), []);
    });

    test('S3: a video is judged by what it and its source are now', () => {
      const video = post(10n, { authorId: 2n, hasVideo: true });
      const retweet = post(1n, { isRetweet: true, sourcePostId: 10n, sourceUserId: 2n });
      assert.deepEqual(videos(post(1n, { hasVideo: true })), [1n]);
      assert.deepEqual(videos(post(1n)), []);
      assert.deepEqual(videos(post(1n, { hasVideo: true, inReplyToPostId: 10n }), video), []);
      assert.deepEqual(videos(post(1n, { hasVideo: true, isReply: true })), []);
      assert.deepEqual(videos(retweet, video), [1n]);
      assert.deepEqual(videos(video, retweet), [1n], 'not judged at insert');
      assert.deepEqual(videos(retweet), [], 'no source');
      assert.deepEqual(videos(retweet, video, deleteEvent(10n, now)), []);
      assert.deepEqual(videos(retweet, post(10n, { authorId: 2n })), []);
      assert.deepEqual(videos(retweet, post(10n, { hasVideo: true, isReply: true })), []);
      assert.deepEqual(
        videos(retweet, post(10n, { hasVideo: true, createdAt: now - retentionSeconds - 1 })),
        [],
      );
      assert.deepEqual(videos(post(1n, { isRetweet: true }), video), [], 'no source id');
      assert.deepEqual(
        videos(post(1n, { isRetweet: true, sourcePostId: 10n, isReply: true }), video),
        [],
      );
    });

    test('S3, Q3: only videos count for the caps and the scan budget of the video timeline', () => {
      const others = run(1_000n, 600, { isRetweet: true, sourcePostId: 1n });
      const videos = run(1n, 101, { hasVideo: true, createdAt: now - 700 });
      assert.deepEqual(
        answered([post(1n, { authorId: 5n }), ...others, ...videos.slice(1)], {
          isVideoRequest: true,
        }),
        ids(2n, 100),
      );
    });

    test('S4: a post that was given up is in no answer, and the newest is in every', () => {
      const small = { ...roomy, postsMax: 32 };
      const one = subject([], {}, small);
      for (const [index, event] of run(1n, 100, { hasVideo: true }).toReversed().entries()) {
        applyEvents(one.store, [event]);
        const found = idsInBody(ask(one, { following: [1n] }).body);
        assert.equal(found[0], BigInt(100 - index));
        assert.ok(found.length <= 32);
        assert.deepEqual(found, ids(found[0] ?? 0n, found.length), 'nothing missing between');
        const videos = ask(one, { following: [1n], isVideoRequest: true });
        assert.deepEqual(idsInBody(videos.body), found);
      }
    });

    test('S5: after a clear nothing is left, and a deleted post can come back', () => {
      const one = subject([post(1n), post(2n), deleteEvent(1n, now)]);
      one.store.clear();
      assert.equal(ask(one, { following: [1n] }).body.length, 0);
      applyEvents(one.store, [post(1n)]);
      assert.deepEqual(idsInBody(ask(one, { following: [1n] }).body), [1n]);
    });
  });
}
