/**
 * An encoded GetInNetworkPostsResponse from posts whose bytes are already those of a LightPost.
 */
import { POST_FRAME_BYTES, writePostFrame } from '#proto/wire/response.ts';

/** `bytes` of each post are canonical, so their length fits in the one byte a frame has for it. */
export function encodeResponse(posts: readonly { readonly bytes: Uint8Array }[]): Uint8Array {
  let size = 0;
  for (const { bytes } of posts) {
    size += POST_FRAME_BYTES + bytes.length;
  }
  const body = new Uint8Array(size);
  let position = 0;
  for (const { bytes } of posts) {
    position = writePostFrame(bytes, 0, bytes.length, body, position);
  }
  return body;
}
