/**
 * Rules Q7 to Q11 without a transport, on a clock that only moves when told.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerOf,
  countingEngine,
  createManualClock,
  createService,
  encodeRequest,
  postIdsOf,
} from '#test/integration/serve-fixture.ts';
import { idsPerListMax } from '../limits.ts';
import { InvalidRequestError } from '../query/invalid-request-error.ts';
import type { QueryContext, QueryEngine } from '../query/query-engine.ts';
import type { FollowingResult } from './follow-graph.ts';
import { atCapacity, type PostsService } from './posts-service.ts';
import type { ServiceAnswer, ServiceReply } from './service-call.ts';

const request = encodeRequest({ user_id: 1, following_user_ids: [2, 3], max_results: 2 });
const empty = encodeRequest({ user_id: 77, max_results: 2 });

const patient = { deadlineMs: Number.POSITIVE_INFINITY, signal: new AbortController().signal };

function answered(reply: ServiceReply): ServiceAnswer {
  assert.ok(reply.code === 'OK', reply.code === 'OK' ? '' : reply.message);
  return reply;
}

/** A reply that must come at once. */
function ask(service: PostsService, bytes: Uint8Array = request, call = patient): ServiceReply {
  const reply = service.handle(bytes, call);
  assert.ok(!(reply instanceof Promise));
  return reply;
}

/** An engine that keeps what it was asked. */
function recordingEngine(): QueryEngine & { followed: bigint[][]; contexts: QueryContext[] } {
  const followed: bigint[][] = [];
  const contexts: QueryContext[] = [];
  return {
    followed,
    contexts,
    answer: (fields, context) => {
      const { hi, lo, length } = fields.following;
      followed.push(
        Array.from(
          { length },
          (_, index) => (BigInt(hi[index] ?? 0) << 32n) | BigInt(lo[index] ?? 0),
        ),
      );
      contexts.push(context);
      return countingEngine.answer(fields, context);
    },
  };
}

test('Q7: an empty list is answered from the follow graph when the request or the setting says so', async () => {
  for (const [fillFollowing, debug, asks] of [
    [false, false, false],
    [true, false, true],
    [false, true, true],
  ] as const) {
    const asked: bigint[] = [];
    const engine = recordingEngine();
    const { service } = createService({
      engine,
      fillFollowing,
      followGraph: {
        following: async (user) => {
          asked.push(user);
          return { kind: 'found', ids: [5n, (1n << 63n) + 1n] };
        },
      },
    });
    const reply = await service.handle(encodeRequest({ user_id: 77, debug }), patient);
    assert.deepEqual(postIdsOf(answered(reply).body), [1, 2, 3]);
    assert.deepEqual(asked, asks ? [77n] : []);
    assert.deepEqual(engine.followed, [asks ? [5n, (1n << 63n) + 1n] : []]);
    // A list that is not empty is never fetched.
    await service.handle(request, patient);
    assert.equal(asked.length, asks ? 1 : 0);
  }
});

test('Q7: without a follow graph an empty list has an empty answer', () => {
  const engine: QueryEngine = {
    answer: ({ following }) => answerOf(following.length === 0 ? [] : [1]),
  };
  const { service } = createService({ engine, fillFollowing: true });
  assert.deepEqual(postIdsOf(answered(ask(service, empty)).body), []);
});

test('Q7: a follow graph that fails is UNAVAILABLE with the reason, and the engine is not asked', async () => {
  const engine = recordingEngine();
  const { service, metrics } = createService({
    engine,
    fillFollowing: true,
    followGraph: { following: async () => ({ kind: 'failed', reason: 'HTTP 503' }) },
  });
  const reply = await service.handle(empty, patient);
  assert.ok(reply.code === 'UNAVAILABLE');
  assert.match(reply.message, /HTTP 503/);
  assert.deepEqual(engine.followed, []);
  assert.equal(metrics.inFlightUnits.value, 0);
});

