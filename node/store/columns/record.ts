/**
 * A post in the slab, and what is read from it. In words of four bytes, low byte first:
 *
 *     [ reference ]  only where `hasReference`: the address of its parent or source, bit 31 set
 *     [ header    ]  flags, 0, 0x0a, length: the last two are the frame of an answer
 *     [ post …    ]  its canonical protobuf bytes, filled up with zeros
 *
 * A record's address is that of its header. Functions take `words` and the physical place of the
 * header, or `bytes` of the same memory.
 */

import { toSignedNumber, varintHigh, varintLow } from '#proto/wire/varint.ts';
import { LIGHT_POST_BYTES_MAX } from '#proto/wire/write-light-post.ts';

/** A tombstone hid it once: the table of tombstones knows whether one still does. */
export const deletedFlag = 1;
export const replyFlag = 2;
export const retweetFlag = 4;
export const videoFlag = 8;
export const referenceFlag = 16;

export const recordWordsMax: number = 2 + Math.ceil(LIGHT_POST_BYTES_MAX / 4);

const frameTag = 0x0a;
const postIdTag = 1 << 3;
/** The tag of the id, then bytes that are not the last of it. */
const longIdMask = 0x808080ff | 0;
const longIdBits = 0x80808008 | 0;
const continuation = 0x80808080 | 0;

/** Numbers and tags of the varint fields that are read from records. */
export const field: {
  readonly author: number;
  readonly createdAt: number;
  readonly inReplyToPost: number;
  readonly inReplyToUser: number;
  readonly sourcePost: number;
  readonly sourceUser: number;
  readonly conversation: number;
} = {
  author: 2,
  createdAt: 3,
  inReplyToPost: 4,
  inReplyToUser: 5,
  sourcePost: 8,
  sourceUser: 9,
  conversation: 11,
};

export function headerOf(flags: number, length: number): number {
  return flags | (frameTag << 16) | (length << 24);
}

export function lengthOf(header: number): number {
  return header >>> 24;
}

/** Words from the header on, itself included. */
export function wordsOf(header: number): number {
  return 1 + (((header >>> 24) + 3) >> 2);
}

/** Low half of the post id, as a signed word. */
export function idLow(words: Int32Array, place: number): number {
  const one = words[place + 1]!;
  const two = words[place + 2]!;
  if (isLongId(one, two)) {
    return (
      ((one >>> 8) & 0x7f) |
      ((one >>> 9) & (0x7f << 7)) |
      ((one >>> 10) & (0x7f << 14)) |
      ((two << 21) & (0x7f << 21)) |
      ((two << 20) & (0x7f << 28))
    );
  }
  return shortIdHalf(words, place, 0);
}

/** High half of the post id, as a signed word. */
export function idHigh(words: Int32Array, place: number): number {
  const one = words[place + 1]!;
  const two = words[place + 2]!;
  if (isLongId(one, two)) {
    const three = words[place + 3]!;
    let high =
      ((two >>> 12) & 7) |
      ((two >>> 13) & (0x7f << 3)) |
      ((two >>> 14) & (0x7f << 10)) |
      ((three & 0x7f) << 17);
    if ((three & 0x80) !== 0) {
      high |= ((three >>> 8) & 0x7f) << 24;
      if ((three & 0x8000) !== 0) {
        high |= (three >>> 16) << 31;
      }
    }
    return high;
  }
  return shortIdHalf(words, place, 1);
}

export function hasId(words: Int32Array, place: number, hi: number, lo: number): boolean {
  return idLow(words, place) === (lo | 0) && idHigh(words, place) === (hi | 0);
}

/** Whether the id of `one` is greater than that of `other`; ids are unsigned. */
export function hasGreaterId(words: Int32Array, one: number, other: number): boolean {
  const oneHigh = idHigh(words, one) >>> 0;
  const otherHigh = idHigh(words, other) >>> 0;
  return oneHigh === otherHigh
    ? idLow(words, one) >>> 0 > idLow(words, other) >>> 0
    : oneHigh > otherHigh;
}

/** Where the value of a field begins in `bytes`; -1 when the post does not have it. */
export function findField(
  bytes: Uint8Array,
  words: Int32Array,
  place: number,
  number: number,
): number {
  const tag = number << 3;
  let position = (place + 1) * 4;
  const end = position + lengthOf(words[place]!);
  while (position < end) {
    const found = bytes[position]!;
    if (found >= tag) {
      return found === tag ? position + 1 : -1;
    }
    do {
      position += 1;
    } while (bytes[position]! >= 0x80);
    position += 1;
  }
  return -1;
}

/** Length of the varint at a position that `findField` gave. */
export function valueLength(bytes: Uint8Array, position: number): number {
  let length = 1;
  while (bytes[position + length - 1]! >= 0x80) {
    length += 1;
  }
  return length;
}

/** Whether the field is there and holds this id. */
export function fieldIs(
  bytes: Uint8Array,
  words: Int32Array,
  place: number,
  number: number,
  hi: number,
  lo: number,
): boolean {
  const position = findField(bytes, words, place, number);
  if (position < 0) {
    return false;
  }
  const length = valueLength(bytes, position);
  return (
    varintLow(bytes, position, length) === lo >>> 0 &&
    varintHigh(bytes, position, length) === hi >>> 0
  );
}

/** Seconds. */
export function createdAtOf(bytes: Uint8Array, words: Int32Array, place: number): number {
  const position = findField(bytes, words, place, field.createdAt);
  if (position < 0) {
    return 0;
  }
  const length = valueLength(bytes, position);
  return toSignedNumber(varintHigh(bytes, position, length), varintLow(bytes, position, length));
}

/** Of the first two words of a post: whether its id takes eight bytes or more, as those of today do. */
export function isLongId(one: number, two: number): boolean {
  return (one & longIdMask) === longIdBits && (two & continuation) === continuation;
}

/** `half`: 0 low, 1 high. */
function shortIdHalf(words: Int32Array, place: number, half: number): number {
  let low = 0;
  let high = 0;
  if ((words[place + 1]! & 0xff) !== postIdTag) {
    return 0;
  }
  for (let index = 0, shift = 0; index < 10; index += 1, shift += 7) {
    const at = index + 1;
    const byte = (words[place + 1 + (at >> 2)]! >>> ((at & 3) * 8)) & 0xff;
    const bits = byte & 0x7f;
    if (shift < 32) {
      low |= bits << shift;
    }
    if (shift === 28) {
      high |= bits >>> 4;
    } else if (shift > 28) {
      high |= bits << (shift - 32);
    }
    if (byte < 0x80) {
      break;
    }
  }
  return half === 0 ? low : high;
}
