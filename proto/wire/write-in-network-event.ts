/**
 * Writes values of the in-network topic.
 */
import type { LightPostFields } from './light-post-fields.ts';
import { highHalf } from './varint.ts';
import { encodeLightPost, LIGHT_POST_BYTES_MAX, writeField } from './write-light-post.ts';

/** The longest create event, in bytes: a payload below 128 has a one-byte tag and a one-byte length. */
export const CREATE_EVENT_BYTES_MAX = LIGHT_POST_BYTES_MAX + 2;

/** The longest delete event, in bytes: three 64-bit fields of 1 + 10 bytes, tag and length. */
export const DELETE_EVENT_BYTES_MAX = 35;

/** A delete as it is written. */
export interface DeleteEventFields {
  postIdHi: number;
  postIdLo: number;
  /** Seconds since the epoch, a safe integer; 0 leaves it out. */
  deletedAt: number;
  /** The post's author; 0 in both halves leaves it out. */
  authorIdHi: number;
  authorIdLo: number;
}

/**
 * Writes an InNetworkEvent that creates `post`, its payload canonical (rule E3), and returns the
 * offset after it. `target` must have CREATE_EVENT_BYTES_MAX bytes left.
 */
export function encodeCreateEvent(
  post: LightPostFields,
  target: Uint8Array,
  offset: number,
): number {
  const end = encodeLightPost(post, target, offset + 2);
  target[offset] = 0x0a;
  target[offset + 1] = end - offset - 2;
  return end;
}

/**
 * Writes an InNetworkEvent that deletes a post and returns the offset after it. `target` must have
 * DELETE_EVENT_BYTES_MAX bytes left.
 */
export function encodeDeleteEvent(
  event: DeleteEventFields,
  target: Uint8Array,
  offset: number,
): number {
  let position = offset + 2;
  if (event.postIdHi !== 0 || event.postIdLo !== 0) {
    position = writeField(1, event.postIdHi, event.postIdLo, target, position);
  }
  if (event.deletedAt !== 0) {
    position = writeField(2, highHalf(event.deletedAt), event.deletedAt >>> 0, target, position);
  }
  if (event.authorIdHi !== 0 || event.authorIdLo !== 0) {
    position = writeField(3, event.authorIdHi, event.authorIdLo, target, position);
  }
  target[offset] = 0x12;
  target[offset + 1] = position - offset - 2;
  return position;
}
