/**
 * A store that lives: posts come, late ones too, and go again, many times as many as it ever holds.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '#cli/generator/random.ts';
import {
  applyEvents,
  createEvent,
  deleteEvent,
  idsInBody,
  type PlainEvent,
  plainRequest,
  toRequestFields,
} from '#test/oracle/plain-events.ts';
import { createSimpleQuery } from '#test/oracle/simple-query.ts';
import { SimpleStore } from '#test/oracle/simple-store.ts';
import { ColumnarStore } from '../../store/columns/columnar-store.ts';
import { defaultQueryLimits } from '../query-engine.ts';
import { createColumnarQuery } from './columnar-query.ts';

const start = 1_700_000_000;
const retentionSeconds = 1_000;
const maxFutureSkewSeconds = 300;
/** How long a post is held: an hour beyond retention. */
const turnoverSeconds = retentionSeconds + 3_600;
const passSeconds = 100;
const authors = 200;
const plan = {
  limits: defaultQueryLimits,
  blockedAuthors: () => new Set<bigint>(),
  strictLimits: false,
};
const everybody = Array.from({ length: authors }, (_, index) => BigInt(index + 1));

/** What happens in a second. */
function eventsOf(random: Random, second: number, aheadShare: number): PlainEvent[] {
  const postId = BigInt(second) * 1_000n;
  const late = random.chance(0.05) ? random.below(retentionSeconds) : 0;
  const ahead = random.chance(aheadShare) ? random.below(500) : 0;
  const earlier = () => BigInt(second - random.below(200)) * 1_000n;
  const shape = random.fraction();
  const create = createEvent({
    postId,
    authorId: everybody[Math.floor(random.fraction() ** 4 * authors)]!,
    createdAt: second - late + ahead,
    hasVideo: random.chance(0.1),
    ...(shape < 0.4
      ? { inReplyToPostId: earlier(), inReplyToUserId: 1n, conversationId: earlier() }
      : shape < 0.6
        ? { isRetweet: true, sourcePostId: earlier(), sourceUserId: 2n }
        : {}),
  });
  return random.chance(0.05) ? [create, deleteEvent(earlier(), second)] : [create];
}

test('S2, S4: over ten turnovers memory stays as large as after the first, and answers as they should be', () => {
  const options = { retentionSeconds, maxFutureSkewSeconds, postsMax: 8_000, tombstonesMax: 8_000 };
  const columnar = new ColumnarStore(options);
  const simple = new SimpleStore(options);
  const engines = [createSimpleQuery(simple, plan), createColumnarQuery(columnar, plan)];
  const random = new Random(7);
  let largest: Readonly<Record<string, number>> = {};
  for (let second = 0; second < turnoverSeconds * 11; second += 1) {
    const now = start + second;
    const events = eventsOf(random, now, 0.01);
    applyEvents(columnar, events, now);
    applyEvents(simple, events, now);
    if (second % passSeconds !== 0) continue;
    columnar.reclaim(now);
    if (second % 1_000 !== 0) continue;
    simple.reclaim(now);
    const request = {
      userId: 1n,
      following: everybody,
      maxResults: 40,
      isVideoRequest: second % 2_000 === 0,
    };
    const [expected, actual] = engines.map((engine) =>
      Buffer.from(
        engine.answer(toRequestFields(plainRequest(request)), {
          now,
          shouldStop: () => false,
          wantStatistics: false,
        }).body,
      ),
    );
    assert.deepEqual(actual, expected);
    assert.equal(columnar.stateHash(now), simple.stateHash(now));
    // Tombstones live a day longer than posts: they have not turned over yet.
    const { bytesByArena: all, evictedPosts } = columnar.stats(now);
    const { tombstones: _tombstones, ...bytesByArena } = all;
    assert.equal(evictedPosts, 0);
    if (second <= turnoverSeconds * 2) {
      largest = bytesByArena;
    } else {
      for (const [arena, bytes] of Object.entries(bytesByArena)) {
        const bound = largest[arena]! * 1.25 + 4_096;
        assert.ok(bytes <= bound, `${arena}: ${bytes}, after two turnovers ${largest[arena]}`);
      }
    }
  }
  const end = start + turnoverSeconds * 13;
  columnar.reclaim(end + 86_400);
  const { users, posts, bytesByArena } = columnar.stats(end);
  assert.deepEqual({ users, posts }, { users: 0, posts: 0 });
  assert.equal(bytesByArena['timelines'], 0);
});

for (const [bound, options] of Object.entries({
  posts: { postsMax: 500 },
  bytes: { slabBytes: 16_000 },
  authors: { authorsMax: 20 },
})) {
  test(`S4: with as many ${bound} as it can hold a store gives up what came first, and serves on`, () => {
    const store = new ColumnarStore({
      retentionSeconds,
      maxFutureSkewSeconds,
      postsMax: 8_000,
      tombstonesMax: 100,
      ...options,
    });
    const engine = createColumnarQuery(store, plan);
    const random = new Random(11);
    for (let second = 0; second < turnoverSeconds * 2; second += 1) {
      const now = start + second;
      const events = eventsOf(random, now, 0);
      const [outcome] = applyEvents(store, events, now);
      const [event] = events;
      if (event?.kind === 'create' && event.post.createdAt === now) {
        assert.equal(outcome, 'stored', 'the newest is never refused');
        const { hasVideo, isReply, authorId } = event.post;
        const request = { following: [authorId], isVideoRequest: hasVideo };
        const answer = engine.answer(toRequestFields(plainRequest(request)), {
          now,
          shouldStop: () => false,
          wantStatistics: false,
        });
        if (!isReply && events.length === 1) {
          assert.ok(idsInBody(answer.body).includes(event.post.postId));
        }
      }
      if (second % passSeconds === 0) store.reclaim(now);
    }
    const now = start + turnoverSeconds * 2;
    const stats = store.stats(now);
    assert.ok(stats.evictedPosts > 0);
    assert.ok(stats.effectiveRetentionSeconds < retentionSeconds);
    assert.ok(stats.bytesUsed <= stats.bytesBound);
  });
}
