/**
 * Tombstones as their writer sees them. A heap keeps them by time, so that those that expire first are
 * at hand, whether their time has come or the table is full.
 */
import { control } from './control-words.ts';
import { hashId } from './shared-words.ts';
import { TimeHeap } from './time-heap.ts';
import { type TombstoneMemory, TombstoneView, tombstoneWords } from './tombstone-view.ts';

export class TombstoneTable extends TombstoneView {
  readonly #control: Int32Array;
  readonly #max: number;
  /** Rows by time. One whose time has grown since stays where it was until it comes up. */
  readonly #byTime: TimeHeap;
  #evicted = 0;
  #nextRow = 0;
  /** Number of the first free row plus 1; word 0 of a free row links to the next. */
  #freeRow = 0;

  constructor(memory: TombstoneMemory, controlWords: Int32Array, max: number) {
    super(memory, controlWords);
    this.#control = controlWords;
    this.#max = max;
    this.#byTime = new TimeHeap(max + 1);
  }

  get count(): number {
    return this.#byTime.size;
  }

  get evicted(): number {
    return this.#evicted;
  }

  get usedBytes(): number {
    return this.count === 0
      ? 0
      : this.index.bytes + this.#nextRow * (tombstoneWords * 4 + this.#byTime.bytesEach);
  }

  get reservedBytes(): number {
    return this.index.bytes + this.rows.length * 4 + (this.#max + 1) * this.#byTime.bytesEach;
  }

  /** Brings what a look-up reads first into the cache; what is answered means nothing. */
  touch(hash: number): number {
    return this.index.touch(hash);
  }

  /** Nobody changes it meanwhile. */
  override deletedAt(hi: number, lo: number): number {
    const at = this.placeOf(hi, lo);
    return at < 0 ? Number.NEGATIVE_INFINITY : this.timeAt(this.index.words[at]! * tombstoneWords);
  }

  put(hi: number, lo: number, deletedAt: number): 'stored' | 'known' | 'evicted' {
    const at = this.placeOf(hi, lo);
    if (at >= 0) {
      const row = this.index.words[at]!;
      if (this.timeAt(row * tombstoneWords) >= deletedAt) {
        return 'known';
      }
      this.#begin();
      this.#setTime(row, deletedAt);
      this.#end();
      return 'stored';
    }
    this.#begin();
    this.#add(hi, lo, deletedAt);
    this.#end();
    if (this.count <= this.#max) {
      return 'stored';
    }
    // S4: the one that expires first goes, and that may be this one.
    const first = this.#first();
    const words = this.rows;
    const isNew =
      words[first * tombstoneWords] === (hi | 0) && words[first * tombstoneWords + 1] === (lo | 0);
    this.#removeFirst(first);
    this.#evicted += 1;
    return isNew ? 'evicted' : 'stored';
  }

  /** Removes those deleted before `time`, `max` at most; answers how many. */
  removeBefore(time: number, max: number): number {
    let removed = 0;
    while (removed < max && this.count > 0) {
      const first = this.#first();
      if (this.timeAt(first * tombstoneWords) >= time) break;
      this.#removeFirst(first);
      removed += 1;
    }
    return removed;
  }

  /** Those at places `from` to `to`, exclusive, of `count`, in no order. */
  forEach(
    from: number,
    to: number,
    visit: (hi: number, lo: number, deletedAt: number) => void,
  ): void {
    const end = Math.min(to, this.count);
    for (let index = from; index < end; index += 1) {
      const row = this.#byTime.rows[index]! * tombstoneWords;
      visit(this.rows[row]!, this.rows[row + 1]!, this.timeAt(row));
    }
  }

  clear(): void {
    this.index.clear();
    this.#byTime.size = 0;
    this.#evicted = 0;
    this.#nextRow = 0;
    this.#freeRow = 0;
  }

  #begin(): void {
    Atomics.add(this.#control, control.tombstones, 1);
  }

  #end(): void {
    Atomics.add(this.#control, control.tombstones, 1);
  }

  #add(hi: number, lo: number, deletedAt: number): void {
    const { rows } = this;
    let row: number;
    if (this.#freeRow === 0) {
      row = this.#nextRow;
      this.#nextRow += 1;
    } else {
      row = this.#freeRow - 1;
      this.#freeRow = rows[row * tombstoneWords]!;
    }
    rows[row * tombstoneWords] = hi;
    rows[row * tombstoneWords + 1] = lo;
    this.#setTime(row, deletedAt);
    this.index.insert(hashId(hi, lo), row);
    this.#byTime.push(deletedAt, row);
  }

  #setTime(row: number, deletedAt: number): void {
    this.rows[row * tombstoneWords + 2] = deletedAt | 0;
    this.rows[row * tombstoneWords + 3] = Math.floor(deletedAt / 0x1_0000_0000);
  }

  /** The row that expires first, at the top of the heap. */
  #first(): number {
    const heap = this.#byTime;
    for (;;) {
      const row = heap.rows[0]!;
      const time = this.timeAt(row * tombstoneWords);
      if (time === heap.times[0]) {
        return row;
      }
      heap.replaceFirst(time, row);
    }
  }

  #removeFirst(row: number): void {
    const { rows, index } = this;
    const hi = rows[row * tombstoneWords]!;
    const lo = rows[row * tombstoneWords + 1]!;
    this.#begin();
    index.remove(hashId(hi, lo), this.placeOf(hi, lo));
    rows[row * tombstoneWords] = this.#freeRow;
    this.#freeRow = row + 1;
    this.#end();
    this.#byTime.removeFirst();
  }
}
