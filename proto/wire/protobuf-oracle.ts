/**
 * For tests: events and requests as protobufjs's generated code reads them, and both readers'
 * results in one plain shape, so that they can be compared. Also bytes that look like protobuf.
 */
import * as fc from 'fast-check';
import type Long from 'long';
import protobuf from 'protobufjs/minimal.js';
import { thunder } from '../gen/thunder.js';
import type { InNetworkEventFields } from './in-network-event-fields.ts';
import { type LightPostFields, toId } from './light-post-fields.ts';
import type { IdList, RequestFields } from './request-fields.ts';
import { writeVarint } from './varint.ts';

/** Field names as in the schema, ids in decimal, proto3 defaults left out: as in fixtures/protobuf.json. */
export type Plain = Readonly<Record<string, unknown>>;

export interface PlainEvent {
  readonly kind: string;
  readonly fields: Plain;
}

/**
 * Refuses skipped varints of more than ten bytes, which is where the fast readers are stricter than
 * protobufjs.
 */
class StrictReader extends protobuf.Reader {
  override skip(length?: number): protobuf.Reader {
    const start = this.pos;
    super.skip(length);
    if (length === undefined && this.pos - start > 10) {
      throw new Error('a varint of more than ten bytes');
    }
    return this;
  }
}

/** What the generated code makes of an event, null when it throws. */
export function readEventWithGeneratedCode(bytes: Uint8Array, strict: boolean): PlainEvent | null {
  const message = attempt(() => thunder.v1.InNetworkEvent.decode(readerOf(bytes, strict)));
  if (message === null) {
    return null;
  }
  const { tweetCreateEvent: create, tweetDeleteEvent: deletion } = message;
  if (message.eventVariant === 'tweetCreateEvent' && create) {
    return { kind: 'create', fields: plainPostFromGenerated(create) };
  }
  if (message.eventVariant === 'tweetDeleteEvent' && deletion) {
    const fields = plainFromGenerated(deletion);
    // The fast reader does not tell an author of 0 from an absent one (rule E6).
    return {
      kind: 'delete',
      fields: fields['author_id'] === '0' ? without(fields, 'author_id') : fields,
    };
  }
  return { kind: 'no_variant', fields: {} };
}

/** What the generated code makes of a request, null when it throws. */
export function readRequestWithGeneratedCode(bytes: Uint8Array, strict: boolean): Plain | null {
  const message = attempt(() =>
    thunder.v1.GetInNetworkPostsRequest.decode(readerOf(bytes, strict)),
  );
  return message === null ? null : plainFromGenerated(message);
}

/** A post with rule E3 applied. */
export function plainPostFromGenerated(post: object): Plain {
  const fields = plainFromGenerated(post);
  const isReply = 'in_reply_to_post_id' in fields || 'in_reply_to_user_id' in fields;
  return isReply ? { ...fields, is_reply: true } : fields;
}

export function plainEventFromFields(event: InNetworkEventFields): PlainEvent {
  if (event.kind === 'create') {
    return { kind: event.kind, fields: plainPostFromFields(event.post) };
  }
  const fields =
    event.kind === 'delete'
      ? withoutDefaults({
          post_id: plainId(event.deletedPostIdHi, event.deletedPostIdLo),
          deleted_at: event.deletedAt,
          author_id: plainId(event.deletedAuthorIdHi, event.deletedAuthorIdLo),
        })
      : {};
  return { kind: event.kind, fields };
}

export function plainPostFromFields(post: LightPostFields): Plain {
  const optional = (has: boolean, hi: number, lo: number): string | undefined =>
    has ? toId(hi, lo).toString() : undefined;
  return withoutDefaults({
    post_id: plainId(post.postIdHi, post.postIdLo),
    author_id: plainId(post.authorIdHi, post.authorIdLo),
    created_at: post.createdAt,
    in_reply_to_post_id: optional(
      post.hasInReplyToPostId,
      post.inReplyToPostIdHi,
      post.inReplyToPostIdLo,
    ),
    in_reply_to_user_id: optional(
      post.hasInReplyToUserId,
      post.inReplyToUserIdHi,
      post.inReplyToUserIdLo,
    ),
    is_retweet: post.isRetweet,
    is_reply: post.isReply,
    source_post_id: optional(post.hasSourcePostId, post.sourcePostIdHi, post.sourcePostIdLo),
    source_user_id: optional(post.hasSourceUserId, post.sourceUserIdHi, post.sourceUserIdLo),
    has_video: post.hasVideo,
    conversation_id: optional(post.hasConversationId, post.conversationIdHi, post.conversationIdLo),
  });
}