test('Q7: requests that wait for the follow graph keep their own fields and answers', async () => {
  const waiting: ((ids: readonly bigint[]) => void)[] = [];
  const shared = new Uint8Array(64);
  // Answers into one buffer, as a fast engine does.
  const engine: QueryEngine = {
    answer: ({ following, maxResults }) => {
      const { body } = answerOf([(following.lo[0] ?? 0) * 1_000 + maxResults]);
      shared.set(body);
      return answerOf([1], { body: shared.subarray(0, body.length) });
    },
  };
  const { service } = createService({
    engine,
    fillFollowing: true,
    followGraph: {
      following: () =>
        new Promise((resolve) => {
          waiting.push((ids) => resolve({ kind: 'found', ids }));
        }),
    },
  });
  const first = service.handle(encodeRequest({ user_id: 1, max_results: 11 }), patient);
  const second = service.handle(encodeRequest({ user_id: 2, max_results: 22 }), patient);
  const third = encodeRequest({ following_user_ids: [9], max_results: 33 });
  assert.deepEqual(postIdsOf(answered(ask(service, third)).body), [9_033]);
  waiting[1]?.([7n]);
  waiting[0]?.([6n]);
  const replies = await Promise.all([first, second]);
  ask(service, third);
  assert.deepEqual(
    replies.map((reply) => postIdsOf(answered(reply).body)),
    [[6_011], [7_022]],
  );
});

test('Q8: the scan ends at the earlier of our time limit and the caller’s deadline', () => {
  const clock = createManualClock();
  for (const [requestTimeoutMs, deadlineMs, expectedMs] of [
    [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [50, Number.POSITIVE_INFINITY, 50],
    [50, 1_000, 50],
    [50, 40, 35],
    [0, 40, 35],
    [0, 6, 3],
    [0, 0, 0],
    [0, -5, 0],
  ] as const) {
    const stops: number[] = [];
    const startedMs = clock.monotonicMs();
    const { service } = createService({
      clock,
      requestTimeoutMs,
      engine: {
        answer: (_fields, { shouldStop }) => {
          for (let passed = 0; passed < 100; passed += 1) {
            if (shouldStop()) {
              stops.push(passed);
              return answerOf([1], { partial: { authorsScanned: passed, authors: 100 } });
            }
            clock.advance(1);
          }
          return answerOf([1]);
        },
      },
    });
    const { metadata } = answered(
      ask(service, request, { ...patient, deadlineMs: startedMs + deadlineMs }),
    );
    const partial = metadata.find(([name]) => name === 'x-thunder-partial')?.[1];
    if (expectedMs === Number.POSITIVE_INFINITY) {
      assert.deepEqual([stops, partial], [[], undefined]);
    } else {
      assert.deepEqual([stops, partial], [[expectedMs], `deadline; authors=${expectedMs}/100`]);
    }
  }
});

test('Q8: a cancelled call stops work wherever it is', async () => {
  const engine = recordingEngine();
  const early = new AbortController();
  early.abort();
  const { service, metrics } = createService({
    engine,
    fillFollowing: true,
    followGraph: {
      following: (_user, _deadline, signal): Promise<FollowingResult> =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ kind: 'found', ids: [1n] }));
        }),
    },
  });
  assert.equal(ask(service, request, { ...patient, signal: early.signal }).code, 'CANCELLED');

  const late = new AbortController();
  const waiting = service.handle(empty, { ...patient, signal: late.signal });
  late.abort();
  assert.equal((await waiting).code, 'CANCELLED');
  assert.deepEqual(engine.followed, []);

  const during = new AbortController();
  const stopping = createService({
    engine: {
      answer: (_fields, { shouldStop }) => {
        assert.equal(shouldStop(), false);
        during.abort();
        assert.equal(shouldStop(), true);
        return answerOf([1]);
      },
    },
  });
  assert.equal(
    ask(stopping.service, request, { ...patient, signal: during.signal }).code,
    'CANCELLED',
  );
  for (const { inFlightRequests, inFlightUnits } of [metrics, stopping.metrics]) {
    assert.deepEqual([inFlightRequests.value, inFlightUnits.value], [0, 0]);
  }
});

