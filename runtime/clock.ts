/**
 * Time as an argument: everything that reads a clock is handed one, so that tests can move it.
 */
export interface Clock {
  /** Wall time, milliseconds since the epoch. Can jump. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never goes back. For durations, deadlines and rates. */
  monotonicMs(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** Whole seconds since the epoch: the `now` of the query and store rules. */
export function nowSeconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000);
}
