/**
 * The moment that a turn waits for, within bounds: it comes, or the bench is ended, or time is up.
 */

/** Longest turn, milliseconds: what hangs becomes a failure. */
const turnMsMax = 600_000;

export interface Finish {
  /** When it was reached, on the monotonic clock. Rejects when the signal aborts, and after ten minutes. */
  readonly atMs: Promise<number>;
  readonly reach: () => void;
  readonly fail: (error: unknown) => void;
}

export function createFinish(signal: AbortSignal): Finish {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const giveUp = AbortSignal.any([signal, AbortSignal.timeout(turnMsMax)]);
  giveUp.addEventListener('abort', () => reject(giveUp.reason), { once: true });
  // Whoever waits hears of it; a turn that failed before it could wait has its own error.
  promise.catch(() => undefined);
  return { atMs: promise, reach: () => resolve(performance.now()), fail: reject };
}
