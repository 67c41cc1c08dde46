/**
 * The posts' own bytes in order of arrival, in segments of one shared memory. An address is virtual:
 * it only ever grows (31 bits of words, compared around their end), and a table says where each
 * segment lies. So a reference can outlive what it refers to: it is good as long as it lies between
 * tail and head. Records are freed from the tail; a segment whose last record is gone is the next
 * to be filled, so that memory is touched only as far as it was needed.
 */

import { headerOf, recordWordsMax, referenceFlag, wordsOf } from './record.ts';
import { sharedWords } from './shared-words.ts';

const addressMask = 0x7fff_ffff;
/** Half of the addresses, so that what lies before the tail is never mistaken for what lies behind it. */
export const slabWordsMax: number = 2 ** 30;
const segmentShiftMin = 10;
const segmentShiftMax = 18;
const segmentsWanted = 64;
/** A reader may copy so many words beyond the end of a record. */
const overrunWords = 32;

export class Slab {
  readonly words: Int32Array;
  /** The same memory. */
  readonly bytes: Uint8Array;
  /** Virtual segment, masked, to the physical word where it begins. */
  readonly bases: Int32Array;
  readonly segmentShift: number;
  readonly segmentMask: number;
  /** By virtual segment, masked: bounds of `created_at` in it, seconds. */
  readonly oldest: Float64Array;
  readonly newest: Float64Array;
  /** By virtual segment, masked: words used. */
  readonly #used: Int32Array;
  /** Physical segments that are free, the one used last on top. */
  readonly #free: Int32Array;
  #freeCount = 0;
  readonly #segments: number;
  #tail = 0;
  #head = 0;
  /** The virtual segment that records are written to; the head may be at its very end, in the next. */
  #opened = -1;

  readonly #firstAddress: number;

