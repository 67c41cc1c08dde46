/**
 * The reader of in-network events, judged by the generated code on valid, damaged and recorded bytes.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import Long from 'long';
import { thunder } from '../gen/thunder.js';
import {
  createInNetworkEventFields,
  type InNetworkEventFields,
} from './in-network-event-fields.ts';
import {
  fieldBytes,
  type Plain,
  plainEventFromFields,
  readEventWithGeneratedCode,
  varintOf,
  varints,
} from './protobuf-oracle.ts';
import { readInNetworkEvent } from './read-in-network-event.ts';
import {
  CREATE_EVENT_BYTES_MAX,
  DELETE_EVENT_BYTES_MAX,
  encodeCreateEvent,
  encodeDeleteEvent,
} from './write-in-network-event.ts';
import { encodeLightPost, LIGHT_POST_BYTES_MAX } from './write-light-post.ts';

const fixtures: readonly { name: string; kind: string; hex: string; expected: Plain }[] =
  JSON.parse(readFileSync(new URL('../fixtures/protobuf.json', import.meta.url), 'utf8'));
const eventFixtures = fixtures.filter(({ kind }) => kind !== 'request');
const runs = 2_000;
const full = Buffer.from(eventFixtures[0]?.hex ?? '', 'hex');

/** Reads into fields that are full of another event, from the middle of a larger array. */
function read(bytes: Uint8Array): InNetworkEventFields {
  const padded = new Uint8Array(bytes.length + 40).fill(0xff);
  padded.set(bytes, 20);
  const fields = createInNetworkEventFields();
  readInNetworkEvent(full, 0, full.length, fields);
  readInNetworkEvent(padded, 20, 20 + bytes.length, fields);
  fields.payloadStart -= 20;
  fields.payloadEnd -= 20;
  return fields;
}

function assertAgrees(bytes: Uint8Array): void {
  const fast = read(bytes);
  const oracle = readEventWithGeneratedCode(bytes, true);
  if (oracle === null) {
    assert.equal(fast.kind, 'malformed');
  } else {
    assert.deepEqual(plainEventFromFields(fast), oracle);
  }
}

function reencode(event: InNetworkEventFields): Uint8Array {
  const target = new Uint8Array(LIGHT_POST_BYTES_MAX);
  return target.subarray(0, encodeLightPost(event.post, target, 0));
}

function createOf(payload: Uint8Array): Uint8Array {
  return Uint8Array.from([0x0a, ...varintOf(BigInt(payload.length)), ...payload]);
}

