/**
 * How far one partition is: what has been applied, what has to be, and the last moment at which
 * nothing was missing. Offsets are "next" offsets, times are monotonic milliseconds.
 */
import type { PartitionBounds } from './event-source.ts';

export interface PartitionProgress {
  readonly partition: number;
  /** Where this node began. */
  readonly origin: number;
  /** Next offset to apply. Never goes back. */
  position: number;
  /** What has to be applied for readiness (L1). Never goes back. */
  target: number;
  /** The highest start of the log that was answered; -1 before the first. Starts only go forward. */
  logStart: number;
  /** The log's end when last asked. */
  end: number;
  /** When that was. */
  endAskedAtMs: number;
  /**
   * The end whose reaching will be noted next, and when it was asked for. Later ends wait in `end`
   * until this one is reached, so that a partition that runs a steady second behind is seen to be a
   * second behind however often the end moves.
   */
  nextEnd: number;
  nextEndAskedAtMs: number;
  /** The last moment at which everything in the log had been applied; null before the first. */
  caughtUpAtMs: number | null;
  /** False while the source does not list it: no leader. */
  listed: boolean;
  /** The position at which an answer found the log's start past it; -1 otherwise. */
  passedByAtPosition: number;
}

/**
 * A partition that is to be applied from `bounds.start` on. `caughtUpAtMs` is the last moment at
 * which it is known not to have existed, null when there is none.
 */
export function createPartitionProgress(
  bounds: PartitionBounds,
  askedAtMs: number,
  caughtUpAtMs: number | null,
): PartitionProgress {
  const progress: PartitionProgress = {
    partition: bounds.partition,
    origin: bounds.start,
    position: bounds.start,
    target: bounds.end,
    logStart: -1,
    end: bounds.end,
    endAskedAtMs: askedAtMs,
    nextEnd: bounds.end,
    nextEndAskedAtMs: askedAtMs,
    caughtUpAtMs,
    listed: true,
    passedByAtPosition: -1,
  };
  noteCaughtUp(progress);
  return progress;
}

/** Notes what was asked for at `askedAtMs`. */
export function noteEnd(progress: PartitionProgress, end: number, askedAtMs: number): void {
  progress.end = end;
  progress.endAskedAtMs = askedAtMs;
  noteCaughtUp(progress);
}

/** Moves the position forward; answers by how much. A position that is not further moves nothing. */
export function advance(progress: PartitionProgress, position: number): number {
  const moved = position - progress.position;
  if (moved <= 0) return 0;
  progress.position = position;
  noteCaughtUp(progress);
  return moved;
}

/** Offsets between the position and the end as last asked. */
export function lagOf(progress: PartitionProgress): number {
  return Math.max(0, progress.end - progress.position);
}

function noteCaughtUp(progress: PartitionProgress): void {
  if (progress.position >= progress.end) {
    progress.caughtUpAtMs = progress.endAskedAtMs;
  } else if (progress.position >= progress.nextEnd) {
    progress.caughtUpAtMs = Math.max(progress.caughtUpAtMs ?? -Infinity, progress.nextEndAskedAtMs);
  } else {
    return;
  }
  progress.nextEnd = progress.end;
  progress.nextEndAskedAtMs = progress.endAskedAtMs;
}
