/** T6: what each input format makes of a record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { thunder } from '#proto/gen/thunder.js';
import { createTweetEventFields } from '#proto/wire/tweet-event-fields.ts';
import { encodeEventEnvelope, encodeTweetEvent } from '#proto/wire/write-tweet-event.ts';
import { createRecordConverter, inputFormats } from './input-formats.ts';

const { InNetworkEvent } = thunder.v1;
const timestampMs = 1_800_000_000_000;
const nowSeconds = 1_800_000_000;

function aCreate() {
  const event = createTweetEventFields();
  event.kind = 'create';
  event.variantField = 1;
  event.hasTweet = true;
  event.hasUserId = true;
  event.userIdLo = 7;
  Object.assign(event.tweet, { hasId: true, idHi: 0x00200000, idLo: 1, hasCoreData: true });
  Object.assign(event.tweet, { hasCreatedAtSecs: true, createdAtSecs: 1_799_999_000 });
  return event;
}

test('T6: tweet-event and its envelope make the same event', () => {
  const plain = createRecordConverter({ format: 'tweet-event', retentionSeconds: 172_800 });
  const envelope = createRecordConverter({ format: 'event', retentionSeconds: 172_800 });
  const event = aCreate();
  const one = plain(Buffer.from(encodeTweetEvent(event)), timestampMs, nowSeconds);
  const two = envelope(Buffer.from(encodeEventEnvelope(event)), timestampMs, nowSeconds);
  assert.equal(one.kind, 'write');
  assert.deepEqual(two, one);
  // An Event without a tweet event inside is somebody else's, not a broken one.
  const empty = Buffer.from([0]);
  assert.deepEqual(envelope(empty, timestampMs, nowSeconds), { kind: 'skip', reason: 'no_event' });
  assert.deepEqual(plain(empty, timestampMs, nowSeconds), {
    kind: 'skip',
    reason: 'missing_field',
  });
});

test('T6: in-network-event passes byte for byte, unknown fields too, under the author’s key', () => {
  const convert = createRecordConverter({ format: 'in-network-event', retentionSeconds: 1 });
  const unknownField = Buffer.from([0xfa, 0x01, 0x02, 0x68, 0x69]);
  fc.assert(
    fc.property(
      fc.bigInt(1n, 2n ** 63n - 1n),
      fc.bigInt(0n, 2n ** 63n - 1n),
      fc.boolean(),
      fc.boolean(),
      (postId, authorId, isCreate, hasUnknown) => {
        const event = isCreate
          ? { tweetCreateEvent: { postId: String(postId), authorId: String(authorId) } }
          : {
              tweetDeleteEvent: {
                postId: String(postId),
                deletedAt: 5,
                ...(authorId === 0n ? {} : { authorId: String(authorId) }),
              },
            };
        const encoded = InNetworkEvent.encode(InNetworkEvent.fromObject(event)).finish();
        const value = Buffer.concat([encoded, ...(hasUnknown ? [unknownField] : [])]);
        const outcome = convert(value, timestampMs, nowSeconds);
        if (isCreate && authorId === 0n) {
          assert.deepEqual(outcome, { kind: 'skip', reason: 'missing_id' });
          return;
        }
        assert.ok(outcome.kind === 'write');
        assert.equal(outcome.value, value);
        assert.equal(outcome.event, isCreate ? 'create' : 'delete');
        if (authorId === 0n) {
          assert.equal(outcome.key, null);
        } else {
          assert.equal(outcome.key?.readBigUInt64BE(), authorId);
        }
      },
    ),
  );
});

test('T6: every format skips what is not its own with a reason', () => {
  for (const format of inputFormats) {
    const convert = createRecordConverter({ format, retentionSeconds: 1 });
    assert.deepEqual(convert(null, timestampMs, nowSeconds), { kind: 'skip', reason: 'no_value' });
    const garbage = Buffer.from('garbage, not an event');
    assert.deepEqual(convert(garbage, timestampMs, nowSeconds), {
      kind: 'skip',
      reason: 'malformed',
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const outcome = convert(Buffer.from(bytes), timestampMs, nowSeconds);
        assert.ok(outcome.kind === 'skip' || outcome.value.byteLength > 0);
      }),
    );
  }
});
