/**
 * A hash table of 32-bit values whose keys lie elsewhere: whoever asks verifies. A bucket is a cache
 * line of twelve values with a tag of eight hash bits each, so that a look-up costs one miss and
 * hardly ever a wrong value. A full bucket counts the values that went on to another, each by a step of
 * its own hash, or full buckets would gather; the count goes down as they are removed, so nothing is
 * left behind and nothing is ever rebuilt. A value never moves: other threads find it while it is there,
 * whatever else comes and goes, and may find another's, as ever.
 *
 *     word 0..2   twelve tags, 0 where there is no value; that of slot s is byte s / 3 of word s % 3
 *     word 3      values that found this bucket full and went on
 *     word 4..15  the values by slot
 */
import { lineWords, scaleFor, sharedWords, spread } from './shared-words.ts';

const slots = 12;
const overflowWord = 3;
const valuesWord = 4;
/** Filled further, buckets overflow into each other more and more. */
const loadMax = 0.82;

/** Memory of a table with room for `valuesMax`: whoever fills it keeps to that. */
export function createBucketWords(valuesMax: number): Int32Array {
  // A prime number, so that every step leads through all of them.
  return sharedWords(primeFrom(Math.ceil(valuesMax / loadMax / slots) + 1) * lineWords);
}

export class BucketTable {
  /** To be read by who wants to touch a bucket before asking (`bucketOf`). */
  readonly words: Int32Array;
  readonly #buckets: number;
  readonly #scale: number;

  /** Over memory that `createBucketWords` made. */
  constructor(words: Int32Array) {
    this.words = words;
    this.#buckets = words.length / lineWords;
    this.#scale = scaleFor(this.#buckets);
  }

  get bytes(): number {
    return this.words.length * 4;
  }

  /** Where the bucket of a hash begins in `words`. */
  bucketOf(hash: number): number {
    return spread(hash, this.#scale) << 4;
  }

  /** Brings the bucket of a hash into the cache; what is answered means nothing. */
  touch(hash: number): number {
    return this.words[this.bucketOf(hash)]!;
  }

  /** The place in `words` of the first value that may be the one; -1 when there is none. */
  first(hash: number): number {
    const words = this.words;
    const bucket = spread(hash, this.#scale) << 4;
    const tags = Math.imul(tagOf(hash), 0x01010101);
    // Without a branch until it is known whether there is one: no processor could guess which.
    const found =
      (zeroBytes(words[bucket]! ^ tags) >>> 7) |
      (zeroBytes(words[bucket + 1]! ^ tags) >>> 6) |
      (zeroBytes(words[bucket + 2]! ^ tags) >>> 5);
    if (found !== 0) {
      return bucket + valuesWord + slotOf(found);
    }
    return words[bucket + overflowWord] === 0 ? -1 : this.#search(hash, bucket, slots);
  }

  /** The same after `place` turned out to be another's. */
  next(hash: number, place: number): number {
    return this.#search(hash, place & -lineWords, (place & (lineWords - 1)) - valuesWord + 1);
  }

  insert(hash: number, value: number): void {
    const words = this.words;
    let bucket = spread(hash, this.#scale) << 4;
    for (;;) {
      const free =
        (zeroBytes(words[bucket]!) >>> 7) |
        (zeroBytes(words[bucket + 1]!) >>> 6) |
        (zeroBytes(words[bucket + 2]!) >>> 5);
      if (free !== 0) {
        const slot = slotOf(free);
        const tagWord = bucket + (slot % 3);
        words[bucket + valuesWord + slot] = value;
        // Whoever sees the tag sees the value, and what it leads to.
        Atomics.store(words, tagWord, words[tagWord]! | (tagOf(hash) << byteShift(slot)));
        return;
      }
      words[bucket + overflowWord] = words[bucket + overflowWord]! + 1;
      bucket = this.#after(bucket, hash);
    }
  }

  /** `place` as found with the same hash. */
  remove(hash: number, place: number): void {
    const words = this.words;
    const last = place & -lineWords;
    const slot = place - last - valuesWord;
    const tagWord = last + (slot % 3);
    words[tagWord] = words[tagWord]! & ~(0xff << byteShift(slot));
    for (
      let bucket = spread(hash, this.#scale) << 4;
      bucket !== last;
      bucket = this.#after(bucket, hash)
    ) {
      words[bucket + overflowWord] = words[bucket + overflowWord]! - 1;
    }
  }

  clear(): void {
    this.words.fill(0);
  }

  #after(bucket: number, hash: number): number {
    const next = bucket + (1 + (tagOf(hash) % (this.#buckets - 1))) * lineWords;
    return next < this.words.length ? next : next - this.words.length;
  }

  #search(hash: number, fromBucket: number, fromSlot: number): number {
    const words = this.words;
    const tag = tagOf(hash);
    const home = this.bucketOf(hash);
    let bucket = fromBucket;
    let slot = fromSlot;
    for (;;) {
      for (; slot < slots; slot += 1) {
        if (((words[bucket + (slot % 3)]! >>> byteShift(slot)) & 0xff) === tag) {
          return bucket + valuesWord + slot;
        }
      }
      if (words[bucket + overflowWord] === 0) {
        return -1;
      }
      bucket = this.#after(bucket, hash);
      if (bucket === home) {
        return -1;
      }
      slot = 0;
    }
  }
}

function primeFrom(least: number): number {
  for (let candidate = Math.max(2, least); ; candidate += 1) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor += 1;
    if (divisor * divisor > candidate) return candidate;
  }
}

function tagOf(hash: number): number {
  const tag = hash & 0xff;
  return tag === 0 ? 1 : tag;
}

/** The top bit of each byte that is zero. */
function zeroBytes(word: number): number {
  return ~(((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word | 0x7f7f7f7f);
}

/** The first slot of those whose bit is set: bit 8 * byte + word. */
function slotOf(found: number): number {
  const bit = 31 - Math.clz32(found & -found);
  return (bit >> 3) * 3 + (bit & 7);
}

/** Where in its word the tag of a slot begins. */
function byteShift(slot: number): number {
  return ((slot / 3) | 0) * 8;
}
