/**
 * An encoded GetInNetworkPostsResponse from posts whose bytes are already those of a LightPost.
 */

/** `repeated LightPost posts = 1`: field 1, length-delimited. */
const postsTag = 0x0a;

export function encodeResponse(posts: readonly { readonly bytes: Uint8Array }[]): Uint8Array {
  let size = 0;
  for (const { bytes } of posts) {
    size += 1 + varintSize(bytes.length) + bytes.length;
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const { bytes } of posts) {
    body[at] = postsTag;
    at = writeVarint(body, at + 1, bytes.length);
    body.set(bytes, at);
    at += bytes.length;
  }
  return body;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) {
    size += 1;
  }
  return size;
}

function writeVarint(target: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    target[at] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
    at += 1;
  }
  target[at] = rest;
  return at + 1;
}
