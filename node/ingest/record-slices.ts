/**
 * Applies batches without keeping the event loop to itself: a slice of a batch at a time, and of all
 * the batches that wait for their next slice one in each turn of the loop.
 */
import type { Clock } from '#runtime/clock.ts';
import { sliceClockRecords, sliceMsMax, sliceRecordsMax } from './ingest-limits.ts';

export class RecordSlices {
  readonly #clock: Clock;
  #turn: Promise<void> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Applies records from index `from` on until the slice is used up; answers the index after the last. */
  apply(count: number, from: number, applyOne: (index: number) => void): number {
    const untilMs = this.#clock.monotonicMs() + sliceMsMax;
    const end = Math.min(count, from + sliceRecordsMax);
    let index = from;
    while (index < end) {
      applyOne(index);
      index += 1;
      const readClock = (index - from) % sliceClockRecords === 0;
      if (readClock && this.#clock.monotonicMs() >= untilMs) break;
    }
    return index;
  }

  /** Resolves in a turn of the event loop that no other caller shares. */
  nextTurn(): Promise<void> {
    this.#turn = this.#turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#turn;
  }
}