const ids = fc
  .oneof(
    fc.constantFrom(0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  )
  .map((id) => Long.fromString(id.toString(), true).toSigned());
const seconds = fc.maxSafeInteger().map((value) => Long.fromNumber(value));

const posts = fc.record(
  {
    postId: ids,
    authorId: ids,
    createdAt: seconds,
    inReplyToPostId: ids,
    inReplyToUserId: ids,
    isRetweet: fc.boolean(),
    isReply: fc.boolean(),
    sourcePostId: ids,
    sourceUserId: ids,
    hasVideo: fc.boolean(),
    conversationId: ids,
  },
  { requiredKeys: [], noNullPrototype: true },
);

for (const { name, kind, hex, expected } of eventFixtures) {
  test(`reads what protobuf for Python wrote: ${name}`, () => {
    const bytes = Buffer.from(hex, 'hex');
    const fields = read(bytes);
    assert.deepEqual(plainEventFromFields(fields), { kind, fields: expected });
    assert.deepEqual(readEventWithGeneratedCode(bytes, false), { kind, fields: expected });
    assert.equal(fields.canonical, kind === 'create');
  });
}

test('E6: ids above 2^53 and 2^63 come through whole', () => {
  for (const id of [2n ** 53n + 1n, 2n ** 63n + 1n, 2n ** 64n - 1n]) {
    const postId = Long.fromString(id.toString(), true).toSigned();
    const event = read(thunder.v1.InNetworkEvent.encode({ tweetCreateEvent: { postId } }).finish());
    assert.equal(plainEventFromFields(event).fields['post_id'], id.toString());
  }
});

test('any post comes back as the generated code wrote it, and is written as it wrote it', () => {
  fc.assert(
    fc.property(posts, (post) => {
      const bytes = thunder.v1.InNetworkEvent.encode({ tweetCreateEvent: post }).finish();
      assertAgrees(bytes);
      const fields = read(bytes);
      const isReply = Boolean(post.isReply ?? post.inReplyToPostId ?? post.inReplyToUserId);
      const canonical = { ...post, ...(fields.post.isReply && { isReply: true }) };
      const expected = thunder.v1.InNetworkEvent.encode({
        tweetCreateEvent: withoutDefaults(canonical),
      });
      const target = new Uint8Array(CREATE_EVENT_BYTES_MAX + 1).fill(0xee);
      const end = encodeCreateEvent(fields.post, target, 1);
      assert.deepEqual(target.subarray(1, end), Uint8Array.from(expected.finish()));
      assert.ok(!isReply || fields.post.isReply);
    }),
    { numRuns: runs },
  );
});

/** protobufjs writes a default that was set; proto3 leaves it out. */
function withoutDefaults(post: thunder.v1.TweetCreateEvent.$Properties): typeof post {
  const implicit = new Set(['postId', 'authorId', 'createdAt', 'isRetweet', 'isReply', 'hasVideo']);
  return Object.fromEntries(
    Object.entries(post).filter(
      ([name, value]: [string, unknown]) =>
        !implicit.has(name) || (value !== false && !(Long.isLong(value) && value.isZero())),
    ),
  );
}

test('any delete comes back as it was written', () => {
  fc.assert(
    fc.property(ids, fc.maxSafeInteger(), ids, (postId, deletedAt, authorId) => {
      const target = new Uint8Array(DELETE_EVENT_BYTES_MAX + 1);
      const end = encodeDeleteEvent(
        {
          postIdHi: postId.getHighBitsUnsigned(),
          postIdLo: postId.getLowBitsUnsigned(),
          deletedAt,
          authorIdHi: authorId.getHighBitsUnsigned(),
          authorIdLo: authorId.getLowBitsUnsigned(),
        },
        target,
        1,
      );
      const bytes = target.subarray(1, end);
      const event = read(bytes);
      assertAgrees(bytes);
      assert.equal(event.deletedAt, deletedAt);
      assert.equal(event.deletedPostIdLo, postId.getLowBitsUnsigned());
      assert.equal(event.deletedAuthorIdHi, authorId.getHighBitsUnsigned());
    }),
    { numRuns: runs },
  );
});

test('E3: a payload is canonical exactly when encoding its fields gives the same bytes', () => {
  const fields = fc.tuple(fc.nat(12), varints).map(([number, varint]) => [number * 8, ...varint]);
  const nearlyCanonical = posts.map(
    (post) => new Uint8Array(thunder.v1.TweetCreateEvent.encode(withoutDefaults(post)).finish()),
  );
  const inOrder = fc
    .uniqueArray(fields, { selector: ([tag]) => tag, maxLength: 11 })
    .map((list) => Uint8Array.from(list.toSorted(([a = 0], [b = 0]) => a - b).flat()));
  const seen = { canonical: 0, other: 0 };
  fc.assert(
    fc.property(fc.oneof(nearlyCanonical, inOrder, fieldBytes(1)), (payload) => {
      const event = read(createOf(payload));
      if (event.kind !== 'create' || !Number.isSafeInteger(event.post.createdAt)) {
        assert.ok(!event.canonical || event.kind !== 'create');
        return;
      }
      assert.equal(event.payloadEnd - event.payloadStart, payload.length);
      assert.equal(event.canonical, Buffer.compare(reencode(event), payload) === 0);
      seen[event.canonical ? 'canonical' : 'other'] += 1;
    }),
    { numRuns: runs },
  );
  assert.ok(seen.canonical > 10 && seen.other > 10, JSON.stringify(seen));
});

test('random fields, and random bytes, are refused or read as the generated code does', () => {
  const wrapped = fc
    .array(fc.tuple(fc.constantFrom(0x0a, 0x12), fieldBytes(1)), { maxLength: 3 })
    .map((parts) =>
      Uint8Array.from(
        parts.flatMap(([tag, bytes]) => [tag, ...varintOf(BigInt(bytes.length)), ...bytes]),
      ),
    );
  const seen = { read: 0, malformed: 0 };
  fc.assert(
    fc.property(fc.oneof(wrapped, fieldBytes(2), fc.uint8Array({ maxLength: 64 })), (bytes) => {
      assertAgrees(bytes);
      seen[read(bytes).kind === 'malformed' ? 'malformed' : 'read'] += 1;
    }),
    { numRuns: runs * 2 },
  );
  assert.ok(seen.read > 100 && seen.malformed > 100, JSON.stringify(seen));
});

test('a record cut short at any byte, or with any byte changed, does as the generated code does', () => {
  for (const { hex } of eventFixtures) {
    const bytes = Buffer.from(hex, 'hex');
    for (let index = 0; index < bytes.length; index += 1) {
      assertAgrees(bytes.subarray(0, index));
      for (const value of [0, 1, 0x0a, 0x12, 0x3b, 0x3c, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[index] = value;
        assertAgrees(changed);
      }
    }
  }
});

test('the same variant twice is merged and not canonical; the last of two variants wins', () => {
  const first = createOf(Uint8Array.of(0x08, 1, 0x50, 1));
  const second = createOf(Uint8Array.of(0x10, 2));
  const merged = Uint8Array.of(...first, ...second);
  assertAgrees(merged);
  assert.deepEqual(plainEventFromFields(read(merged)).fields, {
    post_id: '1',
    author_id: '2',
    has_video: true,
  });
  assert.equal(read(merged).canonical, false);
  const deletion = Uint8Array.of(0x12, 2, 0x08, 9);
  for (const parts of [
    [first, deletion],
    [deletion, second],
    [first, deletion, second],
    [deletion, first, deletion],
  ]) {
    assertAgrees(Buffer.concat(parts));
  }
  assert.equal(read(Buffer.concat([first, deletion, second])).canonical, true);
});

test('groups nest to a bound, and 10,000 levels do no harm', () => {
  const groups = (levels: number): Uint8Array =>
    Uint8Array.from([
      ...Array.from({ length: levels }, () => 0x3b),
      ...Array.from({ length: levels }, () => 0x3c),
    ]);
  for (const levels of [1, 99, 100, 101, 102, 10_000]) {
    assertAgrees(groups(levels));
    assertAgrees(createOf(groups(levels)));
  }
  assert.equal(read(groups(100)).kind, 'no_variant');
  assert.equal(read(groups(10_000)).kind, 'malformed');
});

test('an unknown varint of more than ten bytes is malformed, where the generated code reads on', () => {
  const bytes = Uint8Array.of(0x78, ...Array.from({ length: 10 }, () => 0x80), 0);
  assert.equal(read(bytes).kind, 'malformed');
  assert.notEqual(readEventWithGeneratedCode(bytes, false), null);
});
