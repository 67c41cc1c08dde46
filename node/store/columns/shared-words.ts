/**
 * Memory of the columns: words of four bytes over shared memory, reserved at once and given by the
 * system page by page as it is touched.
 */

/** A cache line, in words. */
export const lineWords = 16;

/** Large buffers begin 16 bytes past a page: so many words further a cache line begins. */
const toLineStart = 12;

/** Zeroed words whose first is also the first of a cache line, if the buffer is a large one. */
export function sharedWords(length: number): Int32Array {
  const buffer = new SharedArrayBuffer((length + toLineStart) * 4);
  return new Int32Array(buffer, toLineStart * 4, length);
}

/** A scale for `spread`. */
export function scaleFor(places: number): number {
  return places / 0x1_0000_0000;
}

/** Spreads a hash evenly over as many places as the scale was made for, which need no power of two. */
export function spread(hash: number, scale: number): number {
  return ((hash >>> 0) * scale) | 0;
}

/** The hash of a 64-bit id. Its upper bits choose a place (`spread`), its lower ones a tag. */
export function hashId(hi: number, lo: number): number {
  let hash = Math.imul(lo, 0x9e3779b1) ^ Math.imul(hi, 0x85ebca77) ^ (hi >>> 13);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  hash = Math.imul(hash, 0x297a2d39);
  return hash ^ (hash >>> 15);
}