export function plainRequestFromFields(request: RequestFields): Plain {
  return withoutDefaults({
    user_id: plainId(request.userIdHi, request.userIdLo),
    following_user_ids: plainIds(request.following),
    max_results: request.maxResults,
    exclude_tweet_ids: plainIds(request.excluded),
    algorithm: request.algorithm === '' ? undefined : request.algorithm,
    debug: request.debug,
    is_video_request: request.isVideoRequest,
  });
}

function readerOf(bytes: Uint8Array, strict: boolean): protobuf.Reader {
  return strict ? new StrictReader(bytes) : protobuf.Reader.create(bytes);
}

function attempt<Result>(decode: () => Result): Result | null {
  try {
    return decode();
  } catch {
    // Any error of the generated code means that it refuses the bytes.
    return null;
  }
}

const timeFields = new Set(['created_at', 'deleted_at']);

/** Own properties only: what was on the wire. */
function plainFromGenerated(message: object): Plain {
  const plain: Record<string, unknown> = {};
  for (const [camelName, value] of Object.entries(message)) {
    const isEmptyList = Array.isArray(value) && value.length === 0;
    if (!camelName.startsWith('_') && !isEmptyList) {
      const name = camelName.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      plain[name] = Array.isArray(value)
        ? value.map((item) => plainValue(name, item))
        : plainValue(name, value);
    }
  }
  return plain;
}

function plainValue(name: string, value: unknown): unknown {
  if (!isLong(value)) {
    return value;
  }
  return timeFields.has(name) ? value.toNumber() : value.toUnsigned().toString();
}

function isLong(value: unknown): value is Long {
  return typeof value === 'object' && value !== null && 'high' in value;
}

function plainId(hi: number, lo: number): string | undefined {
  return hi === 0 && lo === 0 ? undefined : toId(hi, lo).toString();
}

function plainIds(list: IdList): string[] | undefined {
  return list.length === 0
    ? undefined
    : Array.from({ length: list.length }, (_, index) =>
        toId(list.hi[index] ?? 0, list.lo[index] ?? 0).toString(),
      );
}

function withoutDefaults(fields: Plain): Plain {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && value !== false && value !== 0,
    ),
  );
}

function without(fields: Plain, name: string): Plain {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
}

/** A varint of a value that is interesting, at times longer than it has to be, or too long. */
export const varints: fc.Arbitrary<number[]> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(0n, 1n, 127n, 128n, 2n ** 53n + 1n, 2n ** 63n + 1n, 2n ** 64n - 1n),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: 0n, max: 300n }),
    ),
    fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(11)),
    fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(127)),
  )
  .map(([value, padding, last]) => {
    const bytes = [...varintOf(value)];
    if (padding > 0) {
      bytes.push(bytes.pop()! | 0x80, ...Array.from({ length: padding - 1 }, () => 0x80), last);
    }
    return bytes;
  });

/** Fields with numbers 0 to 12 of every wire type, some of them messages of such fields. */
export function fieldBytes(depth: number): fc.Arbitrary<Uint8Array> {
  const inner = depth > 0 ? fieldBytes(depth - 1) : fc.uint8Array({ maxLength: 12 });
  const delimited = fc.oneof(
    inner,
    fc.uint8Array({ maxLength: 12 }),
    fc.array(varints, { maxLength: 5 }).map((list) => Uint8Array.from(list.flat())),
  );
  const fixed = (length: number): fc.Arbitrary<number[]> =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => [...bytes]);
  const field = fc
    .tuple(fc.nat(12), fc.nat(999), varints, fixed(8), fixed(4), delimited)
    .map(([number, choice, varint, eight, four, bytes]) => {
      const tag = (wireType: number): number[] => [...varintOf(BigInt(number * 8 + wireType))];
      if (choice < 500) return [...tag(0), ...varint];
      if (choice < 850) return [...tag(2), ...varintOf(BigInt(bytes.length)), ...bytes];
      if (choice < 880) return [...tag(1), ...eight];
      if (choice < 910) return [...tag(5), ...four];
      if (choice < 950) return [...tag(3), ...bytes, ...tag(4)];
      if (choice < 970) return [(number * 8) | 0x80, 0, ...varint];
      return [...tag(choice % 8), ...varint];
    });
  return fc.array(field, { maxLength: 6 }).map((fields) => Uint8Array.from(fields.flat()));
}

export function varintOf(value: bigint): Uint8Array {
  const target = new Uint8Array(10);
  const length = writeVarint(Number(value >> 32n), Number(value & 0xffffffffn), target, 0);
  return target.subarray(0, length);
}
