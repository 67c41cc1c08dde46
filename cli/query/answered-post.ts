/**
 * Posts of an answer, decoded for people and tools.
 */
import { type LightPostFields, toId } from '#proto/wire/light-post-fields.ts';
import { forEachPost } from '#proto/wire/response.ts';

/** Ids are unsigned; what a post does not have is null. */
export interface AnsweredPost {
  readonly postId: bigint;
  readonly authorId: bigint;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly inReplyToPostId: bigint | null;
  readonly inReplyToUserId: bigint | null;
  readonly isRetweet: boolean;
  readonly isReply: boolean;
  readonly sourcePostId: bigint | null;
  readonly sourceUserId: bigint | null;
  readonly hasVideo: boolean;
  readonly conversationId: bigint | null;
}

/** The posts of an encoded GetInNetworkPostsResponse in order; null when the bytes are malformed. */
export function decodePosts(body: Uint8Array): AnsweredPost[] | null {
  const posts: AnsweredPost[] = [];
  const whole = forEachPost(body, (post) => posts.push(toAnsweredPost(post)));
  return whole ? posts : null;
}

function toAnsweredPost(post: LightPostFields): AnsweredPost {
  return {
    postId: toId(post.postIdHi, post.postIdLo),
    authorId: toId(post.authorIdHi, post.authorIdLo),
    createdAt: post.createdAt,
    inReplyToPostId: post.hasInReplyToPostId
      ? toId(post.inReplyToPostIdHi, post.inReplyToPostIdLo)
      : null,
    inReplyToUserId: post.hasInReplyToUserId
      ? toId(post.inReplyToUserIdHi, post.inReplyToUserIdLo)
      : null,
    isRetweet: post.isRetweet,
    isReply: post.isReply,
    sourcePostId: post.hasSourcePostId ? toId(post.sourcePostIdHi, post.sourcePostIdLo) : null,
    sourceUserId: post.hasSourceUserId ? toId(post.sourceUserIdHi, post.sourceUserIdLo) : null,
    hasVideo: post.hasVideo,
    conversationId: post.hasConversationId
      ? toId(post.conversationIdHi, post.conversationIdLo)
      : null,
  };
}

/** `original`, `reply`, `retweet`, with `video` behind it where there is one. */
export function kindOfPost(post: AnsweredPost): string {
  const kind = post.isRetweet ? 'retweet' : post.isReply ? 'reply' : 'original';
  return post.hasVideo ? `${kind}, video` : kind;
}
