/**
 * One line of 64 bytes for each author, with the six newest entries in it, originals and secondaries
 * together, newest first. What is older lies in a block of the arena. Three of four authors never
 * leave their line, so a query that comes by touches one cache line.
 *
 *     word 0, 1   author id, high and low
 *     word 2      entries, in line and in the block
 *     word 3      the block: unit << 5 | class, 0 without one
 *     word 4..15  six entries, newest first
 *
 * A block: word 0 is the index of its oldest entry; entries follow from index 1, oldest first.
 *
 * Every change of a line and its block is announced before and after (see line-versions.ts), and a block
 * is given away only within one: so a reader knows when what it copied was not of one moment.
 */
import { BucketTable, createBucketWords } from './bucket-table.ts';
import { addressBits } from './entry.ts';
import { createVersionWords, LineVersions } from './line-versions.ts';
import { hasGreaterId } from './record.ts';
import { hashId, lineWords, sharedWords } from './shared-words.ts';
import type { SlabView } from './slab-view.ts';
import { createSpillWords, SpillArena, unitEntries, wordOfUnit } from './spill-arena.ts';

/** Row numbers leave room for what the plan for 24 bits says: as many authors at most. */
export const authorsLimit: number = 2 ** 24 - 1;

export const inLineMax = 6;
export const entriesWord = 4;
export const countWord = 2;
export const blockWord = 3;

/** What threads hand each other of the authors. */
export interface AuthorMemory {
  readonly rows: Int32Array;
  /** Of a bucket table: hash of the author's id to the number of the row. */
  readonly index: Int32Array;
  /** Of a spill arena. */
  readonly blocks: Int32Array;
  /** Of the lines (see line-versions.ts). */
  readonly versions: Int32Array;
}

export function createAuthorMemory(authorsMax: number, postsMax: number): AuthorMemory {
  return {
    rows: sharedWords(authorsMax * lineWords),
    index: createBucketWords(authorsMax),
    // Blocks are half full at least, and as much again may wait for an author of their class.
    blocks: createSpillWords(postsMax * 4 + 64),
    versions: createVersionWords(),
  };
}

export class AuthorLines {
  readonly rows: Int32Array;
  readonly index: BucketTable;
  readonly arena: SpillArena;
  readonly #slab: SlabView;
  readonly #versions: LineVersions;
  readonly #authorsMax: number;
  #authors = 0;
  #nextRow = 0;
  /** Word of the first free row plus 1; word 0 of a free row links to the next. */
  #freeRow = 0;

  constructor(memory: AuthorMemory, controlWords: Int32Array, slab: SlabView) {
    this.#authorsMax = memory.rows.length / lineWords;
    this.#slab = slab;
    this.rows = memory.rows;
    this.index = new BucketTable(memory.index);
    this.arena = new SpillArena(memory.blocks);
    this.#versions = new LineVersions(memory.versions, controlWords);
  }

  get authors(): number {
    return this.#authors;
  }

  get isFull(): boolean {
    return this.#authors >= this.#authorsMax;
  }

  get rowBytes(): number {
    return this.#nextRow * lineWords * 4;
  }

  /** The word where the author's row begins; -1 without one. */
  find(hash: number, hi: number, lo: number): number {
    const { rows, index } = this;
    for (let at = index.first(hash); at >= 0; at = index.next(hash, at)) {
      const row = index.words[at]! << 4;
      if (rows[row + 1] === (lo | 0) && rows[row] === (hi | 0)) {
        return row;
      }
    }
    return -1;
  }

  /** A row for an author who has none, when the table is not full. */
  add(hash: number, hi: number, lo: number): number {
    const { rows } = this;
    let row: number;
    if (this.#freeRow === 0) {
      row = this.#nextRow << 4;
      this.#nextRow += 1;
    } else {
      row = this.#freeRow - 1;
      this.#freeRow = rows[row]!;
    }
    this.#versions.begin(row);
    rows[row] = hi;
    rows[row + 1] = lo;
    rows[row + countWord] = 0;
    rows[row + blockWord] = 0;
    this.#versions.end(row);
    this.index.insert(hash, row >> 4);
    this.#authors += 1;
    return row;
  }

