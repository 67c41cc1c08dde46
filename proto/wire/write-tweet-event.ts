/**
 * Writes thrift TweetEvents (binary protocol, bare struct), from the same fields that
 * `readTweetEvent` fills: for the event generator and tests, so simple rather than fast.
 */
import { T_BOOL, T_I32, T_I64, T_LIST, T_STOP, T_STRING, T_STRUCT } from './thrift-binary.ts';
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
  const writer = new StructWriter();
  writeEvent(writer, event, extras);
  return writer.finish();
}

/** The same inside an `Event` envelope of type `tweet_event`, stamped with the event's timestamp. */
export function encodeEventEnvelope(
  event: TweetEventFields,
  extras: TweetEventExtras = {},
): Uint8Array {
  const writer = new StructWriter();
  writer.text(1, 'tweet_event');
  if (event.hasTimestampMs) {
    writer.number(2, event.timestampMs);
  }
  writer.begin(3);
  writeEvent(writer, event, extras);
  writer.end();
  return writer.finish();
}

function writeEvent(writer: StructWriter, event: TweetEventFields, extras: TweetEventExtras): void {
  if (event.kind !== 'no_variant' && event.kind !== 'malformed') {
    writer.begin(1);
    writeVariant(writer, event, extras);
    writer.end();
  }
  if (event.hasTimestampMs) {
    writer.begin(2);
    writer.number(2, event.timestampMs);
    writer.end();
  }
}

function writeVariant(
  writer: StructWriter,
  event: TweetEventFields,
  extras: TweetEventExtras,
): void {
  switch (event.kind) {
    case 'create':
      writer.begin(1);
      writeTweetAndUser(writer, event, extras);
      if (extras.sourceTweet !== undefined) {
        writeSource(writer, extras.sourceTweet);
      }
      break;
    case 'delete':
      writer.begin(2);
      writeTweetAndUser(writer, event, extras);
      break;
    case 'quoted_tweet_delete':
      writer.begin(10);
      if (event.hasQuotingTweetId) {
        writer.id(1, event.quotingTweetIdHi, event.quotingTweetIdLo);
      }
      if (event.hasQuotingUserId) {
        writer.id(2, event.quotingUserIdHi, event.quotingUserIdLo);
      }
      break;
    default:
      writer.begin(event.variantField);
  }
  writer.end();
}

function writeTweetAndUser(
  writer: StructWriter,
  event: TweetEventFields,
  extras: TweetEventExtras,
): void {
  if (event.hasTweet) {
    writer.begin(1);
    writeTweet(writer, event.tweet, extras);
    writer.end();
  }
  if (event.hasUserId) {
    writeUser(writer, 2, event.userIdHi, event.userIdLo);
  }
}

function writeSource(writer: StructWriter, source: TweetFields): void {
  writer.begin(3);
  writeTweet(writer, source, {});
  writer.end();
  if (source.hasUserId) {
    writeUser(writer, 4, source.userIdHi, source.userIdLo);
  }
}

function writeUser(writer: StructWriter, field: number, hi: number, lo: number): void {
  writer.begin(field);
  writer.id(1, hi, lo);
  writer.end();
}

function writeTweet(writer: StructWriter, tweet: TweetFields, extras: TweetEventExtras): void {
  if (tweet.hasId) {
    writer.id(1, tweet.idHi, tweet.idLo);
  }
  if (tweet.hasCoreData) {
    writer.begin(2);
    writeCoreData(writer, tweet, extras);
    writer.end();
  }
  if (tweet.mediaCount > 0) {
    writeMedia(writer, tweet);
  }
}

