/**
 * How many things a second, smoothed: an average over all of the past in which what is older than
 * `windowMs` hardly counts. Exact for a steady rate from the first moment on.
 */
export class SmoothedRate {
  readonly #windowMs: number;
  readonly #startedAtMs: number;
  #updatedAtMs: number;
  #weighted = 0;

  constructor(windowMs: number, nowMs: number) {
    this.#windowMs = windowMs;
    this.#startedAtMs = nowMs;
    this.#updatedAtMs = nowMs;
  }

  /** `count` things happened since the last call. */
  add(count: number, nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#updatedAtMs);
    this.#weighted = this.#weighted * Math.exp(-elapsedMs / this.#windowMs) + count;
    this.#updatedAtMs = Math.max(nowMs, this.#updatedAtMs);
  }

  /** 0 before any time has passed. */
  perSecond(nowMs: number): number {
    const ageMs = Math.max(nowMs, this.#updatedAtMs) - this.#startedAtMs;
    // The weights of all moments since the start sum to this; dividing by it is what makes a young rate exact.
    const weightMs = this.#windowMs * (1 - Math.exp(-ageMs / this.#windowMs));
    if (weightMs <= 0) return 0;
    const idleMs = Math.max(0, nowMs - this.#updatedAtMs);
    return (1000 * this.#weighted * Math.exp(-idleMs / this.#windowMs)) / weightMs;
  }
}