  /** Forgets an author without entries. */
  removeIfEmpty(row: number): void {
    const { rows, index } = this;
    if (rows[row + countWord] !== 0) {
      return;
    }
    const hash = hashId(rows[row]!, rows[row + 1]!);
    let at = index.first(hash);
    while (at >= 0 && index.words[at] !== row >> 4) {
      at = index.next(hash, at);
    }
    if (at < 0) throw new Error('An author is missing from the index');
    index.remove(hash, at);
    this.#versions.begin(row);
    rows[row] = this.#freeRow;
    this.#versions.end(row);
    this.#freeRow = row + 1;
    this.#authors -= 1;
  }

  /** Makes sure that one more entry fits; false when the arena has no room. */
  makeRoom(row: number): boolean {
    const spilled = this.rows[row + countWord]! - inLineMax;
    if (spilled < 0 || this.#hasRoomBehind(row, spilled)) {
      return true;
    }
    this.#versions.begin(row);
    const isThere = this.#makeRoomBehind(row, spilled);
    this.#versions.end(row);
    return isThere;
  }

  /** Puts an entry at its place. After `makeRoom`. `base` is `timeBits` of a time no entry is older than. */
  insert(row: number, address: number, word: number, base: number): void {
    this.#versions.begin(row);
    this.#insert(row, address, word, base);
    this.#versions.end(row);
  }

  /** Takes the entry of an address out, wherever it is: mostly it is the oldest. */
  remove(row: number, address: number): void {
    if (row < 0) throw new Error('The author of a record is missing');
    this.#versions.begin(row);
    this.#remove(row, address);
    this.#versions.end(row);
  }

  clear(): void {
    this.index.clear();
    this.arena.clear();
    this.#authors = 0;
    this.#nextRow = 0;
    this.#freeRow = 0;
  }

