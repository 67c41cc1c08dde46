/** What is still done for a broker while closing: it may be gone, and must not keep us. */
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';

/**
 * Waits for `work`, `withinMs` at most, and never rejects: what did not work in time is left to the
 * operator, and said in the log at level debug.
 */
export async function lastDuty(
  what: string,
  work: Promise<unknown>,
  { withinMs, logger }: { readonly withinMs: number; readonly logger: Logger },
): Promise<void> {
  const limit = new AbortController();
  const timeout = pause(withinMs, 'late' as const, { signal: limit.signal });
  try {
    if ((await Promise.race([work, timeout])) === 'late') {
      logger.debug({ what }, 'kafka gave no answer while closing');
    }
  } catch (error) {
    logger.debug({ what, error: messageOf(error) }, 'kafka refused while closing');
  } finally {
    limit.abort();
    timeout.catch(() => undefined);
  }
}
