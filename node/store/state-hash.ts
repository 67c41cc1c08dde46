/**
 * The state hash of rule S6: a sum over the hashes of everything live, so that the order in which
 * things are added cannot matter. Two 32-bit lanes with 32-bit multiplications only, word by word,
 * so that a store of typed arrays computes the same at memory speed. Tells honest nodes apart, not
 * forgers: it is no cryptographic hash.
 */

const postSeed = 0x9e3779b9;
const tombstoneSeed = 0x7f4a7c15;

export class StateHash {
  #sumA = 0;
  #sumB = 0;
  #laneA = 0;
  #laneB = 0;

  /** Adds the post whose canonical bytes are `bytes[start, end)`. */
  addPost(bytes: Uint8Array, start: number, end: number): void {
    this.#begin(postSeed, end - start);
    let index = start;
    for (; index + 4 <= end; index += 4) {
      this.#mix(
        bytes[index]! |
          (bytes[index + 1]! << 8) |
          (bytes[index + 2]! << 16) |
          (bytes[index + 3]! << 24),
      );
    }
    // The last word is filled with zeros; the length, mixed in at the start, tells it from real ones.
    if (index < end) {
      let word = 0;
      for (let shift = 0; index < end; index += 1, shift += 8) {
        word |= bytes[index]! << shift;
      }
      this.#mix(word);
    }
    this.#end();
  }

  /** Adds a tombstone. `expiry` in seconds, a whole number, exact to 2^53. */
  addTombstone(postIdHi: number, postIdLo: number, expiry: number): void {
    this.#begin(tombstoneSeed, 16);
    this.#mix(postIdHi | 0);
    this.#mix(postIdLo | 0);
    this.#mix(Math.floor(expiry / 0x1_0000_0000) | 0);
    this.#mix(expiry | 0);
    this.#end();
  }

  /** 16 hexadecimal digits; sixteen zeros when nothing was added. */
  digest(): string {
    return hex(this.#sumA) + hex(this.#sumB);
  }

  #begin(seed: number, length: number): void {
    this.#laneA = seed ^ length;
    this.#laneB = Math.imul(seed, 0x85ebca6b) ^ length;
  }

  #mix(word: number): void {
    const a = this.#laneA ^ Math.imul(word, 0xcc9e2d51);
    this.#laneA = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    const b = this.#laneB ^ Math.imul(word, 0x1b873593);
    this.#laneB = (Math.imul((b << 15) | (b >>> 17), 9) + 0x38495ab5) | 0;
  }

  #end(): void {
    this.#sumA = (this.#sumA + scramble(this.#laneA ^ Math.imul(this.#laneB, 0x27d4eb2f))) | 0;
    this.#sumB = (this.#sumB + scramble(this.#laneB ^ Math.imul(this.#laneA, 0x165667b1))) | 0;
  }
}

/** Spreads every bit over all others (the finish of murmur3), without which sums would be weak. */
function scramble(lane: number): number {
  let mixed = lane ^ (lane >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}
