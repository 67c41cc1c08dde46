/**
 * Blocks of a power of two entries (8 bytes each), from one shared memory, for the entries that an
 * author's line has no room for. A freed block waits in the list of its class for the next author.
 */
import { sharedWords } from './shared-words.ts';

/** Class 1 is the smallest: `unitEntries`. Class 0 is no block. */
export const unitEntries = 4;
const unitWords = unitEntries * 2;
export const classMax = 26;

/** Memory for so many entries. */
export function createSpillWords(entries: number): Int32Array {
  return sharedWords(Math.ceil(entries / unitEntries) * unitWords);
}

/** The word where a unit begins. */
export function wordOfUnit(unit: number): number {
  return unit * unitWords;
}

export class SpillArena {
  readonly words: Int32Array;
  /** By class: unit where the first free block begins, plus 1; its first word links to the next. */
  readonly #free = new Int32Array(classMax + 1);
  readonly #units: number;
  #nextUnit = 0;
  #usedUnits = 0;

  /** Over memory that `createSpillWords` made. */
  constructor(words: Int32Array) {
    this.words = words;
    this.#units = words.length / unitWords;
  }

  get usedBytes(): number {
    return this.#usedUnits * unitWords * 4;
  }

  get reservedBytes(): number {
    return this.words.length * 4;
  }

  /** The unit where a block of the class begins; -1 when there is no room. */
  take(sizeClass: number): number {
    const units = 1 << (sizeClass - 1);
    const free = this.#free[sizeClass]!;
    if (free !== 0) {
      this.#free[sizeClass] = this.words[(free - 1) * unitWords]!;
      this.#usedUnits += units;
      return free - 1;
    }
    if (sizeClass > classMax || this.#nextUnit + units > this.#units) {
      return -1;
    }
    const unit = this.#nextUnit;
    this.#nextUnit += units;
    this.#usedUnits += units;
    return unit;
  }

  give(sizeClass: number, unit: number): void {
    this.words[unit * unitWords] = this.#free[sizeClass]!;
    this.#free[sizeClass] = unit + 1;
    this.#usedUnits -= 1 << (sizeClass - 1);
  }

  clear(): void {
    this.#free.fill(0);
    this.#nextUnit = 0;
    this.#usedUnits = 0;
  }
}
