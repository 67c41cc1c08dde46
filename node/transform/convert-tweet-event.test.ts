/** T3 and T4 on bytes from the generated thrift code, read back with the generated protobuf code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import thrift from 'thrift';
import thriftTypes from '#proto/gen/thrift/tweet_event_types.js';
import { thunder } from '#proto/gen/thunder.js';
import { readTweetEvent } from '#proto/wire/read-tweet-event.ts';
import { createTweetEventFields } from '#proto/wire/tweet-event-fields.ts';
import { createTweetEventConverter } from './convert-tweet-event.ts';
import type { TransformOutcome } from './transform-outcome.ts';

const retentionSeconds = 172_800;
const nowSeconds = 1_800_000_000;
const recordSeconds = nowSeconds - 5;

/** A TweetEvent in plain values, the parts that matter. */
interface PlainTweet {
  id: bigint;
  core?: {
    userId: bigint;
    createdAt: bigint;
    reply?: { statusId?: bigint; userId: bigint };
    share?: { statusId: bigint; userId: bigint };
    nullcast: boolean;
    conversationId?: bigint;
  };
  media?: (number | 'image' | 'gif' | 'video' | 'none')[];
}

type PlainEvent = { timestampMs: bigint } & (
  | { kind: 'create'; tweet: PlainTweet; userId: bigint }
  | { kind: 'delete'; tweet: PlainTweet; userId?: bigint }
  | { kind: 'quoted'; tweetId: bigint; userId: bigint }
  | { kind: 'other'; name: (typeof otherVariants)[number] }
  | { kind: 'none' }
);

const otherVariants = [
  'additional_field_update',
  'additional_field_delete',
  'tweet_undelete',
  'tweet_scrub_geo',
  'tweet_takedown',
  'user_scrub_geo',
  'possibly_sensitive_update',
  'quoted_tweet_takedown',
] as const;

/** What the rules make of it, written as the rules read. Ids as unsigned decimal strings. */
type PlainOutcome =
  | { skip: string }
  | { key: string | null; create: Record<string, unknown> }
  | { key: string | null; delete: Record<string, unknown> };

function naive(event: PlainEvent): PlainOutcome {
  if (event.kind === 'none') return { skip: 'missing_field' };
  if (event.kind === 'other') return { skip: 'other_variant' };
  const deletedAt =
    event.timestampMs > 0n ? String(event.timestampMs / 1000n) : String(recordSeconds);
  if (event.kind === 'quoted') {
    return naiveDelete(event.tweetId, event.userId, deletedAt);
  }
  const { core, media = [] } = event.tweet;
  const author = event.userId || core?.userId || 0n;
  if (event.kind === 'delete') {
    if (core !== undefined && core.createdAt < nowSeconds - retentionSeconds) {
      return { skip: 'expired_delete' };
    }
    return naiveDelete(event.tweet.id, author, deletedAt);
  }
  if (core?.nullcast === true) return { skip: 'nullcast' };
  if (core === undefined) return { skip: 'missing_field' };
  if (event.tweet.id === 0n || author === 0n) return { skip: 'missing_id' };
  const create: Record<string, unknown> = {
    postId: String(event.tweet.id),
    authorId: String(author),
    createdAt: String(core.createdAt),
    isRetweet: core.share !== undefined,
    isReply: core.reply !== undefined,
    hasVideo: media.length === 1 && typeof media[0] === 'number' && media[0] >= 5000,
  };
  if (core.reply?.statusId !== undefined) create['inReplyToPostId'] = String(core.reply.statusId);
  if (core.reply !== undefined) create['inReplyToUserId'] = String(core.reply.userId);
  if (core.share !== undefined) {
    create['sourcePostId'] = String(core.share.statusId);
    create['sourceUserId'] = String(core.share.userId);
  }
  if (core.conversationId !== undefined) create['conversationId'] = String(core.conversationId);
  return { key: String(author), create };
}

