/**
 * Tombstones: post id to the latest time of its deletes. Open addressing with linear probing, in one
 * shared memory in which each doubling moves on to a region of its own; the table is as large as
 * it has to be, the reservation as large as it may become.
 *
 * A slot: id high, id low, deleted_at low, deleted_at high + `present`.
 */
import { toSignedNumber } from '#proto/wire/varint.ts';
import { hashId, sharedWords } from './shared-words.ts';

const slotWords = 4;
const slotsMin = 64;
/** Makes the last word of a slot in use other than zero for every time. */
const present = 0x4000_0000;
/** At the bound this part is given up at once, because finding the first to expire means sorting their times. */
const evictedPart = 1 / 16;

export class TombstoneTable {
  #words: Int32Array;
  readonly #max: number;
  #slots = slotsMin;
  #count = 0;
  #evicted = 0;
  /** Where `removeExpired` goes on. */
  #cursor = 0;

  constructor(max: number) {
    this.#max = max;
    let slots = slotsMin;
    while (slots * loadMax < max + 1) slots *= 2;
    // Regions of 64, 128, … slots: each begins where its own size says.
    this.#words = sharedWords(slots * 2 * slotWords);
  }

  get count(): number {
    return this.#count;
  }

  get evicted(): number {
    return this.#evicted;
  }

  get usedBytes(): number {
    return this.#count === 0 ? 0 : this.#slots * slotWords * 4;
  }

  get reservedBytes(): number {
    return this.#words.length * 4;
  }

  /** The latest `deleted_at` of an id; `Number.NEGATIVE_INFINITY` without a tombstone. */
  deletedAt(hi: number, lo: number): number {
    const at = this.#find(hi, lo);
    return this.#words[at + 3] === 0 ? Number.NEGATIVE_INFINITY : this.#timeAt(at);
  }

  put(hi: number, lo: number, deletedAt: number): 'stored' | 'known' | 'evicted' {
    let at = this.#find(hi, lo);
    const words = this.#words;
    if (words[at + 3] !== 0) {
      if (this.#timeAt(at) >= deletedAt) {
        return 'known';
      }
      this.#setTime(at, deletedAt);
      return 'stored';
    }
    if (this.#count + 1 > this.#slots * loadMax) {
      this.#grow();
      at = this.#find(hi, lo);
    }
    words[at] = hi;
    words[at + 1] = lo;
    this.#setTime(at, deletedAt);
    this.#count += 1;
    if (this.#count > this.#max) {
      this.#evictFirstExpiring();
      return this.#words[this.#find(hi, lo) + 3] === 0 ? 'evicted' : 'stored';
    }
    return 'stored';
  }

  /** Removes those deleted before `time`, looking at so many slots at most; answers how many it removed. */
  removeBefore(time: number, slotsLookedAt: number): number {
    const words = this.#words;
    let removed = 0;
    for (let looked = 0; looked < slotsLookedAt && looked < this.#slots; ) {
      const at = (this.#slots + this.#cursor) * slotWords;
      if (words[at + 3] !== 0 && this.#timeAt(at) < time) {
        // The next one may have moved here: this slot is looked at again.
        this.#removeAt(this.#cursor);
        removed += 1;
      } else {
        this.#cursor = (this.#cursor + 1) & (this.#slots - 1);
        looked += 1;
      }
    }
    return removed;
  }

  forEach(visit: (hi: number, lo: number, deletedAt: number) => void): void {
    for (let slot = 0; slot < this.#slots; slot += 1) {
      const at = (this.#slots + slot) * slotWords;
      if (this.#words[at + 3] !== 0) {
        visit(this.#words[at]!, this.#words[at + 1]!, this.#timeAt(at));
      }
    }
  }

  clear(): void {
    this.#wipe(this.#slots);
    this.#slots = slotsMin;
    this.#count = 0;
    this.#evicted = 0;
    this.#cursor = 0;
  }

  /** The word where the id's slot begins, or the free slot where it would be. */
  #find(hi: number, lo: number): number {
    const words = this.#words;
    const mask = this.#slots - 1;
    let slot = hashId(hi, lo) & mask;
    for (;;) {
      const at = (this.#slots + slot) * slotWords;
      if (words[at + 3] === 0 || (words[at] === (hi | 0) && words[at + 1] === (lo | 0))) {
        return at;
      }
      slot = (slot + 1) & mask;
    }
  }

  #timeAt(at: number): number {
    return toSignedNumber(this.#words[at + 3]! - present, this.#words[at + 2]! >>> 0);
  }

  #setTime(at: number, deletedAt: number): void {
    this.#words[at + 2] = deletedAt | 0;
    this.#words[at + 3] = Math.floor(deletedAt / 0x1_0000_0000) + present;
  }

  #grow(): void {
    const words = this.#words;
    const old = this.#slots;
    this.#slots = old * 2;
    this.#cursor = 0;
    for (let at = old * slotWords; at < old * 2 * slotWords; at += slotWords) {
      if (words[at + 3] !== 0) {
        const to = this.#find(words[at]!, words[at + 1]!);
        words.copyWithin(to, at, at + slotWords);
      }
    }
    this.#wipe(old);
  }

  #wipe(slots: number): void {
    this.#words.fill(0, slots * slotWords, slots * 2 * slotWords);
  }

  /** Closes the gap: those behind it that could stand nearer to their own place move up. */
  #removeAt(slot: number): void {
    const words = this.#words;
    const mask = this.#slots - 1;
    let gap = slot;
    for (let next = (slot + 1) & mask; ; next = (next + 1) & mask) {
      const at = (this.#slots + next) * slotWords;
      if (words[at + 3] === 0) break;
      const home = hashId(words[at]!, words[at + 1]!) & mask;
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        words.copyWithin((this.#slots + gap) * slotWords, at, at + slotWords);
        gap = next;
      }
    }
    const at = (this.#slots + gap) * slotWords;
    words.fill(0, at, at + slotWords);
    this.#count -= 1;
  }

  /** S4. All that were deleted before some second, and of that second as many as it takes. */
  #evictFirstExpiring(): void {
    const wanted = Math.ceil(this.#max * evictedPart);
    const times = new Float64Array(this.#count);
    let size = 0;
    this.forEach((_hi, _lo, time) => {
      times[size] = time;
      size += 1;
    });
    this.#evictBefore(times.toSorted()[wanted - 1]!, wanted);
  }

  #evictBefore(second: number, wanted: number): void {
    let ofThatSecond = wanted;
    this.forEach((_hi, _lo, time) => {
      if (time < second) ofThatSecond -= 1;
    });
    for (let slot = 0; slot < this.#slots; ) {
      const at = (this.#slots + slot) * slotWords;
      const time = this.#words[at + 3] === 0 ? Number.POSITIVE_INFINITY : this.#timeAt(at);
      if (time < second || (time === second && ofThatSecond > 0)) {
        if (time === second) ofThatSecond -= 1;
        this.#removeAt(slot);
        this.#evicted += 1;
      } else {
        slot += 1;
      }
    }
  }
}

const loadMax = 0.7;
