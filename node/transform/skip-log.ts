/**
 * Log lines about records that could not be used: where they are, why, never what they hold, and
 * only so many a while. What is held back is counted and said with the next line (T5).
 */
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/logger.ts';

/** At most this many lines in each window. */
export const skipLogLinesMax = 10;
export const skipLogWindowMs = 10_000;

export interface SkipLog {
  /** `more`: further fields of the line. */
  skipped(
    reason: string,
    topic: string,
    partition: number,
    offset: number,
    more?: Readonly<Record<string, string | number>>,
  ): void;
}

export function createSkipLog(logger: Logger, clock: Clock): SkipLog {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let heldBack = 0;
  return {
    skipped(reason, topic, partition, offset, more) {
      const nowMs = clock.monotonicMs();
      if (nowMs - windowStartMs >= skipLogWindowMs) {
        windowStartMs = nowMs;
        lines = 0;
      }
      if (lines >= skipLogLinesMax) {
        heldBack += 1;
        return;
      }
      lines += 1;
      logger.warn({ reason, topic, partition, offset, ...more, heldBack }, 'record skipped');
      heldBack = 0;
    },
  };
}
