/**
 * The slab as its writer sees it. Records are freed from the tail; a segment whose last record is gone,
 * and that no reader is in any more, is the next to be filled, so that memory is touched only as far as
 * it was needed.
 */
import { control } from './control-words.ts';
import type { ReaderEpochs } from './reader-epochs.ts';
import { headerOf, recordWordsMax, referenceFlag, wordsOf } from './record.ts';
import { addressMask, type SlabMemory, SlabView } from './slab-view.ts';

export class Slab extends SlabView {
  readonly #control: Int32Array;
  readonly #epochs: ReaderEpochs;
  /** By virtual segment, masked: words used. */
  readonly #used: Int32Array;
  /** Physical segments that are free, the one used last on top. */
  readonly #free: Int32Array;
  #freeCount = 0;
  /** Physical segments that readers may still be in, and their epochs: a ring, the first to pass first. */
  readonly #retired: Int32Array;
  readonly #retiredIn: Int32Array;
  #retiredFirst = 0;
  #retiredCount = 0;
  readonly #segments: number;
  /** The virtual segment that records are written to; the head may be at its very end, in the next. */
  #opened = -1;
  readonly #firstAddress: number;

  /** Addresses begin at `firstAddress`, or just before it where a segment does. */
  constructor(
    memory: SlabMemory,
    controlWords: Int32Array,
    epochs: ReaderEpochs,
    firstAddress: number,
  ) {
    super(memory, controlWords);
    this.#control = controlWords;
    this.#epochs = epochs;
    this.#segments = memory.segments;
    this.#used = new Int32Array(memory.bases.length);
    this.#free = new Int32Array(memory.segments);
    this.#retired = new Int32Array(memory.segments);
    this.#retiredIn = new Int32Array(memory.segments);
    this.#firstAddress = firstAddress & addressMask & -(1 << this.segmentShift);
    this.clear();
  }

  get tail(): number {
    return this.#control[control.tail]!;
  }

  get head(): number {
    return this.#control[control.head]!;
  }

  get isEmpty(): boolean {
    return this.tail === this.head;
  }

  /** Words between tail and head: everything that cannot be used for something else. */
  get windowBytes(): number {
    return ((this.head - this.tail) & addressMask) * 4;
  }

  /** Makes sure that the longest record fits at the head; false when there is no segment for it. */
  reserve(): boolean {
    const shift = this.segmentShift;
    const { head } = this;
    const segment = head >>> shift;
    let first = head;
    if (segment === this.#opened) {
      if ((head & ((1 << shift) - 1)) + recordWordsMax <= 1 << shift) {
        return true;
      }
      first = ((segment + 1) << shift) & addressMask;
      if (this.isEmpty) {
        this.#control[control.head] = first;
        this.freeUpTo(first);
      }
    }
    const free = this.#takeFree();
    if (free < 0) {
      return false;
    }
    const opened = this.segmentOf(first);
    this.bases[opened] = free << shift;
    this.oldest[opened] = Number.POSITIVE_INFINITY;
    this.newest[opened] = Number.NEGATIVE_INFINITY;
    this.#used[opened] = 0;
    this.#opened = first >>> shift;
    this.#control[control.head] = first;
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
    const { head } = this;
    const segment = this.segmentOf(head);
    let place = this.place(head);
    let address = head;
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
    this.#control[control.head] = (address + wordsOf(header)) & addressMask;
    this.#used[segment] = (address & ((1 << this.segmentShift) - 1)) + wordsOf(header);
    return address;
  }

  /** The address of the first record at or after `from`; -1 when there is none before the head. */
  recordFrom(from: number): number {
    let address = from;
    const { head } = this;
    if (address === head) {
      return -1;
    }
    const offset = address & ((1 << this.segmentShift) - 1);
    if (offset >= this.#used[this.segmentOf(address)]!) {
      address = (address - offset + (1 << this.segmentShift)) & addressMask;
      if (address === head) {
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
    return address >>> this.segmentShift === this.#opened ? this.head : next;
  }

  /** Frees everything before `address`, which a record ends at. */
  freeUpTo(address: number): void {
    let segment = this.tail >>> this.segmentShift;
    const last = address >>> this.segmentShift;
    this.#control[control.tail] = address;
    if (segment === last) {
      return;
    }
    const epoch = this.#epochs.retire();
    for (; segment !== last; segment = (segment + 1) & (addressMask >>> this.segmentShift)) {
      const at = (this.#retiredFirst + this.#retiredCount) % this.#segments;
      this.#retired[at] = this.bases[segment & this.segmentMask]! >>> this.segmentShift;
      this.#retiredIn[at] = epoch;
      this.#retiredCount += 1;
    }
  }

  /** No reader may be inside. */
  clear(): void {
    this.#control[control.tail] = this.#firstAddress;
    this.#control[control.head] = this.#firstAddress;
    this.#opened = -1;
    this.#retiredCount = 0;
    this.#freeCount = this.#segments;
    for (let index = 0; index < this.#segments; index += 1) {
      this.#free[index] = this.#segments - 1 - index;
    }
  }

  /** A physical segment nobody looks at; -1 when all are in use. Waits for readers when it is the last way. */
  #takeFree(): number {
    if (this.#freeCount === 0 && this.#retiredCount > 0) {
      this.#epochs.waitFor(this.#retiredIn[this.#retiredFirst]!);
    }
    while (this.#retiredCount > 0 && this.#epochs.hasPassed(this.#retiredIn[this.#retiredFirst]!)) {
      this.#free[this.#freeCount] = this.#retired[this.#retiredFirst]!;
      this.#freeCount += 1;
      this.#retiredFirst = (this.#retiredFirst + 1) % this.#segments;
      this.#retiredCount -= 1;
    }
    if (this.#freeCount === 0) {
      return -1;
    }
    this.#freeCount -= 1;
    return this.#free[this.#freeCount]!;
  }
}