test('Q9: what is over capacity is refused at once, until an answer has left', () => {
  const engine = recordingEngine();
  const { service, metrics } = createService({ engine, maxConcurrentRequests: 5 });
  const heavy = encodeRequest({
    following_user_ids: Array.from({ length: 150 }, (_, index) => index + 1),
    exclude_tweet_ids: [1],
  });
  const first = answered(ask(service, heavy));
  assert.equal(metrics.inFlightUnits.value, 2);
  answered(ask(service, heavy));
  const refused = ask(service, heavy);
  assert.ok(refused.code === 'RESOURCE_EXHAUSTED');
  assert.equal(refused.message, atCapacity);
  const light = answered(ask(service));
  assert.equal(ask(service).code, 'RESOURCE_EXHAUSTED');
  assert.equal(metrics.rejectedRequests.value, 2);
  assert.equal(metrics.admissionRejected.get('concurrency'), 2);
  first.release();
  first.release();
  assert.equal(metrics.inFlightUnits.value, 3, 'released once');
  assert.equal(ask(service, heavy).code, 'OK');
  light.release();
  assert.equal(engine.followed.length, 4);
});

test('Q9: the rate limit counts cost, on the clock', () => {
  const clock = createManualClock();
  const { service, metrics } = createService({ clock, qpsLimit: 2 });
  const codes = () => [1, 2, 3].map(() => ask(service).code);
  assert.deepEqual(codes(), ['OK', 'OK', 'RESOURCE_EXHAUSTED']);
  clock.advance(500);
  assert.deepEqual(codes(), ['OK', 'RESOURCE_EXHAUSTED', 'RESOURCE_EXHAUSTED']);
  assert.equal(metrics.admissionRejected.get('rate'), 3);
});

