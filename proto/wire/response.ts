/**
 * A GetInNetworkPostsResponse is nothing but its posts, each behind a tag and a length: read and
 * written here as ranges of bytes, so that a stored post is answered without being decoded.
 */
import { createLightPostFields, type LightPostFields } from './light-post-fields.ts';
import { lengthOf, readSize, readTag, skipField, valueOf } from './protobuf-field.ts';
import { readLightPost } from './read-light-post.ts';
import { writeVarint } from './varint.ts';

const POSTS_TAG = 0x0a;

/** Bytes before a post of canonical length in a response: tag and length. */
export const POST_FRAME_BYTES = 2;

/** Appends the post `bytes[start, end)` to a response and returns the offset after it. */
export function writePostFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  offset: number,
): number {
  target[offset] = POSTS_TAG;
  const position = writeVarint(0, end - start, target, offset + 1);
  target.set(bytes.subarray(start, end), position);
  return position + end - start;
}

/**
 * Calls `visit` with each post in order and where its bytes lie; the fields are reused, so keep
 * copies. Returns false, after the posts before it, when the bytes are malformed. For clients and
 * tests. Never throws unless `visit` does.
 */
export function forEachPost(
  response: Uint8Array,
  visit: (post: LightPostFields, start: number, end: number) => void,
): boolean {
  const post = createLightPostFields();
  const end = response.length;
  let position = 0;
  while (position < end) {
    const packedTag = readTag(response, position, end);
    if (packedTag < 0) {
      return false;
    }
    const tag = valueOf(packedTag);
    position += lengthOf(packedTag);
    if (tag !== POSTS_TAG) {
      position = skipField(response, position, end, tag, 0);
      if (position < 0) {
        return false;
      }
      continue;
    }
    const size = readSize(response, position, end);
    if (size < 0) {
      return false;
    }
    const start = position + lengthOf(size);
    position = start + valueOf(size);
    if (readLightPost(response, start, position, post) === 'malformed') {
      return false;
    }
    visit(post, start, position);
  }
  return true;
}
