/**
 * Whom a request follows (Q1): each once, nobody blocked, and the lines of those who have posts.
 */
import type { StoreView } from '#node/store/columns/store-view.ts';
import type { IdList } from '#proto/wire/request-fields.ts';
import { IdSet } from './id-set.ts';
import type { LineCopies } from './line-copies.ts';

const bloomBits = 1 << 12;

export class Follows {
  /** By copy of a line: the place of its author among those followed. */
  places = new Int32Array(64);
  /** Different accounts in the list, blocked ones and user 0 aside. */
  distinct = 0;
  /** How many of them are looked at: the first. */
  used = 0;
  readonly #ids = new IdSet();
  readonly #bloom = new Int32Array(bloomBits >> 5);
  readonly #blocked = new IdSet();
  #blockedFrom: ReadonlySet<bigint> | undefined;
  /** By account: where the index has its row, or the first that may be it; -1 for nobody. */
  #found = new Int32Array(64);
  /** What was touched is kept where it might be read, or the compiler would not touch it. */
  touched = 0;

  /** `blocked` may be another set each time, but one that was given is not changed. */
  reset(list: IdList, blocked: ReadonlySet<bigint>, followingMax: number): void {
    this.#setBlocked(blocked);
    const ids = this.#ids;
    const isAnyBlocked = this.#blocked.count > 0;
    ids.reset(list.length);
    for (let index = 0; index < list.length; index += 1) {
      const hi = list.hi[index]!;
      const lo = list.lo[index]!;
      if ((hi | lo) !== 0 && !(isAnyBlocked && this.#blocked.indexOf(hi, lo) >= 0)) {
        ids.add(hi, lo);
      }
    }
    this.distinct = ids.count;
    this.used = Math.min(ids.count, followingMax);
    const bloom = this.#bloom;
    bloom.fill(0);
    const hashes = ids.hashes;
    for (let index = 0; index < this.used; index += 1) {
      const bit = hashes[index]! & (bloomBits - 1);
      bloom[bit >> 5] = bloom[bit >> 5]! | (1 << (bit & 31));
    }
  }

  /** Whether somebody with this hash, of which the lower 12 bits are asked, may be followed. */
  mayHave(hash: number): boolean {
    return ((this.#bloom[(hash & (bloomBits - 1)) >> 5]! >>> (hash & 31)) & 1) !== 0;
  }

  has(hi: number, lo: number): boolean {
    const index = this.#ids.indexOf(hi, lo);
    return index >= 0 && index < this.used;
  }

  /**
   * Finds the lines of those who have posts, in the order of the request, and copies them. In passes over
   * all of them, so that the processor waits for many cache lines at once instead of for one after the
   * other.
   */
  copyLines(view: StoreView, copies: LineCopies): void {
    const { used } = this;
    if (this.places.length < used) {
      this.places = new Int32Array(used * 2);
      this.#found = new Int32Array(used * 2);
    }
    const { hashes, hi, lo } = this.#ids;
    const { authorIndex: index } = view;
    const { rows } = view.authors;
    const { words } = index;
    const places = this.places;
    const found = this.#found;
    let touched = 0;
    for (let at = 0; at < used; at += 1) {
      touched ^= index.touch(hashes[at]!);
    }
    for (let at = 0; at < used; at += 1) {
      found[at] = index.first(hashes[at]!);
    }
    for (let at = 0; at < used; at += 1) {
      const place = found[at]!;
      touched ^= rows[place < 0 ? 0 : words[place]! << 4]!;
    }
    this.touched = touched;
    copies.reset(used);
    for (let at = 0; at < used; at += 1) {
      let place = found[at]!;
      while (place >= 0) {
        const row = words[place]! << 4;
        if (rows[row + 1] === lo[at] && rows[row] === hi[at]) {
          places[copies.count] = at;
          copies.add(row, hi[at]!, lo[at]!);
          break;
        }
        place = index.next(hashes[at]!, place);
      }
    }
    copies.copy();
  }

  #setBlocked(blocked: ReadonlySet<bigint>): void {
    if (blocked === this.#blockedFrom) {
      return;
    }
    this.#blockedFrom = blocked;
    this.#blocked.reset(blocked.size);
    for (const id of blocked) {
      this.#blocked.add(Number(BigInt.asUintN(32, id >> 32n)), Number(BigInt.asUintN(32, id)));
    }
  }
}