test('Q10: every response says which node it is from and how stale that is', () => {
  let staleness: number | null = 12.6;
  const { service } = createService({ node: 'pod-7', stalenessMs: () => staleness });
  const metadataOf = (bytes: Uint8Array) => Object.fromEntries(ask(service, bytes).metadata);
  const expected = { 'x-thunder-node': 'pod-7', 'x-thunder-staleness-ms': '13' };
  assert.deepEqual(metadataOf(request), expected);
  assert.deepEqual(metadataOf(Buffer.from([0xff])), expected, 'errors too');
  staleness = null;
  assert.equal(metadataOf(request)['x-thunder-staleness-ms'], 'unknown');
  for (const node of ['', 'n\u00f6de', 'a b', 'a\n', 'x'.repeat(254)]) {
    assert.throws(() => createService({ node }), /node's name/);
  }
});

test('Q11: statistics of every n-th request go to the metrics under their stages', async () => {
  const stage = {
    posts: 4,
    freshnessSeconds: 30,
    timeRangeSeconds: 600,
    replyRatio: 0.25,
    uniqueAuthors: 2,
    postsPerAuthor: 2,
  };
  const nothing = { ...stage, posts: 0, uniqueAuthors: 0 };
  const wanted: boolean[] = [];
  const { service, metrics, registry } = createService({
    statisticsEvery: 3,
    engine: {
      answer: (_fields, { wantStatistics }) => {
        wanted.push(wantStatistics);
        return answerOf([1, 2], {
          deletedFiltered: 5,
          statistics: wantStatistics ? { retrieved: stage, scored: nothing } : null,
        });
      },
    },
  });
  for (let count = 0; count < 6; count += 1) {
    ask(service);
  }
  assert.deepEqual(wanted, [false, false, true, false, false, true]);
  const { found } = metrics;
  assert.equal(found.freshnessSeconds.retrieved.sum, 60);
  assert.equal(found.timeRangeSeconds.retrieved.sum, 1_200);
  assert.equal(found.replyRatio.retrieved.sum, 0.5);
  assert.equal(found.uniqueAuthors.retrieved.sum, 4);
  assert.equal(found.postsPerAuthor.retrieved.sum, 4);
  // No posts have no freshness; that there were none is known all the same.
  assert.equal(found.freshnessSeconds.scored.count, 0);
  assert.equal(found.uniqueAuthors.scored.count, 2);
  assert.equal(metrics.storeDeletedPostsFiltered.value, 30);
  assert.equal(metrics.postsCount.sum, 12);
  assert.equal(metrics.storePostsReturnedRatio.sum, 6, 'two posts of two wanted');
  assert.match(
    await registry.metrics(),
    /^get_in_network_posts_found_unique_authors_count\{stage="retrieved"\} 2$/m,
  );
});

test('before the first catch-up a query is refused, never answered from a cold store', () => {
  let everReady = false;
  let progress: number | null = 0.999;
  const options = { everReady: () => everReady, progress: () => progress };
  const { service } = createService(options);
  const refused = ask(service);
  assert.ok(refused.code === 'UNAVAILABLE');
  assert.equal(refused.message, 'catching up, 99 %; retry on another node');
  progress = null;
  const unknown = ask(service);
  assert.ok(unknown.code === 'UNAVAILABLE');
  assert.equal(unknown.message, 'catching up; retry on another node');
  everReady = true;
  assert.equal(ask(service).code, 'OK');
});

test('an answer from a store that was emptied meanwhile is never given', () => {
  let everReady = true;
  const engine: QueryEngine = {
    answer(request, context) {
      everReady = false;
      return countingEngine.answer(request, context);
    },
  };
  const { service, metrics } = createService({ engine, everReady: () => everReady });
  assert.equal(ask(service).code, 'UNAVAILABLE');
  assert.equal(metrics.inFlightUnits.value, 0);
});

test('Q1: a list far beyond what is looked at is refused before it costs anything', () => {
  const engine = recordingEngine();
  const { service, metrics } = createService({ engine });
  const ids = (count: number) => Array.from({ length: count }, () => 1);
  for (const field of ['following_user_ids', 'exclude_tweet_ids']) {
    const refused = ask(service, encodeRequest({ [field]: ids(idsPerListMax + 1) }));
    assert.ok(refused.code === 'INVALID_ARGUMENT');
    assert.match(refused.message, new RegExp(`50001 ${field}.*more than the 50000 allowed`));
  }
  assert.equal(engine.followed.length, 0);
  assert.equal(metrics.inFlightUnits.value, 0);
  const all = encodeRequest({
    following_user_ids: ids(idsPerListMax),
    exclude_tweet_ids: ids(idsPerListMax),
  });
  assert.equal(ask(service, all).code, 'OK');
  assert.equal(engine.followed[0]?.length, idsPerListMax, 'to the last id, for an exact count');
});

test('what cannot be answered is a code, and nothing stays in flight', () => {
  const { service, metrics } = createService({
    requestBytesMax: 100,
    engine: {
      answer: ({ algorithm }) => {
        throw algorithm === ''
          ? new Error('bug')
          : new InvalidRequestError(`no ${algorithm}\ud800`);
      },
    },
  });
  assert.equal(ask(service, Buffer.alloc(101)).code, 'RESOURCE_EXHAUSTED');
  assert.equal(ask(service, Buffer.from([0x0f])).code, 'INVALID_ARGUMENT');
  const invalid = ask(service, encodeRequest({ algorithm: 'x' }));
  assert.ok(invalid.code === 'INVALID_ARGUMENT');
  assert.equal(invalid.message, 'no x\ufffd', 'a message that a header can carry');
  const internal = ask(service);
  assert.ok(internal.code === 'INTERNAL');
  assert.doesNotMatch(internal.message, /bug/);
  assert.equal(metrics.inFlightUnits.value, 0);
  assert.equal(metrics.queries.get('INTERNAL'), 1);
});
