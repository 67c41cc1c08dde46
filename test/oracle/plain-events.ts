/**
 * Events and requests as plain values, and the way from them to what stores and engines take. Naive
 * on purpose and without a line of the code that it judges.
 */
import type { CreateOutcome, DeleteOutcome, EventTarget } from '#node/ingest/event-target.ts';
import { createLightPostFields, type LightPostFields } from '#proto/wire/light-post-fields.ts';
import { appendId, createRequestFields, type RequestFields } from '#proto/wire/request-fields.ts';

export interface PlainPost {
  readonly postId: bigint;
  readonly authorId: bigint;
  readonly createdAt: number;
  readonly inReplyToPostId: bigint | undefined;
  readonly inReplyToUserId: bigint | undefined;
  readonly isRetweet: boolean;
  readonly isReply: boolean;
  readonly sourcePostId: bigint | undefined;
  readonly sourceUserId: bigint | undefined;
  readonly hasVideo: boolean;
  readonly conversationId: bigint | undefined;
}

export interface PlainCreate {
  readonly kind: 'create';
  readonly post: PlainPost;
}

export interface PlainDelete {
  readonly kind: 'delete';
  readonly postId: bigint;
  readonly deletedAt: number;
}

export type PlainEvent = PlainCreate | PlainDelete;

export interface PlainRequest {
  readonly userId: bigint;
  readonly following: readonly bigint[];
  readonly excluded: readonly bigint[];
  readonly maxResults: number;
  readonly algorithm: string;
  readonly isVideoRequest: boolean;
}

/** A create of an original, unless told otherwise; what E3 derives is derived. */
export function createEvent(
  given: Partial<PlainPost> & Pick<PlainPost, 'postId' | 'authorId' | 'createdAt'>,
): PlainCreate {
  const post: PlainPost = {
    inReplyToPostId: undefined,
    inReplyToUserId: undefined,
    isRetweet: false,
    isReply: false,
    sourcePostId: undefined,
    sourceUserId: undefined,
    hasVideo: false,
    conversationId: undefined,
    ...given,
  };
  const isReply =
    post.isReply || post.inReplyToPostId !== undefined || post.inReplyToUserId !== undefined;
  return { kind: 'create', post: { ...post, isReply } };
}

export function deleteEvent(postId: bigint, deletedAt: number): PlainDelete {
  return { kind: 'delete', postId, deletedAt };
}

export function plainRequest(given: Partial<PlainRequest>): PlainRequest {
  return {
    userId: 0n,
    following: [],
    excluded: [],
    maxResults: 0,
    algorithm: '',
    isVideoRequest: false,
    ...given,
  };
}

/**
 * Applies events in the order given. The buffer is wiped after each call, as a reader's buffer is
 * reused, so that a target that keeps a view is found out. `now` matters only where memory is full
 * (S4); by default nothing is from the future.
 */
export function applyEvents(
  target: EventTarget,
  events: Iterable<PlainEvent>,
  now = Number.POSITIVE_INFINITY,
): (CreateOutcome | DeleteOutcome)[] {
  const outcomes: (CreateOutcome | DeleteOutcome)[] = [];
  const buffer = new Uint8Array(256);
  const margin = 7;
  for (const event of events) {
    if (event.kind === 'delete') {
      outcomes.push(target.delete(upper(event.postId), lower(event.postId), event.deletedAt));
      continue;
    }
    const bytes = encodePost(event.post);
    buffer.fill(0xee);
    buffer.set(bytes, margin);
    const fields = toFields(event.post);
    outcomes.push(target.create(fields, buffer, margin, margin + bytes.length, now));
    Object.assign(fields, createLightPostFields());
    buffer.fill(0);
  }
  return outcomes;
}

