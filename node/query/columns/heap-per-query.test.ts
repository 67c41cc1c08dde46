/**
 * A query leaves less than two kilobytes behind for the garbage collector, its request read and its
 * answer given, however much it looked at.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GCProfiler } from 'node:v8';
import { readRequest } from '#proto/wire/read-request.ts';
import { createRequestFields } from '#proto/wire/request-fields.ts';
import { encodeRequest } from '#proto/wire/write-request.ts';
import {
  applyEvents,
  createEvent,
  plainRequest,
  toRequestFields,
} from '#test/oracle/plain-events.ts';
import { collectGarbage, median } from '../../../bench/harness.ts';
import { ColumnarStore } from '../../store/columns/columnar-store.ts';
import { defaultQueryLimits } from '../query-engine.ts';
import { createColumnarQuery } from './columnar-query.ts';

/** Bytes a query may leave on the heap and in buffers, besides the response. */
const bytesPerQueryMax = 2_048;
const warmUpQueries = 3_000;
const rounds = 12;
/** At the bound a round takes half a megabyte: less than the young generation ever is. */
const queriesPerRound = 250;

const now = 1_700_000_000;
const authors = 1_000;
const postsPerAuthor = 20;

/** Answers for home and for video, of 500 follows, 1,200 and 600 posts; then a small one. */
function createQuery(): () => number {
  const store = new ColumnarStore({
    retentionSeconds: 172_800,
    maxFutureSkewSeconds: 300,
    postsMax: authors * postsPerAuthor + 1,
    tombstonesMax: 100,
  });
  const events = Array.from({ length: authors * postsPerAuthor }, (_, index) =>
    createEvent({
      postId: BigInt(index + 1),
      authorId: BigInt((index % authors) + 1),
      createdAt: now - authors * postsPerAuthor + index,
      hasVideo: index % 3 === 0,
      ...(index % 5 === 0 && index > authors ? { inReplyToPostId: BigInt(index - authors) } : {}),
    }),
  );
  applyEvents(store, events);
  const engine = createColumnarQuery(store, {
    limits: defaultQueryLimits,
    blockedAuthors: () => nobody,
    strictLimits: false,
  });
  const following = Array.from({ length: 500 }, (_, index) => BigInt(index * 2 + 1));
  const excluded = Array.from({ length: 100 }, (_, index) => BigInt(index * 3 + 1));
  const requests = [
    { following, excluded },
    { following, excluded, isVideoRequest: true },
    { following: following.slice(0, 5), maxResults: 10 },
  ].map((request) => encodeRequest(toRequestFields(plainRequest({ userId: 1n, ...request }))));
  const fields = createRequestFields();
  const context = { now, shouldStop: () => false, wantStatistics: false };
  let turn = 0;
  return () => {
    turn = (turn + 1) % requests.length;
    assert.ok(readRequest(requests[turn]!, fields));
    return engine.answer(fields, context).posts;
  };
}

const nobody: ReadonlySet<bigint> = new Set();

/**
 * Bytes that one query leaves: the median of several rounds, since compiling adds to a round and
 * sweeping takes from it. A round in which a collection ran says nothing; when all are like that, it
 * is more than the bound.
 */
function bytesPerQuery(query: () => number): number {
  for (let index = 0; index < warmUpQueries; index += 1) query();
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // The second ends the sweeping that the first began.
    collectGarbage();
    collectGarbage();
    const collections = new GCProfiler();
    collections.start();
    const before = process.memoryUsage();
    for (let index = 0; index < queriesPerRound; index += 1) query();
    const after = process.memoryUsage();
    const isQuiet = collections.stop().statistics.length === 0;
    const bytes = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
    found.push(isQuiet ? bytes / queriesPerRound : Number.POSITIVE_INFINITY);
  }
  return median(found);
}

test('a query leaves less than 2 KB for the garbage collector', (context) => {
  const query = createQuery();
  assert.deepEqual([query(), query(), query()], [600, 10, 1_200]);
  const bytes = bytesPerQuery(query);
  context.diagnostic(`${bytes.toFixed(0)} bytes a query`);
  assert.ok(bytes < bytesPerQueryMax, `${bytes} bytes a query`);
});

test('what a query leaves is seen: two kilobytes more are two kilobytes more', () => {
  const query = createQuery();
  let kept: readonly unknown[] = [];
  const wasteful = () => {
    kept = Array.from({ length: bytesPerQueryMax / 8 }, () => null);
    return query() + kept.length;
  };
  const bytes = bytesPerQuery(wasteful);
  assert.ok(bytes > bytesPerQueryMax, `${bytes} bytes a query`);
});