function naiveDelete(postId: bigint, author: bigint, deletedAt: string): PlainOutcome {
  if (postId === 0n) return { skip: 'missing_id' };
  const fields: Record<string, unknown> = { postId: String(postId), deletedAt };
  if (author !== 0n) fields['authorId'] = String(author);
  return { key: author === 0n ? null : String(author), delete: fields };
}

function toPlain(outcome: TransformOutcome): PlainOutcome {
  if (outcome.kind === 'skip') return { skip: outcome.reason };
  const key = outcome.key === null ? null : String(outcome.key.readBigUInt64BE());
  const { InNetworkEvent } = thunder.v1;
  const message = InNetworkEvent.decode(outcome.value);
  assert.deepEqual(
    Buffer.from(InNetworkEvent.encode(message).finish()),
    outcome.value,
    'the bytes are canonical',
  );
  const plain = InNetworkEvent.toObject(message, { longs: BigInt }) as Record<string, unknown>;
  assert.equal(outcome.event, plain['tweetCreateEvent'] === undefined ? 'delete' : 'create');
  const fields = Object.fromEntries(
    Object.entries((plain['tweetCreateEvent'] ?? plain['tweetDeleteEvent']) as object).map(
      ([name, value]) => [
        name,
        typeof value === 'bigint' && !name.endsWith('At')
          ? String(BigInt.asUintN(64, value))
          : typeof value === 'bigint'
            ? String(value)
            : value,
      ],
    ),
  );
  if (plain['tweetDeleteEvent'] !== undefined) {
    return { key, delete: { deletedAt: '0', ...fields } };
  }
  const defaults = { createdAt: '0', isRetweet: false, isReply: false, hasVideo: false };
  return { key, create: { ...defaults, ...fields } };
}

function int64(value: bigint): InstanceType<typeof thrift.Int64> {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return new thrift.Int64(bytes);
}

function encode(event: PlainEvent): Buffer {
  const t = thriftTypes;
  const data = new t.TweetEventData();
  if (event.kind === 'create') {
    const tweet = thriftTweet(event.tweet);
    const user = new t.User({ id: int64(event.userId) });
    data.tweet_create_event = new t.TweetCreateEvent({ tweet, user });
  } else if (event.kind === 'delete') {
    const tweet = thriftTweet(event.tweet);
    data.tweet_delete_event = new t.TweetDeleteEvent({ tweet });
    if (event.userId !== undefined) {
      data.tweet_delete_event.user = new t.User({ id: int64(event.userId) });
    }
  } else if (event.kind === 'quoted') {
    data.quoted_tweet_delete_event = new t.QuotedTweetDeleteEvent({
      quoting_tweet_id: int64(event.tweetId),
      quoting_user_id: int64(event.userId),
      quoted_tweet_id: int64(77n),
      quoted_user_id: int64(78n),
    });
  } else if (event.kind === 'other') {
    data[event.name] = new t.UnreadEvent();
  }
  const flags = new t.TweetEventFlags({ timestamp_ms: int64(event.timestampMs) });
  return thriftBytes(new t.TweetEvent({ data, flags }));
}

function thriftTweet(tweet: PlainTweet): InstanceType<typeof thriftTypes.Tweet> {
  const t = thriftTypes;
  const result = new t.Tweet({ id: int64(tweet.id) });
  const { core, media } = tweet;
  if (core !== undefined) {
    result.core_data = new t.TweetCoreData({
      user_id: int64(core.userId),
      text: 'naïve 🧵',
      created_via: 'test',
      created_at_secs: int64(core.createdAt),
      nullcast: core.nullcast,
    });
    if (core.reply !== undefined) {
      result.core_data.reply = new t.Reply({ in_reply_to_user_id: int64(core.reply.userId) });
      if (core.reply.statusId !== undefined) {
        result.core_data.reply.in_reply_to_status_id = int64(core.reply.statusId);
      }
    }
    if (core.share !== undefined) {
      result.core_data.share = new t.Share({
        source_status_id: int64(core.share.statusId),
        source_user_id: int64(core.share.userId),
        parent_status_id: int64(9n),
      });
    }
    if (core.conversationId !== undefined) {
      result.core_data.conversation_id = int64(core.conversationId);
    }
  }
  if (media !== undefined) {
    result.media = media.map((one) => {
      const info = new t.MediaInfo();
      if (one === 'none') return new t.MediaEntity();
      if (one === 'image') info.image_info = new t.ImageInfo();
      else if (one === 'gif') info.animated_gif_info = new t.AnimatedGifInfo();
      else if (one === 'video') info.video_info = new t.VideoInfo();
      else info.video_info = new t.VideoInfo({ duration_millis: one });
      return new t.MediaEntity({ media_info: info });
    });
  }
  return result;
}

