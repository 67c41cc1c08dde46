/**
 * Ids of one request, in order and each once, with a table to find them. Made anew for every request
 * in the same memory, of which only as much is wiped as the request needs.
 */
import { hashId } from '#node/store/columns/shared-words.ts';

const slotsMin = 64;

export class IdSet {
  hashes = new Int32Array(slotsMin);
  hi = new Int32Array(slotsMin);
  lo = new Int32Array(slotsMin);
  count = 0;
  /** Index plus 1 of the id whose place this is; 0 is free. */
  #slots = new Int32Array(slotsMin);
  #mask = slotsMin - 1;

  /** Empties it and makes room for so many ids. */
  reset(idsMax: number): void {
    let slots = slotsMin;
    while (slots < idsMax * 2) slots *= 2;
    if (slots > this.#slots.length) {
      this.#slots = new Int32Array(slots);
      this.hashes = new Int32Array(slots >> 1);
      this.hi = new Int32Array(slots >> 1);
      this.lo = new Int32Array(slots >> 1);
    } else {
      this.#slots.fill(0, 0, slots);
    }
    this.#mask = slots - 1;
    this.count = 0;
  }

  /** Adds an id unless it is there. */
  add(idHi: number, idLo: number): void {
    const { hashes, hi, lo } = this;
    const slots = this.#slots;
    const hash = hashId(idHi, idLo);
    let slot = hash & this.#mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (lo[found - 1] === (idLo | 0) && hi[found - 1] === (idHi | 0)) {
        return;
      }
      slot = (slot + 1) & this.#mask;
    }
    const index = this.count;
    hashes[index] = hash;
    hi[index] = idHi;
    lo[index] = idLo;
    this.count = index + 1;
    slots[slot] = index + 1;
  }

  /** Place of an id in the order they were added; -1 when it is not there. */
  indexOf(idHi: number, idLo: number): number {
    const { hi, lo } = this;
    const slots = this.#slots;
    let slot = hashId(idHi, idLo) & this.#mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (lo[found - 1] === (idLo | 0) && hi[found - 1] === (idHi | 0)) {
        return found - 1;
      }
      slot = (slot + 1) & this.#mask;
    }
    return -1;
  }
}
