/**
 * A post as the simple store holds it, and the one order of posts: `(created_at, post_id)`.
 */
import { type LightPostFields, toId } from '#proto/wire/light-post-fields.ts';

/** Ids are unsigned 64-bit (E6); an optional field that is absent is undefined, never zero. */
export interface StoredPost {
  readonly postId: bigint;
  readonly authorId: bigint;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly inReplyToPostId: bigint | undefined;
  readonly inReplyToUserId: bigint | undefined;
  readonly isRetweet: boolean;
  readonly isReply: boolean;
  readonly sourcePostId: bigint | undefined;
  readonly sourceUserId: bigint | undefined;
  readonly hasVideo: boolean;
  readonly conversationId: bigint | undefined;
  /** Canonical protobuf bytes (E3), a copy of its own. */
  readonly bytes: Uint8Array;
}

export function toStoredPost(
  fields: LightPostFields,
  bytes: Uint8Array,
  start: number,
  end: number,
): StoredPost {
  return {
    postId: toId(fields.postIdHi, fields.postIdLo),
    authorId: toId(fields.authorIdHi, fields.authorIdLo),
    createdAt: fields.createdAt,
    inReplyToPostId: fields.hasInReplyToPostId
      ? toId(fields.inReplyToPostIdHi, fields.inReplyToPostIdLo)
      : undefined,
    inReplyToUserId: fields.hasInReplyToUserId
      ? toId(fields.inReplyToUserIdHi, fields.inReplyToUserIdLo)
      : undefined,
    isRetweet: fields.isRetweet,
    isReply: fields.isReply,
    sourcePostId: fields.hasSourcePostId
      ? toId(fields.sourcePostIdHi, fields.sourcePostIdLo)
      : undefined,
    sourceUserId: fields.hasSourceUserId
      ? toId(fields.sourceUserIdHi, fields.sourceUserIdLo)
      : undefined,
    hasVideo: fields.hasVideo,
    conversationId: fields.hasConversationId
      ? toId(fields.conversationIdHi, fields.conversationIdLo)
      : undefined,
    bytes: new Uint8Array(bytes.subarray(start, end)),
  };
}

/** Compares for sorting, oldest first. */
export function olderFirst(one: StoredPost, other: StoredPost): number {
  if (one.createdAt !== other.createdAt) {
    return one.createdAt - other.createdAt;
  }
  if (one.postId === other.postId) {
    return 0;
  }
  return one.postId < other.postId ? -1 : 1;
}

/** Puts a post at its place in a list that is sorted oldest first. */
export function insertOlderFirst(list: StoredPost[], post: StoredPost): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (olderFirst(list[middle]!, post) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  list.splice(low, 0, post);
}

/** The posts of a list that is sorted oldest first, from its end. */
export function* newestFirst(list: readonly StoredPost[]): Generator<StoredPost> {
  for (let index = list.length - 1; index >= 0; index -= 1) {
    yield list[index]!;
  }
}
