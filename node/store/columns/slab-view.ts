/**
 * The posts' own bytes in order of arrival, in segments of one shared memory, as a reader sees them. An
 * address is virtual: it only ever grows (31 bits of words, compared around their end), and a table says
 * where each segment lies. So a reference can outlive what it refers to: it is good as long as it lies
 * between tail and head.
 */
import { control } from './control-words.ts';
import { sharedWords } from './shared-words.ts';

export const addressMask = 0x7fff_ffff;
/** Half of the addresses, so that what lies before the tail is never mistaken for what lies behind it. */
export const slabWordsMax: number = 2 ** 30;
const segmentShiftMin = 10;
const segmentShiftMax = 18;
const segmentsWanted = 64;
/** One for what the first and the last segment leave unused, one while readers are still in another. */
const segmentsMore = 2;
/** A reader may copy so many words beyond the end of a record. */
const overrunWords = 32;

/** What threads hand each other of a slab. */
export interface SlabMemory {
  readonly words: Int32Array;
  /** Virtual segment, masked, to the physical word where it begins. */
  readonly bases: Int32Array;
  /** By virtual segment, masked: bounds of `created_at` in it, seconds. */
  readonly oldest: Float64Array;
  readonly newest: Float64Array;
  readonly segmentShift: number;
  readonly segments: number;
}

/** Room for so many words of records, `slabWordsMax` at most. */
export function createSlabMemory(words: number): SlabMemory {
  let segmentShift = segmentShiftMin;
  while (segmentShift < segmentShiftMax && words >> (segmentShift + 1) >= segmentsWanted) {
    segmentShift += 1;
  }
  const segments = Math.ceil(words / 2 ** segmentShift) + segmentsMore;
  const table = 2 ** Math.ceil(Math.log2(segments + 1));
  return {
    words: sharedWords(segments * 2 ** segmentShift + overrunWords),
    bases: sharedWords(table),
    oldest: new Float64Array(new SharedArrayBuffer(table * 8)),
    newest: new Float64Array(new SharedArrayBuffer(table * 8)),
    segmentShift,
    segments,
  };
}

export class SlabView {
  readonly words: Int32Array;
  /** The same memory. */
  readonly bytes: Uint8Array;
  readonly bases: Int32Array;
  readonly segmentShift: number;
  readonly segmentMask: number;
  readonly oldest: Float64Array;
  readonly newest: Float64Array;
  readonly #control: Int32Array;

  constructor(memory: SlabMemory, controlWords: Int32Array) {
    const { words } = memory;
    this.words = words;
    this.bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    this.bases = memory.bases;
    this.segmentShift = memory.segmentShift;
    this.segmentMask = memory.bases.length - 1;
    this.oldest = memory.oldest;
    this.newest = memory.newest;
    this.#control = controlWords;
  }

  get reservedBytes(): number {
    return this.words.length * 4;
  }

  /** The physical place of an address between tail and head; of any other, some place of the slab. */
  place(address: number): number {
    const shift = this.segmentShift;
    return this.bases[(address >>> shift) & this.segmentMask]! + (address & ((1 << shift) - 1));
  }

  /** Index of an address in `oldest` and `newest`. */
  segmentOf(address: number): number {
    return (address >>> this.segmentShift) & this.segmentMask;
  }

  contains(address: number): boolean {
    const tail = this.#control[control.tail]!;
    const head = this.#control[control.head]!;
    return ((address - tail) & addressMask) < ((head - tail) & addressMask);
  }
}
