/**
 * Writes thrift TweetEvents (binary protocol, bare struct), from the same fields that
 * `readTweetEvent` fills: for the event generator and tests, so simple rather than fast.
 */
import { ThriftWriter } from './thrift-writer.ts';
import type { TweetEventFields, TweetFields } from './tweet-event-fields.ts';
import { highHalf } from './varint.ts';

/** Parts of a create that the readers skip but real records have. */
export interface TweetEventExtras {
  /** `core_data.text`; left out when absent. */
  readonly text?: string;
  /** `core_data.created_via`; left out when absent. */
  readonly createdVia?: string;
  /** Of a retweet: the tweet that was shared, and its author as `source_user` when it has one. */
  readonly sourceTweet?: TweetFields;
}

/**
 * The bytes of an event. Kind `other` is written as an empty struct under `variantField`;
 * `no_variant` and `malformed` as an event without `data`. Of the media, the first entity is as the
 * fields say and the rest are empty; a media kind `other` is a struct with number 99.
 */
export function encodeTweetEvent(
  event: TweetEventFields,
  extras: TweetEventExtras = {},
): Uint8Array {
  return write(event, extras, (writer) => writeEvent(writer, event, extras));
}

/** The same inside an `Event` envelope of type `tweet_event`, stamped with the event's timestamp. */
export function encodeEventEnvelope(
  event: TweetEventFields,
  extras: TweetEventExtras = {},
): Uint8Array {
  return write(event, extras, (writer) => {
    writer.string(1, 'tweet_event');
    if (event.hasTimestampMs) {
      writer.id(2, highHalf(event.timestampMs), event.timestampMs >>> 0);
    }
    writer.struct(3);
    writeEvent(writer, event, extras);
    writer.end();
  });
}

/** Everything but texts and media entities, with room to spare; those have their own sizes. */
const fixedBytesMax = 2_048;
const utf8BytesPerUnitMax = 3;

function write(
  event: TweetEventFields,
  { text = '', createdVia = '', sourceTweet }: TweetEventExtras,
  writeFields: (writer: ThriftWriter) => void,
): Uint8Array {
  const textBytesMax = utf8BytesPerUnitMax * (text.length + createdVia.length);
  const mediaBytes = event.tweet.mediaCount + (sourceTweet?.mediaCount ?? 0);
  const target = Buffer.alloc(fixedBytesMax + textBytesMax + mediaBytes);
  const writer = new ThriftWriter();
  writer.start(target, 0);
  writeFields(writer);
  writer.end();
  return target.subarray(0, writer.position);
}

function writeEvent(writer: ThriftWriter, event: TweetEventFields, extras: TweetEventExtras): void {
  if (event.kind !== 'no_variant' && event.kind !== 'malformed') {
    writer.struct(1);
    writeVariant(writer, event, extras);
    writer.end();
  }
  if (event.hasTimestampMs) {
    writer.struct(2);
    writer.id(2, highHalf(event.timestampMs), event.timestampMs >>> 0);
    writer.end();
  }
}

function writeVariant(
  writer: ThriftWriter,
  event: TweetEventFields,
  extras: TweetEventExtras,
): void {
  switch (event.kind) {
    case 'create':
      writer.struct(1);
      writeTweetAndUser(writer, event, extras);
      if (extras.sourceTweet !== undefined) {
        writeSource(writer, extras.sourceTweet);
      }
      break;
    case 'delete':
      writer.struct(2);
      writeTweetAndUser(writer, event, extras);
      break;
    case 'quoted_tweet_delete':
      writer.struct(10);
      if (event.hasQuotingTweetId) {
        writer.id(1, event.quotingTweetIdHi, event.quotingTweetIdLo);
      }
      if (event.hasQuotingUserId) {
        writer.id(2, event.quotingUserIdHi, event.quotingUserIdLo);
      }
      break;
    default:
      writer.struct(event.variantField);
  }
  writer.end();
}

function writeTweetAndUser(
  writer: ThriftWriter,
  event: TweetEventFields,
  extras: TweetEventExtras,
): void {
  if (event.hasTweet) {
    writer.struct(1);
    writeTweet(writer, event.tweet, extras);
    writer.end();
  }
  if (event.hasUserId) {
    writeUser(writer, 2, event.userIdHi, event.userIdLo);
  }
}

function writeSource(writer: ThriftWriter, source: TweetFields): void {
  writer.struct(3);
  writeTweet(writer, source, {});
  writer.end();
  if (source.hasUserId) {
    writeUser(writer, 4, source.userIdHi, source.userIdLo);
  }
}

function writeUser(writer: ThriftWriter, field: number, hi: number, lo: number): void {
  writer.struct(field);
  writer.id(1, hi, lo);
  writer.end();
}

function writeTweet(writer: ThriftWriter, tweet: TweetFields, extras: TweetEventExtras): void {
  if (tweet.hasId) {
    writer.id(1, tweet.idHi, tweet.idLo);
  }
  if (tweet.hasCoreData) {
    writer.struct(2);
    writeCoreData(writer, tweet, extras);
    writer.end();
  }
  if (tweet.mediaCount > 0) {
    writeMedia(writer, tweet);
  }
}

function writeCoreData(writer: ThriftWriter, tweet: TweetFields, extras: TweetEventExtras): void {
  if (tweet.hasUserId) {
    writer.id(1, tweet.userIdHi, tweet.userIdLo);
  }
  if (extras.text !== undefined) {
    writer.string(2, extras.text);
  }
  if (extras.createdVia !== undefined) {
    writer.string(3, extras.createdVia);
  }
  if (tweet.hasCreatedAtSecs) {
    writer.id(4, highHalf(tweet.createdAtSecs), tweet.createdAtSecs >>> 0);
  }
  if (tweet.hasReply) {
    writer.struct(5);
    if (tweet.hasInReplyToStatusId) {
      writer.id(1, tweet.inReplyToStatusIdHi, tweet.inReplyToStatusIdLo);
    }
    if (tweet.hasInReplyToUserId) {
      writer.id(2, tweet.inReplyToUserIdHi, tweet.inReplyToUserIdLo);
    }
    writer.end();
  }
  if (tweet.hasShare) {
    writer.struct(7);
    if (tweet.hasSourceStatusId) {
      writer.id(1, tweet.sourceStatusIdHi, tweet.sourceStatusIdLo);
    }
    if (tweet.hasSourceUserId) {
      writer.id(2, tweet.sourceUserIdHi, tweet.sourceUserIdLo);
    }
    writer.end();
  }
  if (tweet.nullcast) {
    writer.bool(11, true);
  }
  if (tweet.hasConversationId) {
    writer.id(14, tweet.conversationIdHi, tweet.conversationIdLo);
  }
  if (tweet.mediaCount > 0) {
    writer.bool(15, true);
  }
}

const MEDIA_INFO_FIELDS = { image: 1, video: 2, animated_gif: 3, other: 99 } as const;

function writeMedia(writer: ThriftWriter, tweet: TweetFields): void {
  writer.structList(7, tweet.mediaCount);
  if (tweet.firstMediaKind !== 'none') {
    writer.struct(15);
    writer.struct(MEDIA_INFO_FIELDS[tweet.firstMediaKind]);
    if (tweet.firstMediaKind === 'video' && tweet.hasDurationMillis) {
      writer.i32(1, tweet.durationMillis);
    }
    writer.end();
    writer.end();
  }
  for (let index = 0; index < tweet.mediaCount; index += 1) {
    writer.end();
  }
}
