/**
 * Waiting for a state of another process, with a deadline.
 */
import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** Default 30,000: generous, for machines that do other things too. */
  readonly withinMs?: number;
  /** Default 25. */
  readonly pollMs?: number;
}

/**
 * Looks until there is something to see and answers it. Undefined, null and false mean not yet.
 * Throws, saying what was waited for, when it is not there in time.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  options: WaitOptions = {},
): Promise<T> {
  const { withinMs = 30_000, pollMs = 25 } = options;
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) {
      return seen;
    }
    if (performance.now() > deadlineMs) {
      throw new Error(`not within ${withinMs} ms: ${what}`);
    }
    await pause(pollMs);
  }
}
