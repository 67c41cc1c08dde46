/**
 * Admission (Q9): a request is let in or refused at once, never queued. Its weight is its cost, so
 * that one query over 10,000 accounts does not count like one over ten.
 */
import type { Clock } from '#runtime/clock.ts';
import { idsPerCostUnit, unitsShareMax } from '../limits.ts';

export interface AdmissionOptions {
  /** `max_concurrent_requests`: units of cost in flight at once, at least 1. */
  readonly unitsMax: number;
  /** `qps_limit`: units of cost a second, above 0; null for no limit. One second's worth may come at once. */
  readonly unitsPerSecond: number | null;
  readonly clock: Clock;
}

/** The bound that was reached, or null when the request is in. */
export type Verdict = 'concurrency' | 'rate' | null;

/** Units of a request with so many ids: one for each hundred begun, at least one. */
export function costOf(ids: number): number {
  return Math.max(1, Math.ceil(ids / idsPerCostUnit));
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #tokensMax: number;
  /** What one request takes at most. */
  readonly #costMax: number;
  #inFlight = 0;
  #tokens: number;
  #filledAtMs: number;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#tokensMax = Math.max(1, options.unitsPerSecond ?? 0);
    this.#tokens = this.#tokensMax;
    this.#costMax = Math.ceil(options.unitsMax * unitsShareMax);
    this.#filledAtMs = options.clock.monotonicMs();
  }

  get inFlightUnits(): number {
    return this.#inFlight;
  }

  /** True when not even the lightest request would be let in: worth knowing before reading one. */
  get isFull(): boolean {
    return this.#inFlight >= this.#options.unitsMax;
  }

  /**
   * Takes `cost` units, but never more than `unitsShareMax` of all, so that no single request locks
   * out the others; or says which bound is in the way and takes nothing. A request heavier than a
   * second's worth of the rate is let in when that is untouched: otherwise it never could be.
   */
  admit(cost: number): Verdict {
    const { unitsMax, unitsPerSecond } = this.#options;
    const units = Math.min(cost, this.#costMax);
    if (this.#inFlight + units > unitsMax) {
      return 'concurrency';
    }
    if (unitsPerSecond !== null && !this.#takeTokens(cost, unitsPerSecond)) {
      return 'rate';
    }
    this.#inFlight += units;
    return null;
  }

  /** Gives back what `admit(cost)` took. */
  release(cost: number): void {
    this.#inFlight -= Math.min(cost, this.#costMax);
  }

  #takeTokens(cost: number, unitsPerSecond: number): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    const earned = ((nowMs - this.#filledAtMs) / 1000) * unitsPerSecond;
    this.#filledAtMs = nowMs;
    this.#tokens = Math.min(this.#tokensMax, this.#tokens + earned);
    const wanted = Math.min(cost, this.#tokensMax);
    if (this.#tokens < wanted) {
      return false;
    }
    this.#tokens -= wanted;
    return true;
  }
}