function thriftBytes(struct: { write(output: thrift.TProtocol): void }): Buffer {
  let bytes = Buffer.alloc(0);
  const transport = new thrift.TBufferedTransport(undefined, (written) => {
    bytes = Buffer.from(written ?? []);
  });
  const protocol = new thrift.TBinaryProtocol(transport);
  struct.write(protocol);
  protocol.flush();
  return bytes;
}

const id = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0n) },
  { weight: 6, arbitrary: fc.bigInt(1n, 2n ** 64n - 1n) },
  { weight: 3, arbitrary: fc.constantFrom(1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n + 1n) },
);

const tweet: fc.Arbitrary<PlainTweet> = fc.record(
  {
    id,
    core: fc.record(
      {
        userId: id,
        createdAt: fc.oneof(
          fc.bigInt(BigInt(nowSeconds - 400_000), BigInt(nowSeconds)),
          fc.constantFrom(...[-1, 0, 1].map((by) => BigInt(nowSeconds - retentionSeconds + by))),
          fc.constantFrom(0n, -1n, 2n ** 33n),
        ),
        reply: fc.record({ statusId: id, userId: id }, { requiredKeys: ['userId'] }),
        share: fc.record({ statusId: id, userId: id }),
        nullcast: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.boolean()),
        conversationId: id,
      },
      { requiredKeys: ['userId', 'createdAt', 'nullcast'] },
    ),
    media: fc.array(
      fc.oneof(
        fc.constantFrom<'image' | 'gif' | 'video' | 'none'>('image', 'gif', 'video', 'none'),
        fc.constantFrom(4999, 5000, 5001),
        fc.integer({ min: -10, max: 2 ** 31 - 1 }),
      ),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['id'] },
);

const timestampMs = fc.oneof(
  fc.constantFrom(0n, -1n, 999n, 1000n),
  fc.bigInt(1_700_000_000_000n, 1_900_000_000_000n),
);

const event: fc.Arbitrary<PlainEvent> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), tweet, userId: id, timestampMs }),
  fc.record(
    { kind: fc.constant('delete' as const), tweet, userId: id, timestampMs },
    { requiredKeys: ['kind', 'tweet', 'timestampMs'] },
  ),
  fc.record({ kind: fc.constant('quoted' as const), tweetId: id, userId: id, timestampMs }),
  fc.record({
    kind: fc.constant('other' as const),
    name: fc.constantFrom(...otherVariants),
    timestampMs,
  }),
  fc.record({ kind: fc.constant('none' as const), timestampMs }),
);

const convert = createTweetEventConverter(retentionSeconds);
const fields = createTweetEventFields();

function convertBytes(bytes: Uint8Array): TransformOutcome {
  readTweetEvent(bytes, 0, bytes.byteLength, fields);
  return convert(fields, recordSeconds, nowSeconds);
}

function outcomeOf(plain: PlainEvent): PlainOutcome {
  return toPlain(convertBytes(encode(plain)));
}

function createOf(media: PlainTweet['media'], more: object = {}): PlainEvent {
  const core = { userId: 8n, createdAt: 1_799_999_000n, nullcast: false, ...more };
  const tweet = { id: 5n, core, ...(media === undefined ? {} : { media }) };
  return { kind: 'create', tweet, userId: 7n, timestampMs: 1n };
}

test('T3, T4: any tweet event becomes what the rules say, from generated thrift bytes', () => {
  fc.assert(
    fc.property(event, (plain) => {
      assert.deepEqual(outcomeOf(plain), naive(plain));
    }),
    { numRuns: 3000 },
  );
});

