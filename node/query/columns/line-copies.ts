/**
 * The lines of the followed authors, each as it was at one moment while the writer went on. All that a
 * query asks of lines it asks of these copies; the block behind a line is good as long as the line is
 * the one that was copied.
 */
import { countWord } from '#node/store/columns/author-lines.ts';
import { lineWords } from '#node/store/columns/shared-words.ts';
import type { StoreView } from '#node/store/columns/store-view.ts';

/** Lines copied between two fences: about a microsecond's worth. */
const linesPerStretch = 64;

export class LineCopies {
  /** Copy after copy. The count of an author who is gone is 0. */
  words = new Int32Array(64 * lineWords);
  /** By copy: where the line itself begins. */
  rows = new Int32Array(64);
  count = 0;
  #versions = new Int32Array(64);
  readonly #view: StoreView;

  constructor(view: StoreView) {
    this.#view = view;
  }

  /** Empties it and makes room for so many. */
  reset(countMax: number): void {
    this.count = 0;
    if (this.rows.length < countMax) {
      this.words = new Int32Array(countMax * 2 * lineWords);
      this.rows = new Int32Array(countMax * 2);
      this.#versions = new Int32Array(countMax * 2);
    }
  }

  /** The line that begins at `row` and was that of this author is to be copied. */
  add(row: number, hi: number, lo: number): void {
    const { count } = this;
    this.rows[count] = row;
    this.words[count * lineWords] = hi;
    this.words[count * lineWords + 1] = lo;
    this.count = count + 1;
  }

  /** Copies them all. */
  copy(): void {
    const { copying, authors } = this.#view;
    const { words, rows, count } = this;
    const versions = this.#versions;
    for (let first = 0; first < count; first += linesPerStretch) {
      const end = first + linesPerStretch < count ? first + linesPerStretch : count;
      for (let index = first; index < end; index += 1) {
        versions[index] = copying.versionOf(rows[index]!);
      }
      copying.fence.pass();
      for (let index = first; index < end; index += 1) {
        copyLine(authors.rows, rows[index]!, words, index * lineWords);
      }
      copying.fence.pass();
      for (let index = first; index < end; index += 1) {
        const version = versions[index]!;
        if ((version & 1) !== 0 || version !== copying.versionOf(rows[index]!)) {
          this.renew(index, true);
        }
      }
    }
  }

  /** Copies one of them again. `isAll` where the block behind it is not going to be read. */
  renew(index: number, isAll: boolean): void {
    const { copying, authors } = this.#view;
    const row = this.rows[index]!;
    let version: number;
    do {
      version = copying.begin(row);
      copyLine(authors.rows, row, this.words, index * lineWords);
    } while (!copying.isUnchanged(row, version, isAll));
    this.#versions[index] = version;
  }

  /** Whether the line, and with it the block behind it, is still the one that was copied. */
  isCurrent(index: number): boolean {
    return this.#view.copying.isUnchanged(this.rows[index]!, this.#versions[index]!, true);
  }
}

/** All but the id, which is there: the line may be another author's by now. */
function copyLine(table: Int32Array, row: number, to: Int32Array, at: number): void {
  const isSame = table[row] === to[at] && table[row + 1] === to[at + 1];
  to[at + countWord] = isSame ? table[row + countWord]! : 0;
  to[at + 3] = table[row + 3]!;
  to[at + 4] = table[row + 4]!;
  to[at + 5] = table[row + 5]!;
  to[at + 6] = table[row + 6]!;
  to[at + 7] = table[row + 7]!;
  to[at + 8] = table[row + 8]!;
  to[at + 9] = table[row + 9]!;
  to[at + 10] = table[row + 10]!;
  to[at + 11] = table[row + 11]!;
  to[at + 12] = table[row + 12]!;
  to[at + 13] = table[row + 13]!;
  to[at + 14] = table[row + 14]!;
  to[at + 15] = table[row + 15]!;
}
