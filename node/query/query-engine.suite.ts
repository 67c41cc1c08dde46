/**
 * What every engine must answer: the rules of the query, each by examples.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { smallWorld } from '#test/oracle/arbitrary-events.ts';
import {
  deleteEvent,
  idsInBody,
  type PlainEvent,
  type PlainPost,
  plainRequest,
  toRequestFields,
} from '#test/oracle/plain-events.ts';
import type { StoreOptions } from '../store/post-store.ts';
import type { PlanOptions } from './plan-request.ts';
import { defaultQueryLimits, type QueryLimits } from './query-engine.ts';
import {
  answeredBy,
  ask,
  ids,
  post,
  roomy,
  run,
  type SubjectFactory,
  sorted,
  subjectOf,
} from './subject.suite.ts';

const { now, retentionSeconds, maxFutureSkewSeconds } = smallWorld;
/** Low enough that requests of the small world go beyond them. */
const lowLimits: QueryLimits = {
  followingMax: 3,
  excludedMax: 2,
  defaultResults: 6,
  defaultVideoResults: 4,
  resultsMax: 8,
};

export function queryEngineSuite(name: string, createSubject: SubjectFactory): void {
  const subject = (
    events: readonly PlainEvent[],
    options: Partial<PlanOptions> = {},
    store: StoreOptions = roomy,
  ) => subjectOf(createSubject, events, options, store);
  const answered = answeredBy(createSubject);

  describe(`${name} as an answer to queries`, () => {
    test('Q1: follows count once, blocked authors do not count, and the first of the rest are used', () => {
      const events = ids(1n, 9).map((id) => post(id, { authorId: id }));
      const limits = { ...defaultQueryLimits, followingMax: 3 };
      const blockedAuthors = new Set([1n, 2n]);
      const one = subject(events, { limits, blockedAuthors: () => blockedAuthors });
      const all = { following: [1n, 5n, 5n, 0n, 2n, 3n, 5n, 4n, 3n, 9n, 8n] };
      const answer = ask(one, all);
      assert.deepEqual(sorted(idsInBody(answer.body)), [3n, 4n, 5n]);
      assert.deepEqual(answer.truncations, [{ field: 'following', given: 5, used: 3 }]);
      const exact = ask(one, { following: [3n, 3n, 4n, 1n, 5n, 0n] });
      assert.equal(exact.posts, 3);
      assert.deepEqual(exact.truncations, []);
    });

    test('Q1: the blocklist can change under a running engine', () => {
      let blocked = new Set<bigint>();
      const one = subject([post(1n)], { blockedAuthors: () => blocked });
      assert.equal(ask(one, { following: [1n] }).posts, 1);
      blocked = new Set([1n]);
      assert.equal(ask(one, { following: [1n] }).posts, 0);
    });

    test('Q1: the first excluded ids are used, as they were sent', () => {
      const one = subject(run(1n, 4), { limits: { ...defaultQueryLimits, excludedMax: 3 } });
      const answer = ask(one, { following: [1n], excluded: [1n, 1n, 77n, 2n] });
      assert.deepEqual(idsInBody(answer.body), [2n, 3n, 4n]);
      assert.deepEqual(answer.truncations, [{ field: 'exclude', given: 4, used: 3 }]);
    });

    test('Q1: ten thousand of each are used by default', () => {
      const one = subject([post(1n, { authorId: 10_000n }), post(2n, { authorId: 10_001n })]);
      const answer = ask(one, { following: ids(1n, 10_001), excluded: ids(2n, 10_001) });
      assert.deepEqual(idsInBody(answer.body), [1n]);
      assert.deepEqual(answer.truncations, [
        { field: 'following', given: 10_001, used: 10_000 },
        { field: 'exclude', given: 10_001, used: 10_000 },
      ]);
    });

    test('Q1: with strict limits what would be cut is refused, naming the limit', () => {
      const one = subject([post(1n)], { limits: lowLimits, strictLimits: true });
      assert.equal(ask(one, { following: [1n, 2n, 3n, 3n] }).posts, 1);
      assert.throws(() => ask(one, { following: [1n, 2n, 3n, 4n] }), {
        name: 'InvalidRequestError',
        code: 'INVALID_REQUEST',
        message: /following 4, at most 3/,
      });
      assert.throws(() => ask(one, { excluded: [1n, 1n, 1n] }), /exclude 3, at most 2/);
      assert.throws(() => ask(one, { maxResults: 9 }), /max_results 9, at most 8/);
    });

    test('Q2: no number means the default, a large one the ceiling', () => {
      const authors = ids(1n, 120);
      const events = authors.flatMap((authorId) =>
        run(authorId * 1_000n, 50, { authorId, hasVideo: true }),
      );
      const one = subject(events);
      const all = { following: authors };
      assert.equal(ask(one, all).posts, 1_200);
      assert.equal(ask(one, { ...all, isVideoRequest: true }).posts, 600);
      assert.equal(ask(one, { ...all, maxResults: 7 }).posts, 7);
      assert.equal(ask(one, { ...all, maxResults: 5_000 }).posts, 5_000);
      assert.deepEqual(ask(one, { ...all, maxResults: 5_000 }).truncations, []);
      const clamped = ask(one, { ...all, maxResults: 0xffff_ffff });
      assert.equal(clamped.posts, 5_000);
      assert.deepEqual(clamped.truncations, [
        { field: 'max_results', given: 0xffff_ffff, used: 5_000 },
      ]);
      const low = subject(events, { limits: { ...defaultQueryLimits, resultsMax: 10 } });
      assert.equal(ask(low, all).posts, 10);
      assert.deepEqual(ask(low, all).truncations, [], 'nobody asked for more');
    });

    test('Q3: fifty originals, thirty secondaries, a hundred videos of each author', () => {
      const events = [1n, 2n].flatMap((authorId) => [
        ...run(authorId * 10_000n, 60, { authorId }),
        ...run(authorId * 10_000n + 1_000n, 40, { authorId, isRetweet: true }),
        ...run(authorId * 10_000n + 2_000n, 130, {
          authorId,
          hasVideo: true,
          createdAt: now - 500,
        }),
      ]);
      const found = answered(events, { following: [1n, 2n] });
      assert.equal(found.length, 160);
      for (const authorId of [1n, 2n]) {
        assert.deepEqual(sorted(found.filter((id) => id / 10_000n === authorId)), [
          ...ids(authorId * 10_000n, 50),
          ...ids(authorId * 10_000n + 1_000n, 30),
        ]);
      }
      const videos = answered(events, { following: [2n], isVideoRequest: true });
      assert.deepEqual(videos, ids(22_000n, 100));
    });

    test('Q3: caps count what passed, and only live, non-excluded entries use up the budget', () => {
      const mine = { isRetweet: true, sourceUserId: 9n };
      const other = { isRetweet: true, sourceUserId: 8n };
      const old = { createdAt: now - 600 };
      const excluded = ids(50_000n, 300);
      const gone = ids(60_000n, 300).map((id) => deleteEvent(id, now));
      const free = [...run(50_000n, 300, mine), ...run(60_000n, 300, mine), ...gone];
      const future = run(70_000n, 300, { ...mine, createdAt: now + maxFutureSkewSeconds + 300 });
      const before = [...free, ...future];
      const ask499 = [...before, ...run(1n, 499, mine), post(900n, { ...other, ...old })];
      assert.deepEqual(answered(ask499, { excluded }), [900n]);
      const ask500 = [...before, ...run(1n, 500, mine), post(900n, { ...other, ...old })];
      assert.deepEqual(answered(ask500, { excluded }), []);
      // The budget is of a timeline: originals of the same author are not touched by it.
      assert.deepEqual(answered([...ask500, post(901n, old)], { excluded }), [901n]);
    });

    test("Q4: excluded, not live, and the user's own posts coming back are left out", () => {
      const events = [
        post(1n),
        post(2n, { createdAt: now - 1 }),
        post(3n, { isRetweet: true, sourceUserId: 9n, createdAt: now - 2 }),
        post(4n, { isRetweet: true, sourceUserId: 8n, createdAt: now - 3 }),
        post(5n, { isRetweet: true, createdAt: now - 4 }),
        post(6n, { sourceUserId: 9n, createdAt: now - 5 }),
        deleteEvent(2n, now),
      ];
      assert.deepEqual(answered(events, { excluded: [1n, 77n] }), [4n, 5n, 6n]);
      assert.deepEqual(answered(events, { userId: 8n }), [1n, 3n, 5n, 6n]);
      const video = { hasVideo: true, isRetweet: true };
      assert.deepEqual(
        answered(
          [post(1n, { ...video, sourceUserId: 9n }), post(2n, { ...video, sourceUserId: 8n })],
          {
            isVideoRequest: true,
          },
        ),
        [2n],
      );
    });

    test('Q4: a post that is both excluded and deleted counts as excluded', () => {
      const one = subject([post(1n), post(2n), deleteEvent(1n, now), deleteEvent(2n, now)]);
      assert.equal(ask(one, { following: [1n], excluded: [1n] }).deletedFiltered, 1);
    });

    test('Q5: a reply to an original passes while the parent lives', () => {
      const reply = post(1n, { inReplyToPostId: 10n, inReplyToUserId: 77n });
      const parent = post(10n, { authorId: 2n });
      assert.deepEqual(answered([reply, parent]), [1n]);
      assert.deepEqual(answered([reply, parent], { excluded: [10n] }), [1n]);
      assert.deepEqual(answered([reply]), []);
      assert.deepEqual(answered([reply, parent, deleteEvent(10n, now)]), []);
      assert.deepEqual(
        answered([reply, post(10n, { authorId: 2n, createdAt: now - retentionSeconds - 1 })]),
        [],
      );
      assert.deepEqual(answered([post(1n, { isReply: true })]), [1n], 'no parent named');
      assert.deepEqual(answered([post(1n, { inReplyToUserId: 77n })]), [1n], 'no parent named');
      assert.deepEqual(
        answered([post(1n, { isRetweet: true, inReplyToPostId: 10n })]),
        [],
        'the rule is for all secondaries',
      );
    });

    test('Q5: a reply to a reply or retweet passes only up a conversation, to somebody followed', () => {
      const passing = {
        reply: { inReplyToPostId: 10n, inReplyToUserId: 2n, conversationId: 5n },
        parent: { authorId: 2n, inReplyToPostId: 5n } as Partial<PlainPost>,
        following: [1n, 2n],
      };
      const passes = (given: Partial<typeof passing>): boolean => {
        const { reply, parent, following } = { ...passing, ...given };
        return answered([post(1n, reply), post(10n, parent)], {
          following,
          excluded: [10n],
        }).includes(1n);
      };
      const { reply, parent } = passing;
      assert.equal(passes({}), true);
      assert.equal(passes({ parent: { ...parent, isRetweet: true } }), true);
      assert.equal(passes({ following: [1n] }), false);
      assert.equal(passes({ following: [1n, 3n] }), false);
      assert.equal(passes({ parent: { ...parent, inReplyToPostId: 6n } }), false);
      assert.equal(passes({ parent: { authorId: 2n, isReply: true } }), false);
      assert.equal(passes({ parent: { authorId: 2n, isRetweet: true } }), false);
      assert.equal(passes({ parent: { authorId: 2n } }), true, 'an original parent suffices');
      const { conversationId: _, ...noConversation } = reply;
      const { inReplyToUserId: __, ...noUser } = reply;
      for (const cut of [noConversation, noUser]) {
        assert.deepEqual(
          answered([post(1n, cut), post(10n, parent)], { following: [1n, 2n], excluded: [10n] }),
          [],
        );
      }
      assert.deepEqual(
        answered([post(1n, noConversation), post(10n, { authorId: 2n, isReply: true })], {
          following: [1n, 2n],
          excluded: [10n],
        }),
        [],
        'two absent ids are not equal',
      );
      assert.deepEqual(
        answered([post(1n, { ...reply, inReplyToUserId: 0n }), post(10n, parent)], {
          following: [1n, 0n],
        }),
        [],
        'user 0 is nobody',
      );
    });

    test('Q5: followed means followed after the blocklist and the cut', () => {
      const events = [
        post(1n, { inReplyToPostId: 10n, inReplyToUserId: 2n, conversationId: 5n }),
        post(10n, { authorId: 3n, inReplyToPostId: 5n }),
      ];
      const found = (options: Partial<PlanOptions>) =>
        idsInBody(ask(subject(events, options), { following: [1n, 7n, 2n] }).body);
      assert.deepEqual(found({}), [1n]);
      assert.deepEqual(found({ blockedAuthors: () => new Set([2n]) }), []);
      assert.deepEqual(found({ limits: { ...defaultQueryLimits, followingMax: 2 } }), []);
    });

    test('Q6: the newest of all that passed, whatever the algorithm is called', () => {
      const events = [...run(1n, 9, { authorId: 1n }), ...run(101n, 9, { authorId: 2n })];
      const one = subject(events);
      for (const algorithm of ['', 'recent', 'default', 'latest']) {
        const answer = ask(one, { following: [1n, 2n], maxResults: 5, algorithm });
        assert.deepEqual(idsInBody(answer.body), [101n, 1n, 102n, 2n, 103n]);
        assert.equal(answer.posts, 5);
      }
      for (const algorithm of ['Recent', 'ranked', ' ', 'x'.repeat(100_000)]) {
        assert.throws(
          () => ask(one, { following: [1n], algorithm }),
          (error: Error) => {
            assert.equal(error.name, 'InvalidRequestError');
            assert.match(error.message, /recent, default, latest/);
            assert.ok(error.message.length < 300);
            return true;
          },
        );
      }
    });

    test('Q6: nobody followed, nothing found', () => {
      const answer = ask(subject([post(1n)]), {}, now, true);
      assert.equal(answer.body.length, 0);
      assert.equal(answer.posts, 0);
      assert.equal(answer.partial, null);
      assert.equal(answer.statistics?.retrieved.posts, 0);
    });

    test('Q8: a scan that is told to stop answers what it has found so far', () => {
      const authors = ids(1n, 1_000);
      const one = subject(authors.map((id) => post(id, { authorId: id })));
      let asked = 0;
      const stopAfter = (times: number) =>
        one.engine.answer(toRequestFields(plainRequest({ following: authors })), {
          now,
          shouldStop: () => {
            asked += 1;
            return asked > times;
          },
          wantStatistics: false,
        });
      const whole = stopAfter(Number.POSITIVE_INFINITY);
      assert.equal(whole.partial, null);
      assert.equal(whole.posts, 1_000);
      const times = asked;
      assert.ok(times >= 10 && times <= 500, 'asked every few authors');

      asked = 0;
      const some = stopAfter(times - 2);
      assert.ok(some.partial !== null);
      assert.equal(some.partial.authors, 1_000);
      assert.ok(some.partial.authorsScanned > 0 && some.partial.authorsScanned < 1_000);
      assert.equal(asked, times - 1, 'not asked again once told');
      assert.deepEqual(
        idsInBody(some.body),
        authors.slice(0, some.partial.authorsScanned).toReversed(),
      );

      asked = 0;
      const none = stopAfter(0);
      assert.deepEqual(none.partial, { authorsScanned: 0, authors: 1_000 });
      assert.equal(none.posts, 0);
    });

    test('Q11: statistics of what passed and of what is returned', () => {
      const events = [
        post(1n, { createdAt: now - 10 }),
        post(2n, { createdAt: now - 20, isReply: true }),
        post(3n, { createdAt: now - 40, authorId: 2n }),
        post(4n, { createdAt: now - 50, authorId: 2n, isReply: true }),
        post(5n, { createdAt: now - 70, authorId: 3n }),
      ];
      const one = subject(events);
      const request = { following: [1n, 2n, 3n], maxResults: 2 };
      assert.equal(ask(one, request).statistics, null);
      assert.deepEqual(ask(one, request, now, true).statistics, {
        retrieved: {
          posts: 5,
          freshnessSeconds: 10,
          timeRangeSeconds: 60,
          replyRatio: 2 / 5,
          uniqueAuthors: 3,
          postsPerAuthor: 5 / 3,
        },
        scored: {
          posts: 2,
          freshnessSeconds: 10,
          timeRangeSeconds: 10,
          replyRatio: 1 / 2,
          uniqueAuthors: 1,
          postsPerAuthor: 2,
        },
      });
      const early = ask(one, request, now - 100, true).statistics;
      assert.equal(early?.scored.freshnessSeconds, 0, 'a post ahead of the clock is fresh');
    });
  });
}
