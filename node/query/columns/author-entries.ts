/** All entries of one author as they were at one moment, the newest first, down to some age. */
import { blockWord, countWord, entriesWord, inLineMax } from '#node/store/columns/author-lines.ts';
import { wordOfUnit } from '#node/store/columns/spill-arena.ts';
import type { StoreView } from '#node/store/columns/store-view.ts';

export class AuthorEntries {
  /** Words 0 and 1 of each. */
  addresses = new Int32Array(256);
  words = new Int32Array(256);
  count = 0;

  /** Those of the line that begins at `row`, if it is that author's, up to `age` before `top`. */
  copy(view: StoreView, row: number, hi: number, lo: number, top: number, age: number): void {
    const { copying, authors } = view;
    const { rows } = authors;
    for (;;) {
      const version = copying.begin(row);
      const isSame = rows[row] === (hi | 0) && rows[row + 1] === (lo | 0);
      const entries = isSame ? rows[row + countWord]! : 0;
      const block = rows[row + blockWord]!;
      // Before anything is made of them.
      if (!copying.isUnchanged(row, version, entries <= inLineMax)) continue;
      this.#reserve(entries);
      this.count = 0;
      this.#take(rows, row + entriesWord, 2, Math.min(entries, inLineMax), top, age);
      if (entries > inLineMax && this.count === inLineMax) {
        const from = wordOfUnit(block >>> 5);
        const newest = authors.blocks[from]! + entries - inLineMax - 1;
        this.#take(authors.blocks, from + newest * 2, -2, entries - inLineMax, top, age);
      }
      if (copying.isUnchanged(row, version, true)) return;
    }
  }

  /** While the writer changes them they may be anything, and lie anywhere. */
  #take(
    source: Int32Array,
    from: number,
    step: number,
    countMax: number,
    top: number,
    age: number,
  ): void {
    const { addresses, words } = this;
    let { count } = this;
    let at = from;
    for (let index = 0; index < countMax; index += 1, at += step) {
      const word = source[at] === undefined ? 0 : source[at + 1]!;
      if ((top - word) >>> 12 > age) break;
      addresses[count] = source[at]!;
      words[count] = word;
      count += 1;
    }
    this.count = count;
  }

  #reserve(entries: number): void {
    if (this.words.length < entries) {
      this.addresses = new Int32Array(entries * 2);
      this.words = new Int32Array(entries * 2);
    }
  }
}
