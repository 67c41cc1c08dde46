/**
 * The posts that a request excludes (Q4). A bloom filter over the first words of a post, as they lie
 * in the slab, answers for nearly all; an id is decoded only when it says maybe.
 */
import { idHigh, idLow, isLongId } from '#node/store/columns/record.ts';
import type { IdList } from '#proto/wire/request-fields.ts';
import { IdSet } from './id-set.ts';

const bitsPerId = 32;
const bitsMin = 1 << 12;
const bitsMax = 1 << 18;

export class Exclusions {
  readonly #ids = new IdSet();
  readonly #bloom = new Int32Array(bitsMax >> 5);
  #mask = 0;
  /** Ids of less than eight bytes do not fill the words that are hashed. */
  #hasShortIds = false;

  /** The first `count` ids of the list. */
  reset(list: IdList, count: number): void {
    const ids = this.#ids;
    const bloom = this.#bloom;
    ids.reset(count);
    let bits = bitsMin;
    while (bits < bitsMax && bits < count * bitsPerId) bits *= 2;
    bloom.fill(0, 0, bits >> 5);
    this.#mask = bits - 1;
    this.#hasShortIds = false;
    for (let index = 0; index < count; index += 1) {
      const hi = list.hi[index]!;
      const lo = list.lo[index]!;
      ids.add(hi, lo);
      if (hi < 1 << 17) {
        this.#hasShortIds = true;
      } else {
        const bit = hashWords(firstWord(lo), secondWord(hi, lo)) & this.#mask;
        bloom[bit >> 5] = bloom[bit >> 5]! | (1 << (bit & 31));
      }
    }
  }

  /** Whether the post at `place` is excluded. */
  has(words: Int32Array, place: number): boolean {
    const one = words[place + 1]!;
    const two = words[place + 2]!;
    if (isLongId(one, two)) {
      const bit = hashWords(one, two) & this.#mask;
      if (((this.#bloom[bit >> 5]! >>> (bit & 31)) & 1) === 0) {
        return false;
      }
    } else if (!this.#hasShortIds) {
      return false;
    }
    return this.#ids.indexOf(idHigh(words, place), idLow(words, place)) >= 0;
  }
}

/** The first word of a post whose id has eight bytes or more, as the slab holds it: its tag, then the id. */
function firstWord(lo: number): number {
  return (
    0x80808008 | ((lo & 0x7f) << 8) | (((lo >>> 7) & 0x7f) << 16) | (((lo >>> 14) & 0x7f) << 24)
  );
}

function secondWord(hi: number, lo: number): number {
  return (
    0x80808080 |
    ((lo >>> 21) & 0x7f) |
    ((((lo >>> 28) | (hi << 4)) & 0x7f) << 8) |
    (((hi >>> 3) & 0x7f) << 16) |
    (((hi >>> 10) & 0x7f) << 24)
  );
}

function hashWords(one: number, two: number): number {
  const mixed = Math.imul(one ^ Math.imul(two, 0x9e3779b1), 0x85ebca77);
  return mixed ^ (mixed >>> 15);
}
