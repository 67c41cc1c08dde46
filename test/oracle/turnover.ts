/**
 * A store that lives: posts come, late ones too, and go again, many times as many as it ever holds.
 * Its answers stay those of the simple store, and its memory as large as it was.
 */
import assert from 'node:assert/strict';
import { Random } from '#cli/generator/random.ts';
import { createColumnarQuery } from '#node/query/columns/columnar-query.ts';
import { defaultQueryLimits } from '#node/query/query-engine.ts';
import { ColumnarStore } from '#node/store/columns/columnar-store.ts';
import { collectGarbage } from '../../bench/harness.ts';
import {
  applyEvents,
  createEvent,
  deleteEvent,
  type PlainEvent,
  plainRequest,
  toRequestFields,
} from './plain-events.ts';
import type { Step } from './seeded-checks.ts';
import { createSimpleQuery } from './simple-query.ts';
import { SimpleStore } from './simple-store.ts';

/** Seconds since the epoch: when the first event happens. */
export const turnoverStart = 1_700_000_000;
export const turnoverOptions = { retentionSeconds: 1_000, maxFutureSkewSeconds: 300 };
/** How long a post is held: an hour beyond retention. */
export const turnoverSeconds = turnoverOptions.retentionSeconds + 3_600;
/** Between two reclaiming passes. */
export const passSeconds = 100;
export const turnoverAuthors: readonly bigint[] = Array.from({ length: 200 }, (_, index) =>
  BigInt(index + 1),
);
export const turnoverPlan = {
  limits: defaultQueryLimits,
  blockedAuthors: () => new Set<bigint>(),
  strictLimits: false,
};
/** Between two comparisons with the simple store; every second one asks for videos. */
const compareSeconds = 1_000;
/** After so many turnovers memory must be as large as it gets. */
const settledAfter = 2;
/** An arena may be larger than it ever was by this factor and so many bytes: arrival is random. */
const growthMax = 1.25;
const growthBytesMax = 4_096;
/** The same for what the whole process holds: code that is compiled later counts, too. */
const heldGrowthBytesMax = 4 << 20;

/** What happens in a second: a post, often an answer or a retweet; at times a delete. */
export function eventsOf(random: Random, second: number, aheadShare: number): PlainEvent[] {
  const postId = BigInt(second) * 1_000n;
  const { retentionSeconds } = turnoverOptions;
  const late = random.chance(0.05) ? random.below(retentionSeconds) : 0;
  const ahead = random.chance(aheadShare) ? random.below(500) : 0;
  const earlier = () => BigInt(second - random.below(200)) * 1_000n;
  const shape = random.fraction();
  const create = createEvent({
    postId,
    authorId: turnoverAuthors[Math.floor(random.fraction() ** 4 * turnoverAuthors.length)]!,
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

/**
 * Lets a store turn over `turnovers` times and empties it; returns how many comparisons were made.
 * Throws at the first difference and when memory grows. `step` is told the turnovers done.
 */
export function runTurnovers(seed: number, turnovers: number, step: Step = () => true): number {
  const options = { ...turnoverOptions, postsMax: 8_000, tombstonesMax: 8_000 };
  const columnar = new ColumnarStore(options);
  const simple = new SimpleStore(options);
  const engines = [
    createSimpleQuery(simple, turnoverPlan),
    createColumnarQuery(columnar, turnoverPlan),
  ];
  const random = new Random(seed);
  let largest: Readonly<Record<string, number>> = {};
  let heldAtMost = Number.POSITIVE_INFINITY;
  let compared = 0;
  let second = 0;
  for (; second < turnoverSeconds * turnovers; second += 1) {
    const now = turnoverStart + second;
    const events = eventsOf(random, now, 0.01);
    applyEvents(columnar, events, now);
    applyEvents(simple, events, now);
    if (second > 0 && second % turnoverSeconds === 0) {
      const done = second / turnoverSeconds;
      const held = heldBytes();
      if (done === settledAfter) heldAtMost = held * growthMax + heldGrowthBytesMax;
      assert.ok(held <= heldAtMost, `${held} bytes held by the process, bound ${heldAtMost}`);
      if (!step(done)) break;
    }
    if (second % passSeconds !== 0) continue;
    columnar.reclaim(now);
    if (second % compareSeconds !== 0) continue;
    simple.reclaim(now);
    const request = {
      userId: 1n,
      following: turnoverAuthors,
      maxResults: 40,
      isVideoRequest: second % (compareSeconds * 2) === 0,
    };
    const context = { now, shouldStop: () => false, wantStatistics: false };
    const [expected, actual] = engines.map((engine) =>
      Buffer.from(engine.answer(toRequestFields(plainRequest(request)), context).body),
    );
    assert.deepEqual(actual, expected);
    assert.equal(columnar.stateHash(now), simple.stateHash(now));
    compared += 1;
    // Tombstones live a day longer than posts: they have not turned over yet.
    const { bytesByArena: all, evictedPosts } = columnar.stats(now);
    const { tombstones: _tombstones, ...bytesByArena } = all;
    assert.equal(evictedPosts, 0);
    if (second <= turnoverSeconds * settledAfter) {
      largest = bytesByArena;
    } else {
      for (const [arena, bytes] of Object.entries(bytesByArena)) {
        const bound = largest[arena]! * growthMax + growthBytesMax;
        assert.ok(bytes <= bound, `${arena}: ${bytes}, after two turnovers ${largest[arena]}`);
      }
    }
  }
  assertEmpties(columnar, turnoverStart + second);
  return compared;
}

/** What is in use after a collection, on the heap and outside of it. */
function heldBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** When all that happened until `end` is long past, nothing is left. */
function assertEmpties(store: ColumnarStore, end: number): void {
  const later = end + turnoverSeconds;
  while (store.reclaim(later + 86_400).isMore);
  const { users, posts, bytesByArena } = store.stats(later);
  assert.deepEqual({ users, posts }, { users: 0, posts: 0 });
  assert.equal(bytesByArena['timelines'], 0);
}
