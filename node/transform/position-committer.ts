/**
 * Commits positions beside the sender: one commit at a time, always with the newest acknowledged
 * ones, again until it succeeds or the partition belongs to somebody else. Whatever is committed is
 * true, whoever owns the partition: all before it is acknowledged. At worst it repeats something.
 */
import { createBackoff } from '#runtime/backoff.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import { sleepUnlessAborted } from './acknowledged-sender.ts';
import type { TransformLimits } from './transform-limits.ts';
import type { TransformInput } from './transform-ports.ts';

export interface PositionCommitterOptions {
  readonly input: TransformInput;
  readonly limits: TransformLimits;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onFailure: () => void;
  /** Nothing is left to commit. */
  readonly onIdle: () => void;
}

export class PositionCommitter {
  readonly #options: PositionCommitterOptions;
  #waiting = new Map<number, number>();
  readonly #committed = new Map<number, number>();
  #owned: ReadonlySet<number> = new Set();
  /** Where this assignment began to read, by partition; unknown until something was delivered. */
  readonly #resumedAt = new Map<number, number>();
  #committing = false;

  constructor(options: PositionCommitterOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return !this.#committing && this.#waiting.size === 0;
  }

  /** The position committed for a partition in this assignment. */
  committed(partition: number): number | undefined {
    return this.#committed.get(partition);
  }

  /** A record at this offset was delivered: the group's position was not beyond it. */
  resumedAt(partition: number, offset: number): void {
    this.#resumedAt.set(partition, Math.min(offset, this.#resumedAt.get(partition) ?? offset));
  }

  /**
   * Everything before these positions is acknowledged. What was queued under an earlier assignment
   * may lie before the group's position: committing that would set it back, and on a quiet topic
   * nothing would come to move it forward again.
   */
  acknowledge(positions: ReadonlyMap<number, number>): void {
    for (const [partition, nextOffset] of positions) {
      const resumedAt = this.#resumedAt.get(partition) ?? Infinity;
      if (this.#owned.has(partition) && nextOffset >= resumedAt) {
        this.#waiting.set(partition, nextOffset);
      }
    }
    void this.#commitWaiting();
  }

  /** Other partitions belong to somebody else now, whose commits ours would set back. */
  keepOnly(partitions: readonly number[]): void {
    this.#owned = new Set(partitions);
    this.#resumedAt.clear();
    this.#committed.clear();
    for (const partition of this.#waiting.keys()) {
      if (!this.#owned.has(partition)) {
        this.#waiting.delete(partition);
      }
    }
  }

  async #commitWaiting(): Promise<void> {
    if (this.#committing) {
      return;
    }
    this.#committing = true;
    const { input, limits, logger, signal } = this.#options;
    const backoff = createBackoff({ firstMs: limits.retryInitialMs, ceilingMs: limits.retryMaxMs });
    while (this.#waiting.size > 0 && !signal.aborted) {
      const positions = this.#waiting;
      this.#waiting = new Map();
      try {
        await input.commit(positions);
        backoff.reset();
        for (const [partition, nextOffset] of positions) {
          this.#committed.set(partition, nextOffset);
        }
      } catch (error) {
        this.#options.onFailure();
        logger.warn({ topic: input.topic, error: messageOf(error) }, 'commit failed');
        const stillOwned = [...positions].filter(([partition]) => this.#owned.has(partition));
        this.#waiting = new Map([...stillOwned, ...this.#waiting]);
        await sleepUnlessAborted(backoff.nextMs(), signal);
      }
    }
    this.#committing = false;
    this.#options.onIdle();
  }
}