  /**
   * Room for `words`, `slabWordsMax` at most. Addresses begin at `firstAddress`, or just before it
   * where a segment does.
   */
  constructor(words: number, firstAddress = 0) {
    this.segmentShift = segmentShiftMin;
    while (
      this.segmentShift < segmentShiftMax &&
      words >> (this.segmentShift + 1) >= segmentsWanted
    ) {
      this.segmentShift += 1;
    }
    // One more for what the first and the last segment leave unused.
    this.#segments = Math.ceil(words / 2 ** this.segmentShift) + 1;
    const table = 2 ** Math.ceil(Math.log2(this.#segments + 1));
    this.segmentMask = table - 1;
    this.words = sharedWords(this.#segments * 2 ** this.segmentShift + overrunWords);
    this.bytes = new Uint8Array(this.words.buffer, this.words.byteOffset, this.words.byteLength);
    this.bases = sharedWords(table);
    this.oldest = new Float64Array(new SharedArrayBuffer(table * 8));
    this.newest = new Float64Array(new SharedArrayBuffer(table * 8));
    this.#used = sharedWords(table);
    this.#free = new Int32Array(this.#segments);
    this.#firstAddress = firstAddress & addressMask & -(1 << this.segmentShift);
    this.clear();
  }

  get tail(): number {
    return this.#tail;
  }

  get head(): number {
    return this.#head;
  }

  get isEmpty(): boolean {
    return this.#tail === this.#head;
  }

  /** Words between tail and head: everything that cannot be used for something else. */
  get windowBytes(): number {
    return ((this.#head - this.#tail) & addressMask) * 4;
  }

  get reservedBytes(): number {
    return this.words.length * 4;
  }

  /** The physical place of an address between tail and head. */
  place(address: number): number {
    const shift = this.segmentShift;
    return this.bases[(address >>> shift) & this.segmentMask]! + (address & ((1 << shift) - 1));
  }

  /** Index of an address in `oldest` and `newest`. */
  segmentOf(address: number): number {
    return (address >>> this.segmentShift) & this.segmentMask;
  }

  contains(address: number): boolean {
    return ((address - this.#tail) & addressMask) < ((this.#head - this.#tail) & addressMask);
  }

  /** Makes sure that the longest record fits at the head; false when there is no segment for it. */
  reserve(): boolean {
    const shift = this.segmentShift;
    const segment = this.#head >>> shift;
    if (segment === this.#opened) {
      if ((this.#head & ((1 << shift) - 1)) + recordWordsMax <= 1 << shift) {
        return true;
      }
      const next = ((segment + 1) << shift) & addressMask;
      if (this.isEmpty) {
        this.freeUpTo(next);
      } else if (this.#freeCount === 0) {
        return false;
      }
      this.#head = next;
    } else if (this.#freeCount === 0) {
      return false;
    }
    const opened = this.segmentOf(this.#head);
    this.#opened = this.#head >>> shift;
    this.#freeCount -= 1;
    this.bases[opened] = this.#free[this.#freeCount]! << shift;
    this.oldest[opened] = Number.POSITIVE_INFINITY;
    this.newest[opened] = Number.NEGATIVE_INFINITY;
    this.#used[opened] = 0;
    return true;
  }

  /** After `reserve`: writes a record and answers its address. `reference` is an address, -1 for none. */
  append(
    bytes: Uint8Array,
    start: number,
    end: number,
    flags: number,
    reference: number,
    createdAt: number,
  ): number {
    const words = this.words;
    const segment = this.segmentOf(this.#head);
    let place = this.place(this.#head);
    let address = this.#head;
    let header = headerOf(flags, end - start);
    if (reference >= 0) {
      header |= referenceFlag;
      words[place] = reference | (1 << 31);
      place += 1;
      address += 1;
    }
    words[place] = header;
    let position = start;
    for (let word = place + 1; position < end; word += 1, position += 4) {
      const left = end - position;
      words[word] =
        bytes[position]! |
        (left > 1 ? bytes[position + 1]! << 8 : 0) |
        (left > 2 ? bytes[position + 2]! << 16 : 0) |
        (left > 3 ? bytes[position + 3]! << 24 : 0);
    }
    if (createdAt < this.oldest[segment]!) this.oldest[segment] = createdAt;
    if (createdAt > this.newest[segment]!) this.newest[segment] = createdAt;
    this.#head = (address + wordsOf(header)) & addressMask;
    this.#used[segment] = (address & ((1 << this.segmentShift) - 1)) + wordsOf(header);
    return address;
  }

  /** The address of the first record at or after `from`; -1 when there is none before the head. */
  recordFrom(from: number): number {
    let address = from;
    if (address === this.#head) {
      return -1;
    }
    const offset = address & ((1 << this.segmentShift) - 1);
    if (offset >= this.#used[this.segmentOf(address)]!) {
      address = (address - offset + (1 << this.segmentShift)) & addressMask;
      if (address === this.#head) {
        return -1;
      }
    }
    return this.words[this.place(address)]! < 0 ? address + 1 : address;
  }

  /** The address behind a record. */
  after(address: number): number {
    return (address + wordsOf(this.words[this.place(address)]!)) & addressMask;
  }

  /** The address behind the segment that a record lies in, or the head. */
  endOfSegment(address: number): number {
    const next = (((address >>> this.segmentShift) + 1) << this.segmentShift) & addressMask;
    return address >>> this.segmentShift === this.#opened ? this.#head : next;
  }

  /** Frees everything before `address`, which a record ends at. */
  freeUpTo(address: number): void {
    let segment = this.#tail >>> this.segmentShift;
    const last = address >>> this.segmentShift;
    while (segment !== last) {
      this.#free[this.#freeCount] = this.bases[segment & this.segmentMask]! >>> this.segmentShift;
      this.#freeCount += 1;
      segment = (segment + 1) & (addressMask >>> this.segmentShift);
    }
    this.#tail = address;
  }

  clear(): void {
    this.#tail = this.#firstAddress;
    this.#head = this.#firstAddress;
    this.#opened = -1;
    this.#freeCount = this.#segments;
    for (let index = 0; index < this.#segments; index += 1) {
      this.#free[index] = this.#segments - 1 - index;
    }
  }
}