  #hasRoomBehind(row: number, spilled: number): boolean {
    const block = this.rows[row + blockWord]!;
    return (
      block !== 0 &&
      this.arena.words[wordOfUnit(block >>> 5)]! + spilled < unitEntries << ((block & 31) - 1)
    );
  }

  #makeRoomBehind(row: number, spilled: number): boolean {
    const { rows, arena } = this;
    const block = rows[row + blockWord]!;
    const sizeClass = block & 31;
    if (sizeClass === 0) {
      const unit = arena.take(1);
      if (unit < 0) return false;
      rows[row + blockWord] = (unit << 5) | 1;
      arena.words[wordOfUnit(unit)] = 1;
      return true;
    }
    const from = wordOfUnit(block >>> 5);
    const oldest = arena.words[from]!;
    const capacity = unitEntries << (sizeClass - 1);
    if (oldest - 1 > capacity >> 2) {
      arena.words.copyWithin(from + 2, from + oldest * 2, from + (oldest + spilled) * 2);
      arena.words[from] = 1;
      return true;
    }
    return this.#moveTo(row, sizeClass + 1);
  }

  #insert(row: number, address: number, word: number, base: number): void {
    const { rows } = this;
    const count = rows[row + countWord]!;
    const first = row + entriesWord;
    let at = first + 2 * (count < inLineMax ? count : inLineMax);
    rows[row + countWord] = count + 1;
    if (count >= inLineMax) {
      at -= 2;
      if (!this.#isNewer(address, word, rows[at]!, rows[at + 1]!, base)) {
        this.#spill(row, address, word, base, count - inLineMax);
        return;
      }
      this.#spill(row, rows[at]!, rows[at + 1]!, base, count - inLineMax);
    }
    while (at > first && this.#isNewer(address, word, rows[at - 2]!, rows[at - 1]!, base)) {
      rows[at] = rows[at - 2]!;
      rows[at + 1] = rows[at - 1]!;
      at -= 2;
    }
    rows[at] = address;
    rows[at + 1] = word;
  }

  #remove(row: number, address: number): void {
    const { rows, arena } = this;
    const count = rows[row + countWord]! - 1;
    rows[row + countWord] = count;
    const first = row + entriesWord;
    const spilled = count + 1 - inLineMax;
    if (spilled > 0) {
      const from = wordOfUnit(rows[row + blockWord]! >>> 5);
      const words = arena.words;
      const oldest = words[from]!;
      const end = from + (oldest + spilled) * 2;
      let at = from + oldest * 2;
      while (at < end && (words[at]! & addressBits) !== address) at += 2;
      if (at === end) {
        // In line: the newest of the block takes the place that becomes free.
        this.#removeInLine(first, inLineMax, address);
        rows[first + 10] = words[end - 2]!;
        rows[first + 11] = words[end - 1]!;
      } else {
        words.copyWithin(from + oldest * 2 + 2, from + oldest * 2, at);
        words[from] = oldest + 1;
      }
      this.#shrink(row, spilled - 1);
      return;
    }
    this.#removeInLine(first, count + 1, address);
  }

  #removeInLine(first: number, count: number, address: number): void {
    const { rows } = this;
    const end = first + count * 2;
    let at = end - 2;
    while ((rows[at]! & addressBits) !== address) {
      if (at < first) throw new Error('An entry is missing from the line of its author');
      at -= 2;
    }
    rows.copyWithin(at, at + 2, end);
  }

  #shrink(row: number, spilled: number): void {
    const { rows, arena } = this;
    const block = rows[row + blockWord]!;
    const sizeClass = block & 31;
    if (spilled === 0) {
      arena.give(sizeClass, block >>> 5);
      rows[row + blockWord] = 0;
    } else if (sizeClass > 1 && spilled < (unitEntries << (sizeClass - 1)) >> 2) {
      this.#moveTo(row, sizeClass - 1, spilled);
    }
  }

  #moveTo(
    row: number,
    sizeClass: number,
    spilled: number = this.rows[row + countWord]! - inLineMax,
  ): boolean {
    const { rows, arena } = this;
    const unit = arena.take(sizeClass);
    if (unit < 0) {
      return false;
    }
    const block = rows[row + blockWord]!;
    const words = arena.words;
    const from = wordOfUnit(block >>> 5);
    const to = wordOfUnit(unit);
    const oldest = words[from]!;
    words.copyWithin(to + 2, from + oldest * 2, from + (oldest + spilled) * 2);
    words[to] = 1;
    rows[row + blockWord] = (unit << 5) | sizeClass;
    arena.give(block & 31, block >>> 5);
    return true;
  }

  /** Sorted in, from the newest end, before `spilled` is counted. */
  #spill(row: number, address: number, word: number, base: number, spilled: number): void {
    const words = this.arena.words;
    const from = wordOfUnit(this.rows[row + blockWord]! >>> 5);
    const first = from + words[from]! * 2;
    let at = first + spilled * 2;
    while (at > first && this.#isNewer(words[at - 2]!, words[at - 1]!, address, word, base)) {
      words[at] = words[at - 2]!;
      words[at + 1] = words[at - 1]!;
      at -= 2;
    }
    words[at] = address;
    words[at + 1] = word;
  }

  /** S1: by time, then by id. */
  #isNewer(
    address: number,
    word: number,
    otherAddress: number,
    otherWord: number,
    base: number,
  ): boolean {
    const time = (word - base) >>> 12;
    const otherTime = (otherWord - base) >>> 12;
    if (time !== otherTime) {
      return time > otherTime;
    }
    const slab = this.#slab;
    return hasGreaterId(
      slab.words,
      slab.place(address & addressBits),
      slab.place(otherAddress & addressBits),
    );
  }
}
