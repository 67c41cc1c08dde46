/** Records of both formats, read back by the program's own readers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import thrift from 'thrift';
import { createRecordConverter } from '#node/transform/input-formats.ts';
import { TweetEvent } from '#proto/gen/thrift/tweet_event_types.js';
import { createInNetworkEventFields } from '#proto/wire/in-network-event-fields.ts';
import { toId } from '#proto/wire/light-post-fields.ts';
import { readInNetworkEvent } from '#proto/wire/read-in-network-event.ts';
import { readTweetEvent } from '#proto/wire/read-tweet-event.ts';
import { createTweetEventFields } from '#proto/wire/tweet-event-fields.ts';
import { plainFromFields, readWithGeneratedCode } from '#proto/wire/tweet-event-oracle.ts';
import { createEventEncoder } from './event-encoder.ts';
import { EventGenerator, generateBacklog } from './event-generator.ts';
import { type GeneratedCreate, type GeneratedEvent, hasVideo } from './generated-event.ts';

const endMs = 1_790_000_000_000;
const startMs = endMs - 172_800_000;
const generator = new EventGenerator({ seed: 5, authors: 1_000, startMs, mix: { garbage: 0.01 } });
const events = [...generateBacklog(generator, 20_000, startMs, endMs)];

function optionalId(has: boolean, hi: number, lo: number): bigint | null {
  return has ? toId(hi, lo) : null;
}

function deletedPostOf(event: GeneratedEvent): bigint {
  assert.ok(event.kind === 'delete' || event.kind === 'quoted_delete');
  return event.kind === 'delete' ? event.postId : event.quotingPostId;
}

test('a key is the author in eight bytes, big-endian, in both formats', () => {
  for (const format of ['thrift', 'protobuf'] as const) {
    const encode = createEventEncoder(format);
    for (const event of events.slice(0, 2_000)) {
      const record = encode(event);
      if (record === null || event.kind !== 'create') continue;
      assert.equal(record.key.length, 8);
      assert.equal(record.key.readBigUInt64BE(), event.authorId);
      assert.equal(record.timestampMs, event.recordTimestampMs);
    }
  }
});

test('protobuf records read back as the event, and are canonical', () => {
  const encode = createEventEncoder('protobuf');
  const read = createInNetworkEventFields();
  for (const event of events) {
    const record = encode(event);
    if (event.kind === 'create' && event.nullcast) {
      assert.equal(record, null);
      continue;
    }
    assert.ok(record !== null);
    if (event.kind === 'garbage') continue;
    readInNetworkEvent(record.value, 0, record.value.length, read);
    if (event.kind !== 'create') {
      assert.equal(read.kind, 'delete');
      assert.equal(toId(read.deletedPostIdHi, read.deletedPostIdLo), deletedPostOf(event));
      assert.equal(read.deletedAt, Math.floor(event.recordTimestampMs / 1000));
      continue;
    }
    assert.equal(read.kind, 'create');
    assert.equal(read.canonical, true);
    const { post } = read;
    assert.deepEqual(
      {
        postId: toId(post.postIdHi, post.postIdLo),
        authorId: toId(post.authorIdHi, post.authorIdLo),
        createdAtSeconds: post.createdAt,
        inReplyToPostId: optionalId(
          post.hasInReplyToPostId,
          post.inReplyToPostIdHi,
          post.inReplyToPostIdLo,
        ),
        inReplyToUserId: optionalId(
          post.hasInReplyToUserId,
          post.inReplyToUserIdHi,
          post.inReplyToUserIdLo,
        ),
        conversationId: optionalId(
          post.hasConversationId,
          post.conversationIdHi,
          post.conversationIdLo,
        ),
        sourcePostId: optionalId(post.hasSourcePostId, post.sourcePostIdHi, post.sourcePostIdLo),
        sourceUserId: optionalId(post.hasSourceUserId, post.sourceUserIdHi, post.sourceUserIdLo),
      },
      idsOf(event),
    );
    assert.equal(post.isRetweet, event.label === 'retweet');
    assert.equal(post.isReply, event.label === 'reply');
    assert.equal(post.hasVideo, hasVideo(event));
  }
});

function idsOf(event: GeneratedCreate): Record<string, unknown> {
  return {
    postId: event.postId,
    authorId: event.authorId,
    createdAtSeconds: event.createdAtSeconds,
    inReplyToPostId: event.inReplyToPostId,
    inReplyToUserId: event.inReplyToUserId,
    conversationId: event.conversationId,
    sourcePostId: event.sourcePostId,
    sourceUserId: event.sourceUserId,
  };
}

test('thrift records read back as the event', () => {
  const encode = createEventEncoder('thrift');
  const read = createTweetEventFields();
  for (const event of events) {
    const record = encode(event);
    assert.ok(record !== null);
    if (event.kind === 'garbage') continue;
    readTweetEvent(record.value, 0, record.value.length, read);
    assert.equal(read.timestampMs, event.recordTimestampMs);
    const { tweet } = read;
    if (event.kind === 'quoted_delete') {
      assert.equal(read.kind, 'quoted_tweet_delete');
      assert.equal(toId(read.quotingTweetIdHi, read.quotingTweetIdLo), event.quotingPostId);
      assert.equal(toId(read.quotingUserIdHi, read.quotingUserIdLo), event.quotingUserId);
      continue;
    }
    assert.equal(read.kind, event.kind);
    assert.equal(toId(tweet.idHi, tweet.idLo), event.postId);
    if (event.kind === 'delete') {
      assert.equal(read.hasUserId, event.authorInRecord);
      assert.equal(tweet.hasUserId, event.authorInRecord);
      assert.equal(tweet.createdAtSecs, event.authorInRecord ? event.createdAtSeconds : 0);
      if (event.authorInRecord) {
        assert.equal(toId(read.userIdHi, read.userIdLo), event.authorId);
      }
      continue;
    }
    assert.deepEqual(
      {
        postId: toId(tweet.idHi, tweet.idLo),
        authorId: toId(read.userIdHi, read.userIdLo),
        createdAtSeconds: tweet.createdAtSecs,
        inReplyToPostId: optionalId(
          tweet.hasInReplyToStatusId,
          tweet.inReplyToStatusIdHi,
          tweet.inReplyToStatusIdLo,
        ),
        inReplyToUserId: optionalId(
          tweet.hasInReplyToUserId,
          tweet.inReplyToUserIdHi,
          tweet.inReplyToUserIdLo,
        ),
        conversationId: optionalId(
          tweet.hasConversationId,
          tweet.conversationIdHi,
          tweet.conversationIdLo,
        ),
        sourcePostId: optionalId(
          tweet.hasSourceStatusId,
          tweet.sourceStatusIdHi,
          tweet.sourceStatusIdLo,
        ),
        sourceUserId: optionalId(tweet.hasSourceUserId, tweet.sourceUserIdHi, tweet.sourceUserIdLo),
      },
      idsOf(event),
    );
    assert.equal(tweet.nullcast, event.nullcast);
    assert.equal(tweet.mediaCount, event.media.length);
    const [first] = event.media;
    if (first?.kind === 'video') {
      assert.equal(tweet.firstMediaKind, 'video');
      assert.equal(tweet.durationMillis, first.durationMs);
    }
  }
});

test('garbage is refused or empty, never a post, in both formats', () => {
  const seen = new Set<string>();
  const thrift = createEventEncoder('thrift');
  const protobuf = createEventEncoder('protobuf');
  const tweetEvent = createTweetEventFields();
  const inNetworkEvent = createInNetworkEventFields();
  for (const event of events) {
    if (event.kind !== 'garbage') continue;
    seen.add(event.flavour);
    const thriftBytes = thrift(event)?.value ?? Buffer.alloc(0);
    const protobufBytes = protobuf(event)?.value ?? Buffer.alloc(0);
    readTweetEvent(thriftBytes, 0, thriftBytes.length, tweetEvent);
    readInNetworkEvent(protobufBytes, 0, protobufBytes.length, inNetworkEvent);
    assert.ok(tweetEvent.kind !== 'create' || !tweetEvent.tweet.hasId);
    const { kind, post } = inNetworkEvent;
    assert.ok(kind !== 'create' || (post.postIdHi === 0 && post.postIdLo === 0));
  }
  assert.equal(seen.size, 4);
});

test("Apache Thrift's generated code reads the same, text and every media entity included", () => {
  const encode = createEventEncoder('thrift');
  const read = createTweetEventFields();
  for (const event of events.slice(0, 3_000)) {
    if (event.kind === 'garbage') continue;
    const { value } = encode(event) ?? assert.fail('no record');
    readTweetEvent(value, 0, value.length, read);
    assert.deepEqual(plainFromFields(read), readWithGeneratedCode(value, 'tweet-event', true));
    if (event.kind !== 'create') continue;
    const generated = new TweetEvent();
    generated.read(new thrift.TBinaryProtocol(new thrift.TFramedTransport(Buffer.from(value))));
    const tweet = generated.data.tweet_create_event?.tweet;
    assert.ok(tweet !== undefined);
    assert.equal(tweet.core_data?.text, event.text);
    assert.deepEqual(
      (tweet.media ?? []).map(({ media_info: info }) =>
        info?.video_info ? Number(info.video_info.duration_millis) : null,
      ),
      event.media.map((media) => media.durationMs),
    );
  }
});

test('the transformer makes of a thrift record what the protobuf format writes at once', () => {
  const thriftEncode = createEventEncoder('thrift');
  const protobufEncode = createEventEncoder('protobuf');
  const convert = createRecordConverter({ format: 'tweet-event', retentionSeconds: 315_360_000 });
  for (const event of events) {
    if (event.kind === 'garbage') continue;
    const record = thriftEncode(event) ?? assert.fail('no record');
    const outcome = convert(record.value, record.timestampMs, endMs / 1000);
    const direct = protobufEncode(event);
    if (direct === null) {
      assert.deepEqual(outcome, { kind: 'skip', reason: 'nullcast' });
      continue;
    }
    assert.ok(outcome.kind === 'write');
    assert.ok(outcome.value.equals(direct.value), JSON.stringify(event, bigintsAsText));
    const isKeyless = event.kind === 'delete' && !event.authorInRecord;
    assert.deepEqual(outcome.key, isKeyless ? null : direct.key);
  }
});

function bigintsAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

test('a long text and many media fit', () => {
  const base = events.find((event): event is GeneratedCreate => event.kind === 'create');
  assert.ok(base !== undefined);
  const media = Array.from({ length: 64 }, () => ({ kind: 'video', durationMs: 1 }) as const);
  const encode = createEventEncoder('thrift');
  const read = createTweetEventFields();
  const record = encode({ ...base, text: '京'.repeat(300_000), media });
  assert.ok(record !== null);
  readTweetEvent(record.value, 0, record.value.length, read);
  assert.equal(read.kind, 'create');
  assert.equal(read.tweet.mediaCount, 64);
});
