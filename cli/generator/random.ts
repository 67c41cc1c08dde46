/**
 * Repeatable randomness: sfc32 (Chris Doty-Humphrey's small fast counting generator), seeded through
 * splitmix32. The same seed gives the same numbers on every machine and in every version of Node.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed`: any safe integer, negative ones too. */
  constructor(seed: number) {
    let state = (Math.floor(seed / 0x1_0000_0000) ^ 0x9e3779b9) | 0;
    const mix = (input: number): number => {
      state = (state + 0x9e3779b9 + input) | 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.#a = mix(seed >>> 0);
    this.#b = mix(seed | 0);
    this.#c = mix(0x5eed);
    // The generator's author asks for a dozen rounds before the first number is used.
    for (let round = 0; round < 12; round += 1) this.next32();
  }

  /** 0 .. 2^32 - 1. */
  next32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    this.#c |= 0;
    return result >>> 0;
  }

  /** 0 <= x < 1, in steps of 2^-32. */
  fraction(): number {
    return this.next32() / 0x1_0000_0000;
  }

  /** A whole number, 0 <= x < bound, for bounds up to 2^32. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** A whole number, low <= x <= high. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A generator of its own, so that one purpose drawing more numbers does not shift another's. */
  fork(): Random {
    return new Random(this.next32() * 0x20_0000 + (this.next32() >>> 11));
  }

  /** Random bytes. */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) bytes[index] = this.next32();
    return bytes;
  }
}
