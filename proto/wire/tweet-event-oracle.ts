/**
 * For tests: TweetEvents as Apache Thrift's generated code reads them, and both readers' results in
 * one plain shape, so that they can be compared.
 */
import type Int64 from 'node-int64';
import thrift from 'thrift';
import { Event } from '../gen/thrift/event_types.js';
import { type Tweet, TweetEvent, type TweetEventData } from '../gen/thrift/tweet_event_types.js';
import { toId } from './light-post-fields.ts';
import type { MediaInfoKind, TweetEventFields, TweetFields } from './tweet-event-fields.ts';

/**
 * What the generated code makes of a record, null when it throws. With `strict`, the checks are
 * added in which the fast reader is stricter, and what the fast reader skips is skipped. The
 * generated code knows nothing of unknown union members: `no_variant` and media `none` stand for them.
 */
export function readWithGeneratedCode(
  bytes: Uint8Array,
  format: 'tweet-event' | 'event',
  strict: boolean,
): PlainTweetEvent | null {
  const transport = new thrift.TFramedTransport(Buffer.from(bytes));
  const prefix = format === 'event' ? '3.' : '';
  const protocol = strict
    ? new StrictProtocol(transport, prefix)
    : new thrift.TBinaryProtocol(transport);
  try {
    if (format === 'event') {
      const envelope = new Event();
      envelope.read(protocol);
      return plainFromGenerated(envelope.tweet_event ?? new TweetEvent());
    }
    const event = new TweetEvent();
    event.read(protocol);
    return plainFromGenerated(event);
  } catch {
    // Any error of the generated code means that it refuses the record.
    return null;
  }
}

interface Level {
  fields: number;
  field: number;
  structs: number;
}

/** Fields that the fast reader skips although the schema knows them, by path of field numbers. */
const skippedPaths =
  /^(1\.1\.[3467]|1\.([3-9]|11)|1\.10\.[34]|1\.[12]\.1\.2\.(2|3|15)|1\.[12]\.1\.2\.7\.3)$/;
const unionPaths = /^(1|1\.[12]\.1\.7\.15)$/;
const mediaPath = /^1\.[12]\.1\.7$/;
const REMAPPED = 10_000;

class StrictProtocol extends thrift.TBinaryProtocol {
  readonly #levels: Level[] = [];
  readonly #prefix: string;
  readonly #transport: thrift.TTransport;
  #skipping = false;

  constructor(transport: thrift.TTransport, prefix: string) {
    super(transport);
    this.#transport = transport;
    this.#prefix = prefix;
  }

  override readStructBegin(): thrift.TStruct {
    if (!this.#skipping) {
      const parent = this.#levels.at(-1);
      if (parent !== undefined) {
        parent.structs += 1;
      }
      this.#levels.push({ fields: 0, field: 0, structs: 0 });
    }
    return super.readStructBegin();
  }

  override readStructEnd(): void {
    if (!this.#skipping) {
      this.#levels.pop();
    }
    super.readStructEnd();
  }

