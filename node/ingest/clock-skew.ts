/**
 * How far this node's wall clock is from the clocks that stamp records. What arrives at the end of
 * the log was stamped just before, so the newest stamps run as our monotonic clock does; a wall clock
 * that was set wrong shows at once, without another record.
 */
import type { Clock } from '#runtime/clock.ts';
import { clockSkewMsMax, clockSkewWindowMs } from './ingest-limits.ts';

export class ClockSkew {
  readonly #clock: Clock;
  #sinceMs = Number.NEGATIVE_INFINITY;
  /** The largest of stamp minus monotonic time: of the record that was least late. */
  #newest = Number.NEGATIVE_INFINITY;
  #newestBefore = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A record has just arrived from the end of the log; one that is negative carries no stamp. */
  noted(timestampMs: number): void {
    if (timestampMs < 0) return;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#sinceMs > clockSkewWindowMs) {
      this.#sinceMs = nowMs;
      this.#newestBefore = this.#newest;
      this.#newest = Number.NEGATIVE_INFINITY;
    }
    this.#newest = Math.max(this.#newest, timestampMs - nowMs);
  }

  /** Positive when our clock is ahead; null before any record has arrived. */
  get skewMs(): number | null {
    const stamps = Math.max(this.#newest, this.#newestBefore);
    if (stamps === Number.NEGATIVE_INFINITY) return null;
    return this.#clock.nowMs() - this.#clock.monotonicMs() - stamps;
  }

  /** One sentence when there is something to correct, else empty. */
  get sentence(): string {
    const { skewMs } = this;
    if (skewMs === null || Math.abs(skewMs) <= clockSkewMsMax) return '';
    const seconds = Math.round(Math.abs(skewMs) / 1000);
    return skewMs < 0
      ? `the clock is ${seconds} s behind the newest records: correct it, or the clock of whoever stamps them`
      : `the clock is ${seconds} s ahead of the newest records: correct it, or look for why they come late`;
  }
}
