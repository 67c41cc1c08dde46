/**
 * A generated event as the thrift TweetEvent that the legacy topic holds, with fields that nobody
 * downstream needs among those that are (text, client, has_media, the source of a retweet).
 */

import type { ThriftWriter } from '#proto/wire/thrift-writer.ts';
import type {
  GeneratedCreate,
  GeneratedDelete,
  GeneratedMedia,
  GeneratedQuotedDelete,
} from './generated-event.ts';

const createdVia = 'Thunder generator';
/** Everything but text and media, with room to spare. */
const fixedBytesMax = 512;
const mediaBytesMax = 32;
const utf8BytesPerUnitMax = 3;
/** A variant that the transformer counts and skips: tweet_scrub_geo. */
const otherVariantField = 6;

export function tweetEventBytesMax(create: GeneratedCreate): number {
  return (
    fixedBytesMax + utf8BytesPerUnitMax * create.text.length + mediaBytesMax * create.media.length
  );
}

/** Bytes that a delete of either kind, or an event of another variant, can take. */
export const tweetDeleteBytesMax = fixedBytesMax;

/** A post id of 0 is left out. */
export function writeTweetCreate(writer: ThriftWriter, create: GeneratedCreate): void {
  writer.struct(1);
  writer.struct(1);
  writeTweet(writer, create);
  writeUser(writer, 2, create.authorId);
  if (create.sourcePostId !== null && create.sourceUserId !== null) {
    writer.struct(3);
    writer.i64(1, create.sourcePostId);
    writer.end();
    writeUser(writer, 4, create.sourceUserId);
  }
  writer.end();
  writer.end();
  writeFlagsAndEnd(writer, create.recordTimestampMs);
}

/** Without `authorInRecord` nothing in the record names the author. */
export function writeTweetDelete(writer: ThriftWriter, event: GeneratedDelete): void {
  writer.struct(1);
  writer.struct(2);
  writer.struct(1);
  writer.i64(1, event.postId);
  if (event.authorInRecord) {
    writer.struct(2);
    writer.i64(1, event.authorId);
    writer.i64(4, BigInt(event.createdAtSeconds));
    writer.end();
  }
  writer.end();
  if (event.authorInRecord) writeUser(writer, 2, event.authorId);
  writer.bool(3, false);
  writer.end();
  writer.end();
  writeFlagsAndEnd(writer, event.recordTimestampMs);
}

export function writeQuotedTweetDelete(writer: ThriftWriter, event: GeneratedQuotedDelete): void {
  writer.struct(1);
  writer.struct(10);
  writer.i64(1, event.quotingPostId);
  writer.i64(2, event.quotingUserId);
  writer.i64(3, event.quotedPostId);
  writer.i64(4, event.quotedUserId);
  writer.end();
  writer.end();
  writeFlagsAndEnd(writer, event.recordTimestampMs);
}

/** An event of a variant that nobody here needs. */
export function writeOtherVariant(writer: ThriftWriter, recordTimestampMs: number): void {
  writer.struct(1);
  writer.struct(otherVariantField);
  writer.end();
  writer.end();
  writeFlagsAndEnd(writer, recordTimestampMs);
}

function writeTweet(writer: ThriftWriter, create: GeneratedCreate): void {
  writer.struct(1);
  if (create.postId !== 0n) writer.i64(1, create.postId);
  writer.struct(2);
  writer.i64(1, create.authorId);
  writer.string(2, create.text);
  writer.string(3, createdVia);
  writer.i64(4, BigInt(create.createdAtSeconds));
  if (create.inReplyToPostId !== null || create.inReplyToUserId !== null) {
    writer.struct(5);
    if (create.inReplyToPostId !== null) writer.i64(1, create.inReplyToPostId);
    if (create.inReplyToUserId !== null) writer.i64(2, create.inReplyToUserId);
    writer.end();
  }
  if (create.sourcePostId !== null && create.sourceUserId !== null) {
    writer.struct(7);
    writer.i64(1, create.sourcePostId);
    writer.i64(2, create.sourceUserId);
    writer.i64(3, create.sourcePostId);
    writer.end();
  }
  writer.bool(11, create.nullcast);
  if (create.conversationId !== null) writer.i64(14, create.conversationId);
  writer.bool(15, create.media.length > 0);
  writer.end();
  if (create.media.length > 0) {
    writer.structList(7, create.media.length);
    for (const media of create.media) writeMedia(writer, media);
  }
  writer.end();
}

function writeMedia(writer: ThriftWriter, media: GeneratedMedia): void {
  const infoField = media.kind === 'photo' ? 1 : media.kind === 'video' ? 2 : 3;
  writer.struct(15);
  writer.struct(infoField);
  if (media.kind === 'video' && media.durationMs !== null) writer.i32(1, media.durationMs);
  writer.end();
  writer.end();
  writer.end();
}

function writeUser(writer: ThriftWriter, field: number, userId: bigint): void {
  writer.struct(field);
  writer.i64(1, userId);
  writer.end();
}

function writeFlagsAndEnd(writer: ThriftWriter, timestampMs: number): void {
  writer.struct(2);
  writer.i64(2, BigInt(timestampMs));
  writer.end();
  writer.end();
}
