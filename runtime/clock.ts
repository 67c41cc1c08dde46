/**
 * Time as an argument: everything that reads a clock is handed one, so that tests can move it.
 */
export interface Clock {
  /** Wall time, milliseconds since the epoch. Can jump. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never goes back. For durations, deadlines and rates. */
  monotonicMs(): number;
}

/** Where this thread's `performance.now()` begins; `process.hrtime` is the same in all threads. */
const threadStartMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The machine's own clocks. Threads of one process agree about the monotonic time to a microsecond or so. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => threadStartMs + performance.now(),
};

/** Whole seconds since the epoch: the `now` of the query and store rules. */
export function nowSeconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000);
}