  override readFieldBegin(): thrift.TField {
    const header = super.readFieldBegin();
    const level = this.#levels.at(-1);
    if (this.#skipping || level === undefined || header.ftype === thrift.Thrift.Type.STOP) {
      return header;
    }
    const parentPath = this.#path(this.#levels.slice(0, -1));
    level.fields += 1;
    level.field = header.fid;
    level.structs = 0;
    if (unionPaths.test(parentPath) && level.fields > 1) {
      throw new Error('a union with more than one field');
    }
    const isLaterMedia = mediaPath.test(parentPath) && (this.#levels.at(-2)?.structs ?? 0) > 1;
    return isLaterMedia || skippedPaths.test(this.#path(this.#levels))
      ? { ...header, fid: REMAPPED }
      : header;
  }

  override readListBegin(): thrift.TList {
    return this.#checked(super.readListBegin());
  }

  override readSetBegin(): thrift.TSet {
    return this.#checked(super.readSetBegin());
  }

  override readMapBegin(): thrift.TMap {
    const header = super.readMapBegin();
    if (header.size < 0) {
      throw new Error('a negative size');
    }
    return header;
  }

  // The library refuses UUIDs of versions it does not know, also where they are skipped.
  readUuid(): string {
    this.#transport.read(16);
    return '';
  }

  override skip(type: thrift.Thrift.Type, depth?: number): void {
    const outer = this.#skipping;
    this.#skipping = true;
    // @ts-expect-error the declarations leave out the depth
    super.skip(type, depth);
    this.#skipping = outer;
  }

  #checked(header: thrift.TList): thrift.TList {
    const isMedia = !this.#skipping;
    if (
      header.size < 0 ||
      (isMedia && header.size > 0 && header.etype !== thrift.Thrift.Type.STRUCT)
    ) {
      throw new Error('a negative size, or media that are not structs');
    }
    return header;
  }

  #path(levels: readonly Level[]): string {
    const path = levels.map((level) => level.field).join('.');
    return path.startsWith(this.#prefix) ? path.slice(this.#prefix.length) : '';
  }
}

/** Ids in decimal; absent fields left out. The shape of `expected` in fixtures/tweet-events.json. */
export interface PlainTweetEvent {
  kind: string;
  variantField: number;
  readonly [name: string]: unknown;
}

export function plainFromFields(event: TweetEventFields): PlainTweetEvent {
  return withoutUndefined({
    kind: event.kind,
    variantField: event.variantField,
    timestampMs: event.hasTimestampMs ? event.timestampMs : undefined,
    userId: plainHalves(event.hasUserId, event.userIdHi, event.userIdLo),
    quotingTweetId: plainHalves(
      event.hasQuotingTweetId,
      event.quotingTweetIdHi,
      event.quotingTweetIdLo,
    ),
    quotingUserId: plainHalves(
      event.hasQuotingUserId,
      event.quotingUserIdHi,
      event.quotingUserIdLo,
    ),
    tweet: event.hasTweet ? plainTweetFromFields(event.tweet) : undefined,
  });
}

function plainTweetFromFields(tweet: TweetFields): object {
  return {
    id: plainHalves(tweet.hasId, tweet.idHi, tweet.idLo),
    coreData: tweet.hasCoreData ? plainCoreFromFields(tweet) : undefined,
    media: {
      count: tweet.mediaCount,
      kind: tweet.firstMediaKind,
      durationMillis: tweet.hasDurationMillis ? tweet.durationMillis : undefined,
    },
  };
}

function plainCoreFromFields(tweet: TweetFields): object {
  return {
    userId: plainHalves(tweet.hasUserId, tweet.userIdHi, tweet.userIdLo),
    createdAtSecs: tweet.hasCreatedAtSecs ? tweet.createdAtSecs : undefined,
    reply: tweet.hasReply
      ? {
          inReplyToStatusId: plainHalves(
            tweet.hasInReplyToStatusId,
            tweet.inReplyToStatusIdHi,
            tweet.inReplyToStatusIdLo,
          ),
          inReplyToUserId: plainHalves(
            tweet.hasInReplyToUserId,
            tweet.inReplyToUserIdHi,
            tweet.inReplyToUserIdLo,
          ),
        }
      : undefined,
    share: tweet.hasShare
      ? {
          sourceStatusId: plainHalves(
            tweet.hasSourceStatusId,
            tweet.sourceStatusIdHi,
            tweet.sourceStatusIdLo,
          ),
          sourceUserId: plainHalves(
            tweet.hasSourceUserId,
            tweet.sourceUserIdHi,
            tweet.sourceUserIdLo,
          ),
        }
      : undefined,
    nullcast: tweet.nullcast,
    conversationId: plainHalves(
      tweet.hasConversationId,
      tweet.conversationIdHi,
      tweet.conversationIdLo,
    ),
  };
}

function plainFromGenerated(event: TweetEvent): PlainTweetEvent {
  const data: Partial<TweetEventData> = event.data ?? {};
  // In the order of their numbers, from 1.
  const variants = [
    data.tweet_create_event,
    data.tweet_delete_event,
    data.additional_field_update,
    data.additional_field_delete,
    data.tweet_undelete,
    data.tweet_scrub_geo,
    data.tweet_takedown,
    data.user_scrub_geo,
    data.possibly_sensitive_update,
    data.quoted_tweet_delete_event,
    data.quoted_tweet_takedown,
  ];
  const variantField = variants.findIndex((variant) => Boolean(variant)) + 1;
  const kinds: Record<number, string> = {
    0: 'no_variant',
    1: 'create',
    2: 'delete',
    10: 'quoted_tweet_delete',
  };
  const tweetAndUser = data.tweet_create_event ?? data.tweet_delete_event ?? undefined;
  const quoted = data.quoted_tweet_delete_event ?? undefined;
  const tweet = tweetAndUser?.tweet ?? undefined;
  return withoutUndefined({
    kind: kinds[variantField] ?? 'other',
    variantField,
    timestampMs: plainNumber(event.flags?.timestamp_ms),
    userId: plainId(tweetAndUser?.user?.id),
    quotingTweetId: plainId(quoted?.quoting_tweet_id),
    quotingUserId: plainId(quoted?.quoting_user_id),
    tweet: tweet && plainTweetFromGenerated(tweet),
  });
}

function plainTweetFromGenerated(tweet: Tweet): object {
  const core = tweet.core_data;
  const info = tweet.media?.[0]?.media_info;
  const kinds: [unknown, MediaInfoKind][] = [
    [info?.image_info, 'image'],
    [info?.video_info, 'video'],
    [info?.animated_gif_info, 'animated_gif'],
  ];
  return {
    id: plainId(tweet.id),
    coreData: core
      ? {
          userId: plainId(core.user_id),
          createdAtSecs: plainNumber(core.created_at_secs),
          reply: core.reply
            ? {
                inReplyToStatusId: plainId(core.reply.in_reply_to_status_id),
                inReplyToUserId: plainId(core.reply.in_reply_to_user_id),
              }
            : undefined,
          share: core.share
            ? {
                sourceStatusId: plainId(core.share.source_status_id),
                sourceUserId: plainId(core.share.source_user_id),
              }
            : undefined,
          nullcast: core.nullcast ?? false,
          conversationId: plainId(core.conversation_id),
        }
      : undefined,
    media: {
      count: tweet.media?.length ?? 0,
      kind: kinds.find(([member]) => Boolean(member))?.[1] ?? 'none',
      durationMillis: info?.video_info?.duration_millis ?? undefined,
    },
  };
}

function withoutUndefined(event: object): PlainTweetEvent {
  const plain: PlainTweetEvent = JSON.parse(JSON.stringify(event));
  return plain;
}

function plainHalves(has: boolean, hi: number, lo: number): string | undefined {
  return has ? toId(hi, lo).toString() : undefined;
}

function plainId(value: Int64 | null | undefined): string | undefined {
  return value ? value.buffer.readBigUInt64BE(value.offset).toString() : undefined;
}

function plainNumber(value: Int64 | null | undefined): number | undefined {
  return value ? Number(value.buffer.readBigInt64BE(value.offset)) : undefined;
}
