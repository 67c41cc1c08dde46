/**
 * Waiting before trying again: exponential with full jitter, so that a fleet that lost one broker
 * does not come back to it in step.
 */
import { setTimeout as sleepFor } from 'node:timers/promises';
import { ThunderError } from './errors.ts';

export interface BackoffOptions {
  /** Upper bound of the first wait, milliseconds. */
  readonly firstMs: number;
  /** Upper bound of every wait, milliseconds. */
  readonly ceilingMs: number;
  /** Lower bound of every wait, milliseconds; default 1, so that a loop never spins. */
  readonly floorMs?: number;
  /** Growth of the upper bound; default 2. */
  readonly factor?: number;
  /** Uniform in [0, 1); default Math.random. */
  readonly random?: () => number;
}

export interface Backoff {
  /** The next wait: uniform between the floor and `min(ceiling, first * factor^n)`. */
  nextMs(): number;
  /** After a success: the next wait is a first one again. */
  reset(): void;
}

export function createBackoff(options: BackoffOptions): Backoff {
  const { firstMs, ceilingMs, floorMs = 1, factor = 2, random = Math.random } = options;
  let boundMs = firstMs;
  return {
    nextMs() {
      const upperMs = Math.max(floorMs, Math.min(ceilingMs, boundMs));
      boundMs = Math.min(ceilingMs, boundMs * factor);
      return floorMs + random() * (upperMs - floorMs);
    },
    reset() {
      boundMs = firstMs;
    },
  };
}

/** One second at first, half a minute at most: for servers that are away. */
export const defaultBackoff: BackoffOptions = { firstMs: 1_000, ceilingMs: 30_000 };

export interface RetryOptions {
  /** Calls in all, the first included; `Infinity` needs a signal to ever end. */
  readonly attemptsMax: number;
  readonly backoff?: BackoffOptions;
  /** Ends the waiting and the trying; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Whether the error can go away by itself; default: all but ThunderErrors with `retry: never`. */
  readonly shouldRetry?: (error: unknown) => boolean;
  /** Before each wait: for logs and counters. */
  readonly onRetry?: (error: unknown, attempt: number, waitMs: number) => void;
  /** Waits; for tests. Rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Calls until it succeeds; throws the last error when the attempts are used up. */
export async function retry<T>(
  call: (attempt: number) => T | Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const backoff = createBackoff(options.backoff ?? defaultBackoff);
  const shouldRetry = options.shouldRetry ?? canHelp;
  const sleep = options.sleep ?? abortableSleep;
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await call(attempt);
    } catch (error) {
      if (attempt >= options.attemptsMax || !shouldRetry(error)) {
        throw error;
      }
      options.signal?.throwIfAborted();
      const waitMs = backoff.nextMs();
      options.onRetry?.(error, attempt, waitMs);
      await sleep(waitMs, options.signal);
    }
  }
}

function canHelp(error: unknown): boolean {
  return !(error instanceof ThunderError) || error.retry === 'backoff';
}

/** Waits; throws the signal's reason as soon as it aborts. */
export async function abortableSleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleepFor(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // The timer wraps the reason in an error of its own.
    signal?.throwIfAborted();
    throw error;
  }
}
