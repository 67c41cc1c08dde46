/**
 * Tombstones as a reader sees them: post id to the latest time of its deletes. A table of hashes leads to
 * rows of four words: id high, id low, `deleted_at` low, `deleted_at` high.
 *
 * The writer raises a version before and after each change; a reader whose look-up was crossed by one
 * looks again. Changes take well under a microsecond, so it hardly ever does, and never for long.
 */
import { toSignedNumber } from '#proto/wire/varint.ts';
import { BucketTable, createBucketWords } from './bucket-table.ts';
import { control, Fence } from './control-words.ts';
import { hashId, sharedWords } from './shared-words.ts';

export const tombstoneWords = 4;

/** What threads hand each other of the tombstones. */
export interface TombstoneMemory {
  /** Of a bucket table: hash of the id to the number of the row. */
  readonly index: Int32Array;
  readonly rows: Int32Array;
}

export function createTombstoneMemory(tombstonesMax: number): TombstoneMemory {
  return {
    // One more: the new one comes before one is given up.
    index: createBucketWords(tombstonesMax + 1),
    rows: sharedWords((tombstonesMax + 1) * tombstoneWords),
  };
}

export class TombstoneView {
  protected readonly index: BucketTable;
  protected readonly rows: Int32Array;
  readonly #control: Int32Array;
  readonly #fence = new Fence();

  constructor(memory: TombstoneMemory, controlWords: Int32Array) {
    this.index = new BucketTable(memory.index);
    this.rows = memory.rows;
    this.#control = controlWords;
  }

  /** The latest `deleted_at` of an id; `Number.NEGATIVE_INFINITY` without a tombstone. */
  deletedAt(hi: number, lo: number): number {
    for (;;) {
      const version = this.#control[control.tombstones]!;
      this.#fence.pass();
      const at = this.placeOf(hi, lo);
      const deletedAt =
        at < 0 ? Number.NEGATIVE_INFINITY : this.timeAt(this.index.words[at]! * tombstoneWords);
      this.#fence.pass();
      if ((version & 1) === 0 && version === this.#control[control.tombstones]!) {
        return deletedAt;
      }
    }
  }

  /** The place of the id's row in the index; -1 without one. */
  protected placeOf(hi: number, lo: number): number {
    const { index, rows } = this;
    const hash = hashId(hi, lo);
    let at = index.first(hash);
    while (at >= 0) {
      const row = index.words[at]! * tombstoneWords;
      if (rows[row + 1] === (lo | 0) && rows[row] === (hi | 0)) {
        break;
      }
      at = index.next(hash, at);
    }
    return at;
  }

  protected timeAt(row: number): number {
    return toSignedNumber(this.rows[row + 3]!, this.rows[row + 2]! >>> 0);
  }
}