function writeCoreData(writer: StructWriter, tweet: TweetFields, extras: TweetEventExtras): void {
  if (tweet.hasUserId) {
    writer.id(1, tweet.userIdHi, tweet.userIdLo);
  }
  if (extras.text !== undefined) {
    writer.text(2, extras.text);
  }
  if (extras.createdVia !== undefined) {
    writer.text(3, extras.createdVia);
  }
  if (tweet.hasCreatedAtSecs) {
    writer.number(4, tweet.createdAtSecs);
  }
  if (tweet.hasReply) {
    writer.begin(5);
    if (tweet.hasInReplyToStatusId) {
      writer.id(1, tweet.inReplyToStatusIdHi, tweet.inReplyToStatusIdLo);
    }
    if (tweet.hasInReplyToUserId) {
      writer.id(2, tweet.inReplyToUserIdHi, tweet.inReplyToUserIdLo);
    }
    writer.end();
  }
  if (tweet.hasShare) {
    writer.begin(7);
    if (tweet.hasSourceStatusId) {
      writer.id(1, tweet.sourceStatusIdHi, tweet.sourceStatusIdLo);
    }
    if (tweet.hasSourceUserId) {
      writer.id(2, tweet.sourceUserIdHi, tweet.sourceUserIdLo);
    }
    writer.end();
  }
  if (tweet.nullcast) {
    writer.flag(11, true);
  }
  if (tweet.hasConversationId) {
    writer.id(14, tweet.conversationIdHi, tweet.conversationIdLo);
  }
  if (tweet.mediaCount > 0) {
    writer.flag(15, true);
  }
}

const MEDIA_INFO_FIELDS = { image: 1, video: 2, animated_gif: 3, other: 99 } as const;

function writeMedia(writer: StructWriter, tweet: TweetFields): void {
  writer.beginStructList(7, tweet.mediaCount);
  if (tweet.firstMediaKind !== 'none') {
    writer.begin(15);
    writer.begin(MEDIA_INFO_FIELDS[tweet.firstMediaKind]);
    if (tweet.firstMediaKind === 'video' && tweet.hasDurationMillis) {
      writer.number32(1, tweet.durationMillis);
    }
    writer.end();
    writer.end();
  }
  for (let index = 0; index < tweet.mediaCount; index += 1) {
    writer.end();
  }
}

const INITIAL_BYTES = 512;

/** Appends the fields of nested structs to bytes that grow. */
class StructWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  begin(field: number): void {
    this.#header(T_STRUCT, field);
  }

  end(): void {
    this.#reserve(1);
    this.#bytes[this.#length] = T_STOP;
    this.#length += 1;
  }

  /** Then the elements follow, each closed by `end`. */
  beginStructList(field: number, size: number): void {
    this.#header(T_LIST, field);
    this.#reserve(5);
    this.#bytes[this.#length] = T_STRUCT;
    this.#view.setInt32(this.#length + 1, size);
    this.#length += 5;
  }

  id(field: number, hi: number, lo: number): void {
    this.#header(T_I64, field);
    this.#reserve(8);
    this.#view.setUint32(this.#length, hi);
    this.#view.setUint32(this.#length + 4, lo);
    this.#length += 8;
  }

  /** A whole number as i64; exact up to 2^53. */
  number(field: number, value: number): void {
    this.id(field, highHalf(value), value >>> 0);
  }

  number32(field: number, value: number): void {
    this.#header(T_I32, field);
    this.#reserve(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  flag(field: number, value: boolean): void {
    this.#header(T_BOOL, field);
    this.#reserve(1);
    this.#bytes[this.#length] = value ? 1 : 0;
    this.#length += 1;
  }

  text(field: number, value: string): void {
    const encoded = Buffer.from(value, 'utf8');
    this.#header(T_STRING, field);
    this.#reserve(4 + encoded.length);
    this.#view.setInt32(this.#length, encoded.length);
    this.#bytes.set(encoded, this.#length + 4);
    this.#length += 4 + encoded.length;
  }

  /** Closes the outermost struct and returns its bytes. */
  finish(): Uint8Array {
    this.end();
    return this.#bytes.slice(0, this.#length);
  }

  #header(type: number, field: number): void {
    this.#reserve(3);
    this.#bytes[this.#length] = type;
    this.#view.setInt16(this.#length + 1, field);
    this.#length += 3;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) {
      return;
    }
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
