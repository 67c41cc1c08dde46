/**
 * Log lines that a bad day would repeat by the million: only so many a window, and what is held
 * back is counted and said with the next line.
 */
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

/** At most this many lines of one kind in each window. */
export const sampledLinesMax = 10;
export const sampledWindowMs = 10_000;

/** Writes a warning, or counts it when the window is full. */
export type SampledLog = (fields: Readonly<Record<string, unknown>>) => void;

export function createSampledLog(logger: Logger, clock: Clock, message: string): SampledLog {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let heldBack = 0;
  return (fields) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - windowStartMs >= sampledWindowMs) {
      windowStartMs = nowMs;
      lines = 0;
    }
    if (lines >= sampledLinesMax) {
      heldBack += 1;
      return;
    }
    lines += 1;
    logger.warn({ ...fields, heldBack }, message);
    heldBack = 0;
  };
}
