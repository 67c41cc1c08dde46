/**
 * The canonical bytes of a post (rule E3): known fields in number order, each once, shortest
 * varints, proto3 defaults left out.
 */
import type { LightPostFields } from './light-post-fields.ts';
import { highHalf, writeVarint } from './varint.ts';

/** Eight 64-bit fields of 1 + 10 bytes and three flags of 2: the longest canonical post, in bytes. */
export const LIGHT_POST_BYTES_MAX = 94;

/**
 * Writes a post's canonical bytes at `offset` and returns the offset after them. `createdAt` must be
 * a safe integer. `target` must have LIGHT_POST_BYTES_MAX bytes left.
 */
export function encodeLightPost(post: LightPostFields, target: Uint8Array, offset: number): number {
  let position = offset;
  if (post.postIdHi !== 0 || post.postIdLo !== 0) {
    position = writeField(1, post.postIdHi, post.postIdLo, target, position);
  }
  if (post.authorIdHi !== 0 || post.authorIdLo !== 0) {
    position = writeField(2, post.authorIdHi, post.authorIdLo, target, position);
  }
  if (post.createdAt !== 0) {
    position = writeField(3, highHalf(post.createdAt), post.createdAt >>> 0, target, position);
  }
  if (post.hasInReplyToPostId) {
    position = writeField(4, post.inReplyToPostIdHi, post.inReplyToPostIdLo, target, position);
  }
  if (post.hasInReplyToUserId) {
    position = writeField(5, post.inReplyToUserIdHi, post.inReplyToUserIdLo, target, position);
  }
  if (post.isRetweet) {
    position = writeField(6, 0, 1, target, position);
  }
  if (post.isReply || post.hasInReplyToPostId || post.hasInReplyToUserId) {
    position = writeField(7, 0, 1, target, position);
  }
  if (post.hasSourcePostId) {
    position = writeField(8, post.sourcePostIdHi, post.sourcePostIdLo, target, position);
  }
  if (post.hasSourceUserId) {
    position = writeField(9, post.sourceUserIdHi, post.sourceUserIdLo, target, position);
  }
  if (post.hasVideo) {
    position = writeField(10, 0, 1, target, position);
  }
  if (post.hasConversationId) {
    position = writeField(11, post.conversationIdHi, post.conversationIdLo, target, position);
  }
  return position;
}

/** Writes a varint field with a number below 16; returns the offset after it. */
export function writeField(
  field: number,
  hi: number,
  lo: number,
  target: Uint8Array,
  offset: number,
): number {
  target[offset] = field << 3;
  return writeVarint(hi, lo, target, offset + 1);
}
