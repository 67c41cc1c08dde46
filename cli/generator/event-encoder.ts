/**
 * Generated events as the records of the two topics. Both are keyed by author (8 bytes, big-endian):
 * the in-network topic because that is its contract, the legacy topic so that one author's events
 * keep their order on the way.
 */
import { createLightPostFields, type LightPostFields } from '#proto/wire/light-post-fields.ts';
import { ThriftWriter } from '#proto/wire/thrift-writer.ts';
import {
  CREATE_EVENT_BYTES_MAX,
  DELETE_EVENT_BYTES_MAX,
  encodeCreateEvent,
  encodeDeleteEvent,
} from '#proto/wire/write-in-network-event.ts';
import { ByteSlab } from './byte-slab.ts';
import { type GeneratedCreate, type GeneratedEvent, hasVideo } from './generated-event.ts';
import { Random } from './random.ts';
import {
  tweetDeleteBytesMax,
  tweetEventBytesMax,
  writeOtherVariant,
  writeQuotedTweetDelete,
  writeTweetCreate,
  writeTweetDelete,
} from './write-tweet-event.ts';

/** `thrift`: TweetEvent, for the legacy topic; `protobuf`: InNetworkEvent, for the in-network topic. */
export type EventFormat = 'thrift' | 'protobuf';

export interface EncodedRecord {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly timestampMs: number;
}

/** Null for an event that has no record in this format: a nullcast post in protobuf (rule T3). */
export type EventEncoder = (event: GeneratedEvent) => EncodedRecord | null;

const keyBytes = 8;
const randomBytesMax = 200;
/** A field that InNetworkEvent does not have: number 15, no bytes. */
const otherVariantBytes: readonly number[] = [0x7a, 0];

export function createEventEncoder(format: EventFormat): EventEncoder {
  const slab = new ByteSlab();
  const encodeValue = format === 'thrift' ? thriftEncoder(slab) : protobufEncoder(slab);
  return (event) => {
    const value = encodeValue(event);
    if (value === null) return null;
    const key = slab.write(keyBytes, (target, offset) =>
      target.writeBigUInt64BE(authorOf(event), offset),
    );
    return { key, value, timestampMs: event.recordTimestampMs };
  };
}

function authorOf(event: GeneratedEvent): bigint {
  if (event.kind === 'quoted_delete') return event.quotingUserId;
  return event.kind === 'garbage' ? event.create.authorId : event.authorId;
}

function thriftEncoder(slab: ByteSlab): (event: GeneratedEvent) => Buffer {
  const writer = new ThriftWriter();
  const encode = (event: GeneratedEvent): Buffer => {
    const bytesMax = event.kind === 'create' ? tweetEventBytesMax(event) : tweetDeleteBytesMax;
    if (event.kind === 'garbage') {
      return harmed(event.flavour, event.seed, (harm) => {
        if (harm !== 'other_variant') return encode(withHarm(event.create, harm));
        return slab.write(bytesMax, (target, offset) => {
          writer.start(target, offset);
          writeOtherVariant(writer, event.recordTimestampMs);
          return writer.position;
        });
      });
    }
    return slab.write(bytesMax, (target, offset) => {
      writer.start(target, offset);
      if (event.kind === 'create') writeTweetCreate(writer, event);
      else if (event.kind === 'delete') writeTweetDelete(writer, event);
      else writeQuotedTweetDelete(writer, event);
      return writer.position;
    });
  };
  return encode;
}

function protobufEncoder(slab: ByteSlab): (event: GeneratedEvent) => Buffer | null {
  const post = createLightPostFields();
  const halves = new DataView(new ArrayBuffer(8));
  const encodeCreate = (create: GeneratedCreate): Buffer => {
    fillPost(create, post, halves);
    return slab.write(CREATE_EVENT_BYTES_MAX, (target, offset) =>
      encodeCreateEvent(post, target, offset),
    );
  };
  return (event) => {
    switch (event.kind) {
      case 'create':
        return event.nullcast ? null : encodeCreate(event);
      case 'garbage':
        return harmed(event.flavour, event.seed, (harm) =>
          harm === 'other_variant'
            ? Buffer.from(otherVariantBytes)
            : encodeCreate(withHarm(event.create, harm)),
        );
      default: {
        const isQuoted = event.kind === 'quoted_delete';
        const postId = isQuoted ? event.quotingPostId : event.postId;
        const authorId = isQuoted
          ? event.quotingUserId
          : event.authorInRecord
            ? event.authorId
            : 0n;
        const fields = {
          postIdHi: high(postId),
          postIdLo: low(postId),
          deletedAt: Math.floor(event.recordTimestampMs / 1000),
          authorIdHi: high(authorId),
          authorIdLo: low(authorId),
        };
        return slab.write(DELETE_EVENT_BYTES_MAX, (target, offset) =>
          encodeDeleteEvent(fields, target, offset),
        );
      }
    }
  };
}

type Harm = 'truncated' | 'missing_id' | 'other_variant';

function harmed(
  flavour: Harm | 'random_bytes',
  seed: number,
  encode: (harm: Harm) => Buffer,
): Buffer {
  if (flavour === 'random_bytes') {
    const random = new Random(seed);
    return Buffer.from(random.bytes(random.between(1, randomBytesMax)));
  }
  const whole = encode(flavour);
  return flavour === 'truncated' ? whole.subarray(0, Math.abs(seed) % whole.length) : whole;
}

function withHarm(create: GeneratedCreate, harm: Harm): GeneratedCreate {
  return { ...create, nullcast: false, postId: harm === 'missing_id' ? 0n : create.postId };
}

function fillPost(create: GeneratedCreate, post: LightPostFields, halves: DataView): void {
  halves.setBigUint64(0, create.postId);
  post.postIdHi = halves.getUint32(0);
  post.postIdLo = halves.getUint32(4);
  halves.setBigUint64(0, create.authorId);
  post.authorIdHi = halves.getUint32(0);
  post.authorIdLo = halves.getUint32(4);
  post.createdAt = create.createdAtSeconds;
  halves.setBigUint64(0, create.inReplyToPostId ?? 0n);
  post.hasInReplyToPostId = create.inReplyToPostId !== null;
  post.inReplyToPostIdHi = halves.getUint32(0);
  post.inReplyToPostIdLo = halves.getUint32(4);
  halves.setBigUint64(0, create.inReplyToUserId ?? 0n);
  post.hasInReplyToUserId = create.inReplyToUserId !== null;
  post.inReplyToUserIdHi = halves.getUint32(0);
  post.inReplyToUserIdLo = halves.getUint32(4);
  post.isRetweet = create.sourcePostId !== null;
  post.isReply = post.hasInReplyToPostId || post.hasInReplyToUserId;
  halves.setBigUint64(0, create.sourcePostId ?? 0n);
  post.hasSourcePostId = create.sourcePostId !== null;
  post.sourcePostIdHi = halves.getUint32(0);
  post.sourcePostIdLo = halves.getUint32(4);
  halves.setBigUint64(0, create.sourceUserId ?? 0n);
  post.hasSourceUserId = create.sourceUserId !== null;
  post.sourceUserIdHi = halves.getUint32(0);
  post.sourceUserIdLo = halves.getUint32(4);
  post.hasVideo = hasVideo(create);
  halves.setBigUint64(0, create.conversationId ?? 0n);
  post.hasConversationId = create.conversationId !== null;
  post.conversationIdHi = halves.getUint32(0);
  post.conversationIdLo = halves.getUint32(4);
}

function high(id: bigint): number {
  return Number(id >> 32n);
}

function low(id: bigint): number {
  return Number(id & 0xffff_ffffn);
}
