/** The event stream is repeatable and has everything a real one has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createAuthors } from './authors.ts';
import { createEventEncoder } from './event-encoder.ts';
import { EventGenerator, generateBacklog } from './event-generator.ts';
import { createEventMix } from './event-mix.ts';
import { type GeneratedCreate, type GeneratedEvent, hasVideo, labelOf } from './generated-event.ts';
import { Random } from './random.ts';

const endMs = 1_790_000_000_000;
const startMs = endMs - 172_800_000;

function generate(seed: number, count: number, garbage = 0): GeneratedEvent[] {
  const generator = new EventGenerator({ seed, authors: 2_000, startMs, mix: { garbage } });
  return [...generateBacklog(generator, count, startMs, endMs)];
}

const many = generate(1, 60_000, 0.001);
const creates = many.filter((event): event is GeneratedCreate => event.kind === 'create');
const firstSent = creates.filter((create) => !create.duplicate);

function share(part: number, whole: number): number {
  return part / whole;
}

test('the same seed and options give the same events, byte for byte, in both formats', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 300 }), (seed, count) => {
      const one = generate(seed, count, 0.05);
      const other = generate(seed, count, 0.05);
      assert.deepEqual(one, other);
      for (const format of ['thrift', 'protobuf'] as const) {
        const bytesOf = (events: GeneratedEvent[]): string =>
          events.map((event) => JSON.stringify(createEventEncoder(format)(event))).join();
        assert.equal(bytesOf(one), bytesOf(other));
      }
    }),
    { numRuns: 20 },
  );
});

test('another seed gives other events', () => {
  assert.notDeepEqual(generate(1, 10), generate(2, 10));
});

test('records are spread over the window in order, both ends reached', () => {
  assert.equal(many[0]?.recordTimestampMs, startMs);
  assert.equal(many.at(-1)?.recordTimestampMs, endMs);
  let last = startMs;
  for (const event of many) {
    assert.ok(event.recordTimestampMs >= last);
    last = event.recordTimestampMs;
  }
  assert.equal(generate(1, 1)[0]?.recordTimestampMs, endMs);
});

test('originals, replies and retweets come in the shares that were asked for', () => {
  const counts = { original: 0, reply: 0, retweet: 0, nullcast: 0 };
  for (const create of firstSent) counts[create.label] += 1;
  const all = firstSent.length;
  assert.ok(Math.abs(share(counts.original + counts.nullcast, all) - 0.35) < 0.02);
  assert.ok(Math.abs(share(counts.reply, all) - 0.43) < 0.02);
  assert.ok(Math.abs(share(counts.retweet, all) - 0.22) < 0.02);
});

test('every kind of event occurs', () => {
  const labels = new Set(many.map(labelOf));
  assert.equal(labels.size, 8, [...labels].join());
});

test('no post id is given to two different creates, late ones included', () => {
  const ids = new Set<bigint>();
  for (const create of firstSent) {
    assert.ok(!ids.has(create.postId), `${create.postId} twice`);
    ids.add(create.postId);
  }
});

test('ids are snowflakes above 2^53, with some small ones and a few above 2^63', () => {
  const small = firstSent.filter((create) => create.postId < 2n ** 53n).length;
  const huge = firstSent.filter((create) => create.postId > 2n ** 63n).length;
  assert.ok(small > 0 && share(small, firstSent.length) < 0.01);
  assert.ok(huge > 0 && share(huge, firstSent.length) < 0.01);
});

test('a few authors are loud and many quiet', () => {
  const posts = new Map<bigint, number>();
  for (const create of firstSent) posts.set(create.authorId, (posts.get(create.authorId) ?? 0) + 1);
  const counts = [...posts.values()].toSorted((a, b) => b - a);
  const loudest = counts.slice(0, 20).reduce((sum, count) => sum + count, 0);
  assert.ok(share(loudest, firstSent.length) > 0.15);
  assert.ok(share(counts[0] ?? 0, firstSent.length) < 0.05);
  assert.ok(posts.size > 1_500);
});

test('replies name a post of this stream, its author and its conversation, chains included', () => {
  const byId = new Map(firstSent.map((create) => [create.postId, create]));
  const replies = firstSent.filter((create) => create.label === 'reply');
  let toReplies = 0;
  let toOriginals = 0;
  for (const reply of replies) {
    assert.notEqual(reply.inReplyToUserId, null);
    const parent = reply.inReplyToPostId === null ? undefined : byId.get(reply.inReplyToPostId);
    if (parent === undefined) continue;
    assert.equal(reply.inReplyToUserId, parent.authorId);
    if (reply.conversationId !== null) {
      assert.equal(reply.conversationId, parent.conversationId ?? parent.postId);
    }
    if (parent.label === 'reply') toReplies += 1;
    else toOriginals += 1;
  }
  assert.ok(share(toReplies, replies.length) > 0.2);
  assert.ok(share(toOriginals, replies.length) > 0.2);
});

test('retweets name a post and its author, mostly not a retweet', () => {
  const byId = new Map(firstSent.map((create) => [create.postId, create]));
  const retweets = firstSent.filter((create) => create.label === 'retweet');
  for (const retweet of retweets) {
    const source = byId.get(retweet.sourcePostId ?? 0n);
    if (source !== undefined) assert.equal(retweet.sourceUserId, source.authorId);
  }
  const known = retweets.filter((retweet) => byId.has(retweet.sourcePostId ?? 0n));
  assert.ok(share(known.length, retweets.length) > 0.95);
});

test('videos lie on both sides of five seconds and exactly at the line', () => {
  const durations = creates.flatMap(({ media }) =>
    media.length === 1 && media[0]?.kind === 'video' ? [media[0].durationMs ?? 0] : [],
  );
  assert.ok(durations.includes(5_000) && durations.includes(4_999));
  assert.ok(durations.some((ms) => ms < 4_000) && durations.some((ms) => ms > 60_000));
  assert.ok(creates.some(({ media }) => media.length > 1));
  for (const create of creates) if (create.media.length > 1) assert.ok(!hasVideo(create));
});

test('deletes hit posts that came before, come later, and never come', () => {
  const firstIndex = new Map<bigint, number>();
  many.forEach((event, index) => {
    if (event.kind === 'create' && !firstIndex.has(event.postId)) {
      firstIndex.set(event.postId, index);
    }
  });
  const found = { before: 0, later: 0, never: 0 };
  many.forEach((event, index) => {
    if (event.kind !== 'delete') return;
    const created = firstIndex.get(event.postId);
    if (created === undefined) found.never += 1;
    else if (created < index) found.before += 1;
    else found.later += 1;
  });
  assert.ok(found.before > 300 && found.later > 50 && found.never > 50, JSON.stringify(found));
});

test('some creates are late by minutes to hours, some come out of order', () => {
  const ages = firstSent.map((create) => create.recordTimestampMs - create.createdAtSeconds * 1000);
  const late = ages.filter((ms) => ms > 60_000 && ms < 7 * 3_600_000).length;
  assert.ok(share(late, ages.length) > 0.008 && share(late, ages.length) < 0.1);
  let descents = 0;
  firstSent.forEach((create, index) => {
    const before = firstSent[index - 1];
    if (before !== undefined && create.createdAtSeconds < before.createdAtSeconds) descents += 1;
  });
  assert.ok(descents > 100);
});

test('duplicates repeat a create that was sent, in all but the record time', () => {
  const byId = new Map(firstSent.map((create) => [create.postId, create]));
  const duplicates = creates.filter((create) => create.duplicate);
  assert.ok(duplicates.length > 50);
  for (const { recordTimestampMs, duplicate: _, ...rest } of duplicates) {
    const first = byId.get(rest.postId);
    assert.ok(first !== undefined && first.recordTimestampMs <= recordTimestampMs);
    assert.deepEqual({ ...first, ...rest }, first);
  }
});

test('author ids are distinct, small for the loudest, and cross 2^53 and 2^63', () => {
  const authors = createAuthors(50_000);
  const ids = Array.from({ length: authors.count }, (_, rank) => authors.idOf(rank));
  assert.equal(new Set(ids).size, authors.count);
  assert.equal(ids[0], 1n);
  assert.equal(ids[99], 100n);
  assert.ok(ids.includes(2n ** 53n + 1n) && ids.includes(2n ** 63n + 1n));
  for (const id of ids) assert.ok(id > 0n && id < 2n ** 64n);
});

test('options out of bounds are refused', () => {
  assert.throws(() => createAuthors(0), /1 to 10000000/);
  assert.throws(() => createAuthors(1.5), RangeError);
  assert.throws(() => createEventMix({ garbage: 2 }), /garbage must be 0 to 1/);
  assert.throws(() => createEventMix({ replies: 0.9 }), /more than all creates/);
  assert.throws(() => createEventMix({ late: Number.NaN }), /late/);
});

test('one author and one event are enough', () => {
  const generator = new EventGenerator({ seed: 3, authors: 1, startMs });
  const event = generator.next(endMs);
  assert.equal(event.recordTimestampMs, endMs);
  assert.equal(createAuthors(1).pickByPopularity(new Random(1)), 0);
});
