/**
 * Outputs on their way, cut into batches: each knows the input positions that are done once it is
 * acknowledged. Batches leave in the order they were filled, so acknowledging one in turn vouches
 * for every input record before it (T2). No clock, no promises.
 */
import type { TransformLimits } from './transform-limits.ts';
import type { OutputRecord } from './transform-ports.ts';

export interface OutputBatch {
  readonly events: OutputRecord[];
  readonly deadLetters: OutputRecord[];
  /** Input partition -> next offset, once all of this batch and of those before it are acknowledged. */
  readonly positions: Map<number, number>;
  bytes: number;
}

export class OutputQueue {
  readonly #limits: TransformLimits;
  readonly #full: OutputBatch[] = [];
  #open: OutputBatch = emptyBatch();

  constructor(limits: TransformLimits) {
    this.#limits = limits;
  }

  /** Whether the input should wait: as many full batches as may queue are there. */
  get isFull(): boolean {
    return this.#full.length >= this.#limits.queuedBatchesMax;
  }

  get hasFullBatch(): boolean {
    return this.#full.length > 0;
  }

  get isEmpty(): boolean {
    return this.#full.length === 0 && this.#open.positions.size === 0;
  }

  /**
   * Appends all that one input record makes, and says that the partition is done up to
   * `nextOffset` with it. Cuts the batch before, when this would overfill it.
   */
  append(
    event: OutputRecord | null,
    deadLetter: OutputRecord | null,
    partition: number,
    nextOffset: number,
  ): void {
    const bytes = sizeOf(event) + sizeOf(deadLetter);
    const open = this.#open;
    const records = open.events.length + open.deadLetters.length;
    if (
      records > 0 &&
      bytes > 0 &&
      (records >= this.#limits.batchRecordsMax || open.bytes + bytes > this.#limits.batchBytesMax)
    ) {
      this.#full.push(open);
      this.#open = emptyBatch();
    }
    if (event !== null) {
      this.#open.events.push(event);
    }
    if (deadLetter !== null) {
      this.#open.deadLetters.push(deadLetter);
    }
    this.#open.bytes += bytes;
    this.#open.positions.set(partition, nextOffset);
  }

  /** Says that the partition is done up to `nextOffset`, without an output of its own. */
  advance(partition: number, nextOffset: number): void {
    this.#open.positions.set(partition, nextOffset);
  }

  /** The oldest full batch; with `partial`, also the one still being filled. Null when there is none. */
  take(partial: boolean): OutputBatch | null {
    const full = this.#full.shift();
    if (full !== undefined) {
      return full;
    }
    if (!partial || this.#open.positions.size === 0) {
      return null;
    }
    const open = this.#open;
    this.#open = emptyBatch();
    return open;
  }
}

function emptyBatch(): OutputBatch {
  return { events: [], deadLetters: [], positions: new Map(), bytes: 0 };
}

function sizeOf(record: OutputRecord | null): number {
  return record === null ? 0 : (record.key?.byteLength ?? 0) + (record.value?.byteLength ?? 0);
}
