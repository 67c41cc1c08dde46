/**
 * Where a post lies, by its id: a table of addresses that verifies in the slab.
 */
import { BucketTable } from './bucket-table.ts';
import { hasId } from './record.ts';
import type { SlabView } from './slab-view.ts';

export class PostTable {
  readonly #table: BucketTable;
  readonly #slab: SlabView;

  /** Over memory of a bucket table. */
  constructor(words: Int32Array, slab: SlabView) {
    this.#table = new BucketTable(words);
    this.#slab = slab;
  }

  get bytes(): number {
    return this.#table.bytes;
  }

  /** Brings what `find` reads first into the cache; what is answered means nothing. */
  touch(hash: number): number {
    return this.#table.touch(hash);
  }

  /** The address of a stored post; -1 when it is not stored. */
  find(hash: number, hi: number, lo: number): number {
    const at = this.#placeOf(hash, hi, lo);
    return at < 0 ? -1 : this.#table.words[at]!;
  }

  insert(hash: number, address: number): void {
    this.#table.insert(hash, address);
  }

  /** Of a stored post. */
  remove(hash: number, hi: number, lo: number): void {
    const at = this.#placeOf(hash, hi, lo);
    if (at < 0) throw new Error('A post is missing from the table of posts');
    this.#table.remove(hash, at);
  }

  clear(): void {
    this.#table.clear();
  }

  #placeOf(hash: number, hi: number, lo: number): number {
    const table = this.#table;
    const slab = this.#slab;
    let at = table.first(hash);
    while (at >= 0 && !hasId(slab.words, slab.place(table.words[at]!), hi, lo)) {
      at = table.next(hash, at);
    }
    return at;
  }
}
