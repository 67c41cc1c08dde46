/**
 * Admission (Q9): a request is let in or refused at once, never queued. Its weight is its cost, so
 * that one query over 10,000 accounts does not count like one over ten. What is in flight and what the
 * rate still allows lies in shared memory: all serving threads of a node admit from the same.
 */
import type { Clock } from '#runtime/clock.ts';
import { idsPerCostUnit, unitsShareMax } from '../limits.ts';

export interface AdmissionOptions {
  /** `max_concurrent_requests`: units of cost in flight at once, at least 1. */
  readonly unitsMax: number;
  /** `qps_limit`: units of cost a second, above 0; null for no limit. One second's worth may come at once. */
  readonly unitsPerSecond: number | null;
  readonly clock: Clock;
  /** Of `createAdmissionWords`, the same for all threads. */
  readonly words: Int32Array;
}

/** Places in the words. */
const inFlight = 0;
const milliTokens = 1;
const filledAt = 2;

export function createAdmissionWords(): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
  words[filledAt] = neverFilled;
  return words;
}

/** Units in flight of all threads that share the words. */
export function unitsInFlight(words: Int32Array): number {
  return Atomics.load(words, inFlight);
}

/** As a time: the first to come finds the bucket full. */
const neverFilled = -0x8000_0000;
/** So that they fit a word: 2^31 thousandths. */
const tokensMax = 2_000_000;
/** Beyond this a time that lies before the last one means that the whole milliseconds came round. */
const clockStepMs = 60_000;
/** Thousandths of a unit worth adding: what rounding loses is a hundredth of it at most. */
const earnedMin = 100;

/** The bound that was reached, or null when the request is in. */
export type Verdict = 'concurrency' | 'rate' | null;

/** Units of a request with so many ids: one for each hundred begun, at least one. */
export function costOf(ids: number): number {
  return Math.max(1, Math.ceil(ids / idsPerCostUnit));
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #words: Int32Array;
  readonly #tokensMax: number;
  /** What one request takes at most. */
  readonly #costMax: number;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#words = options.words;
    this.#tokensMax = Math.min(tokensMax, Math.max(1, options.unitsPerSecond ?? 0));
    this.#costMax = Math.ceil(options.unitsMax * unitsShareMax);
  }

  /** Of all threads. */
  get inFlightUnits(): number {
    return unitsInFlight(this.#words);
  }

  /** True when not even the lightest request would be let in: worth knowing before reading one. */
  get isFull(): boolean {
    return this.inFlightUnits >= this.#options.unitsMax;
  }

  /**
   * Takes `cost` units, but never more than `unitsShareMax` of all, so that no single request locks
   * out the others; or says which bound is in the way and takes nothing. A request heavier than a
   * second's worth of the rate is let in when that is untouched: otherwise it never could be.
   */
  admit(cost: number): Verdict {
    const { unitsMax, unitsPerSecond } = this.#options;
    const units = Math.min(cost, this.#costMax);
    if (!this.#takeUnits(units, unitsMax)) {
      return 'concurrency';
    }
    if (unitsPerSecond !== null && !this.#takeTokens(cost, unitsPerSecond)) {
      Atomics.sub(this.#words, inFlight, units);
      return 'rate';
    }
    return null;
  }

  /** Gives back what `admit(cost)` took. */
  release(cost: number): void {
    Atomics.sub(this.#words, inFlight, Math.min(cost, this.#costMax));
  }

  /** Takes nothing, not even for a moment, when it does not fit: others would be refused for it. */
  #takeUnits(units: number, unitsMax: number): boolean {
    const words = this.#words;
    for (let used = Atomics.load(words, inFlight); used + units <= unitsMax; ) {
      const found = Atomics.compareExchange(words, inFlight, used, used + units);
      if (found === used) {
        return true;
      }
      used = found;
    }
    return false;
  }

  #takeTokens(cost: number, unitsPerSecond: number): boolean {
    const words = this.#words;
    this.#fill(unitsPerSecond);
    const wanted = Math.round(Math.min(cost, this.#tokensMax) * 1000);
    if (Atomics.sub(words, milliTokens, wanted) < wanted) {
      Atomics.add(words, milliTokens, wanted);
      return false;
    }
    return true;
  }

  /** Adds what was earned since it was last done. Times are in whole milliseconds, around their end. */
  #fill(unitsPerSecond: number): void {
    const words = this.#words;
    const full = this.#tokensMax * 1000;
    const nowMs = Math.floor(this.#options.clock.monotonicMs()) | 0;
    const before = Atomics.load(words, filledAt);
    const elapsedMs = (nowMs - before) | 0;
    // Clocks of threads differ by microseconds: a little before the last time is the same time.
    const isLong =
      before === neverFilled || elapsedMs < -clockStepMs || elapsedMs * unitsPerSecond >= full;
    const earned = isLong ? full : Math.floor(elapsedMs * unitsPerSecond);
    if (earned < earnedMin || Atomics.compareExchange(words, filledAt, before, nowMs) !== before) {
      return;
    }
    const over = Atomics.add(words, milliTokens, earned) + earned - full;
    if (over > 0) {
      Atomics.sub(words, milliTokens, over);
    }
  }
}
