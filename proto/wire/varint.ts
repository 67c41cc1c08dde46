/**
 * Protobuf varints over typed arrays, 64-bit values as unsigned 32-bit halves. Pure functions and no
 * objects: a value is found in two steps, its length first and then its halves, so that nothing has
 * to be returned in pairs.
 */

/** The longest encoding of a 64-bit value, in bytes. */
export const VARINT_BYTES_MAX = 10;

/** Length in bytes (1 to 10) of the varint at `position`; 0 when it is cut short by `end` or too long. */
export function varintLength(bytes: Uint8Array, position: number, end: number): number {
  const limit = end - position < VARINT_BYTES_MAX ? end - position : VARINT_BYTES_MAX;
  for (let index = 0; index < limit; index += 1) {
    if (bytes[position + index]! < 0x80) {
      return index + 1;
    }
  }
  return 0;
}

/** Low half of the varint of `length` bytes at `position`. */
export function varintLow(bytes: Uint8Array, position: number, length: number): number {
  let low = bytes[position]! & 0x7f;
  if (length === 1) {
    return low;
  }
  const count = length < 5 ? length : 5;
  for (let index = 1; index < count; index += 1) {
    low |= (bytes[position + index]! & 0x7f) << (index * 7);
  }
  return low >>> 0;
}

/** High half of the varint of `length` bytes at `position`; bits beyond the 64th are dropped. */
export function varintHigh(bytes: Uint8Array, position: number, length: number): number {
  if (length < 5) {
    return 0;
  }
  let high = (bytes[position + 4]! & 0x7f) >>> 4;
  for (let index = 5; index < length; index += 1) {
    high |= (bytes[position + index]! & 0x7f) << (index * 7 - 32);
  }
  return high >>> 0;
}

/** A varint as protobuf reads a bool: true when any bit is set, even one that does not fit. */
export function varintIsTrue(bytes: Uint8Array, position: number, length: number): boolean {
  for (let index = 0; index < length; index += 1) {
    if ((bytes[position + index]! & 0x7f) !== 0) {
      return true;
    }
  }
  return false;
}

/** Whether the varint is the one encoding that a writer would choose for its 64-bit value. */
export function isMinimalVarint(bytes: Uint8Array, position: number, length: number): boolean {
  const last = bytes[position + length - 1]!;
  return length === 1 || (last !== 0 && (length < VARINT_BYTES_MAX || last === 1));
}

/** A signed 64-bit value from its halves; exact up to 2^53, rounded beyond. */
export function toSignedNumber(hi: number, lo: number): number {
  return (hi | 0) * 0x1_0000_0000 + lo;
}

/** High half of a whole number in two's complement; exact up to 2^53 either way. The low half is `value >>> 0`. */
export function highHalf(value: number): number {
  return Math.floor(value / 0x1_0000_0000) >>> 0;
}

/** Writes a 64-bit value in its shortest form, at most 10 bytes; returns the offset after it. */
export function writeVarint(hi: number, lo: number, target: Uint8Array, offset: number): number {
  let low = lo >>> 0;
  let high = hi >>> 0;
  let position = offset;
  while (high !== 0) {
    target[position] = (low & 0x7f) | 0x80;
    position += 1;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  while (low >= 0x80) {
    target[position] = (low & 0x7f) | 0x80;
    position += 1;
    low >>>= 7;
  }
  target[position] = low;
  return position + 1;
}
