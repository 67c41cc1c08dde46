/**
 * Log lines about records that could not be used: where they are, why, never what they hold, and
 * only so many a while. What is held back is counted and said with the next line (T5).
 */
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/logger.ts';
import { createSampledLog } from '#runtime/sampled-log.ts';

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
  const log = createSampledLog(logger, clock, 'record skipped');
  return {
    skipped: (reason, topic, partition, offset, more) =>
      log({ reason, topic, partition, offset, ...more }),
  };
}