test('T3: a video post has exactly one media entity, a video of five seconds or more', () => {
  const hasVideo = (media: PlainTweet['media']): unknown => {
    const outcome = outcomeOf(createOf(media));
    return 'create' in outcome ? outcome.create['hasVideo'] : outcome;
  };
  assert.equal(hasVideo([5000]), true);
  assert.equal(hasVideo([4999]), false);
  assert.equal(hasVideo(['video']), false);
  assert.equal(hasVideo(['gif']), false);
  assert.equal(hasVideo([5000, 'image']), false);
  assert.equal(hasVideo([5000, 5000]), false);
  assert.equal(hasVideo([]), false);
  assert.equal(hasVideo(undefined), false);
});

test('T3: a nullcast create is skipped, a share makes a retweet, the user is the author', () => {
  assert.deepEqual(outcomeOf(createOf([], { nullcast: true })), { skip: 'nullcast' });
  assert.deepEqual(outcomeOf(createOf([], { share: { statusId: 2n ** 63n + 1n, userId: 3n } })), {
    key: '7',
    create: {
      postId: '5',
      authorId: '7',
      createdAt: '1799999000',
      isRetweet: true,
      isReply: false,
      sourcePostId: '9223372036854775809',
      sourceUserId: '3',
      hasVideo: false,
    },
  });
  const byCoreData = outcomeOf({ ...createOf([]), userId: 0n } as PlainEvent);
  assert.equal('key' in byCoreData && byCoreData.key, '8');
});

test('T4: an old delete is dropped, a young one carries when and whose', () => {
  const deleteOf = (createdAt: number, timestampMs = 1_799_999_999_999n): PlainEvent => ({
    kind: 'delete',
    tweet: { id: 5n, core: { userId: 8n, createdAt: BigInt(createdAt), nullcast: false } },
    timestampMs,
  });
  assert.deepEqual(outcomeOf(deleteOf(nowSeconds - retentionSeconds - 1)), {
    skip: 'expired_delete',
  });
  assert.deepEqual(outcomeOf(deleteOf(nowSeconds - retentionSeconds)), {
    key: '8',
    delete: { postId: '5', deletedAt: '1799999999', authorId: '8' },
  });
  assert.deepEqual(outcomeOf(deleteOf(nowSeconds, 0n)), {
    key: '8',
    delete: { postId: '5', deletedAt: String(recordSeconds), authorId: '8' },
  });
});

test('T4: a quoted-tweet delete deletes the quoting tweet, by its author', () => {
  assert.deepEqual(
    outcomeOf({ kind: 'quoted', tweetId: 2n ** 53n + 1n, userId: 6n, timestampMs: 5000n }),
    { key: '6', delete: { postId: '9007199254740993', deletedAt: '5', authorId: '6' } },
  );
});

test('T4: a delete whose author is nowhere in the record has no key', () => {
  const outcome = outcomeOf({ kind: 'delete', tweet: { id: 5n }, timestampMs: 5000n });
  assert.deepEqual(outcome, { key: null, delete: { postId: '5', deletedAt: '5' } });
});

test('T4: every other variant is counted and skipped', () => {
  for (const name of otherVariants) {
    assert.deepEqual(outcomeOf({ kind: 'other', name, timestampMs: 1n }), {
      skip: 'other_variant',
    });
  }
});

test('T5: cut or damaged records become a skip or an event, never an exception', () => {
  fc.assert(
    fc.property(
      event,
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      (plain, cut, at, to) => {
        const bytes = encode(plain);
        const cutBytes = bytes.subarray(0, cut % bytes.byteLength);
        assert.deepEqual(convertBytes(cutBytes), { kind: 'skip', reason: 'malformed' });
        bytes[at % bytes.byteLength] = to;
        const outcome = convertBytes(bytes);
        if (outcome.kind === 'write') {
          toPlain(outcome);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('T5: a creation time beyond what is exact is malformed', () => {
  const outcome = outcomeOf(createOf([], { createdAt: 2n ** 62n }));
  assert.deepEqual(outcome, { skip: 'malformed' });
});