export function toFields(post: PlainPost): LightPostFields {
  return {
    postIdHi: upper(post.postId),
    postIdLo: lower(post.postId),
    authorIdHi: upper(post.authorId),
    authorIdLo: lower(post.authorId),
    createdAt: post.createdAt,
    hasInReplyToPostId: post.inReplyToPostId !== undefined,
    inReplyToPostIdHi: upper(post.inReplyToPostId ?? 0n),
    inReplyToPostIdLo: lower(post.inReplyToPostId ?? 0n),
    hasInReplyToUserId: post.inReplyToUserId !== undefined,
    inReplyToUserIdHi: upper(post.inReplyToUserId ?? 0n),
    inReplyToUserIdLo: lower(post.inReplyToUserId ?? 0n),
    isRetweet: post.isRetweet,
    isReply: post.isReply,
    hasSourcePostId: post.sourcePostId !== undefined,
    sourcePostIdHi: upper(post.sourcePostId ?? 0n),
    sourcePostIdLo: lower(post.sourcePostId ?? 0n),
    hasSourceUserId: post.sourceUserId !== undefined,
    sourceUserIdHi: upper(post.sourceUserId ?? 0n),
    sourceUserIdLo: lower(post.sourceUserId ?? 0n),
    hasVideo: post.hasVideo,
    hasConversationId: post.conversationId !== undefined,
    conversationIdHi: upper(post.conversationId ?? 0n),
    conversationIdLo: lower(post.conversationId ?? 0n),
  };
}

export function toRequestFields(request: PlainRequest): RequestFields {
  const fields = createRequestFields();
  fields.userIdHi = upper(request.userId);
  fields.userIdLo = lower(request.userId);
  fields.maxResults = request.maxResults;
  fields.algorithm = request.algorithm;
  fields.isVideoRequest = request.isVideoRequest;
  for (const id of request.following) {
    appendId(fields.following, upper(id), lower(id));
  }
  for (const id of request.excluded) {
    appendId(fields.excluded, upper(id), lower(id));
  }
  return fields;
}

/** A LightPost in canonical protobuf: fields in number order, defaults left out. */
export function encodePost(post: PlainPost): Uint8Array {
  return Uint8Array.from([
    ...always(1, post.postId),
    ...always(2, post.authorId),
    ...always(3, BigInt(post.createdAt)),
    ...optional(4, post.inReplyToPostId),
    ...optional(5, post.inReplyToUserId),
    ...flag(6, post.isRetweet),
    ...flag(7, post.isReply),
    ...optional(8, post.sourcePostId),
    ...optional(9, post.sourceUserId),
    ...flag(10, post.hasVideo),
    ...optional(11, post.conversationId),
  ]);
}

/** A GetInNetworkPostsResponse. */
export function encodeBody(posts: readonly PlainPost[]): Uint8Array {
  return Uint8Array.from(
    posts.flatMap((post) => {
      const bytes = [...encodePost(post)];
      return [0x0a, ...varint(BigInt(bytes.length)), ...bytes];
    }),
  );
}

/** The post ids of an encoded response, in its order. */
export function idsInBody(body: Uint8Array): bigint[] {
  const ids: bigint[] = [];
  let at = 0;
  while (at < body.length) {
    // A post is shorter than 128 bytes, so its length is one byte; its first field is the id.
    const length = body[at + 1] ?? 0;
    let id = 0n;
    for (let index = at + 3, shift = 0n; ; index += 1, shift += 7n) {
      const byte = body[index] ?? 0;
      id |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        break;
      }
    }
    ids.push(id);
    at += 2 + length;
  }
  return ids;
}

/** The posts of an encoded response, each as its id and all its bytes: equal when the bodies are, and readable. */
export function postsInBody(body: Uint8Array): string[] {
  let at = 0;
  return idsInBody(body).map((id) => {
    const start = at;
    at += 2 + (body[start + 1] ?? 0);
    return `${id}: ${Buffer.from(body.subarray(start, at)).toString('hex')}`;
  });
}

function always(field: number, value: bigint): number[] {
  return value === 0n ? [] : [field * 8, ...varint(value)];
}

function optional(field: number, value: bigint | undefined): number[] {
  return value === undefined ? [] : [field * 8, ...varint(value)];
}

function flag(field: number, value: boolean): number[] {
  return value ? [field * 8, 1] : [];
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

function upper(id: bigint): number {
  return Number(BigInt.asUintN(64, id) >> 32n);
}

function lower(id: bigint): number {
  return Number(BigInt.asUintN(32, id));
}
