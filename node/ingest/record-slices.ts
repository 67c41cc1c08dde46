/**
 * Applies records without keeping the event loop to itself: so many in each of its turns, whether they
 * come in one delivery or in a thousand, and of the deliveries that wait for more one in each turn.
 */
import type { Clock } from '#runtime/clock.ts';
import { sliceClockRecords, sliceMsMax, sliceRecordsMax } from './ingest-limits.ts';

export class RecordSlices {
  readonly #clock: Clock;
  #turn: Promise<void> = Promise.resolve();
  /** Of this turn of the event loop; a new one begins with the first record after it. */
  #hasBegun = false;
  #recordsLeft = 0;
  #untilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Applies records from index `from` on until the turn's share is used up; answers the index after
   * the last, which may be `from`.
   */
  apply(count: number, from: number, applyOne: (index: number) => void): number {
    if (!this.#hasBegun) this.#begin();
    const end = Math.min(count, from + this.#recordsLeft);
    let index = from;
    while (index < end) {
      applyOne(index);
      index += 1;
      const readClock = (index - from) % sliceClockRecords === 0;
      if (readClock && this.#clock.monotonicMs() >= this.#untilMs) {
        this.#recordsLeft = 0;
        return index;
      }
    }
    this.#recordsLeft -= index - from;
    return index;
  }

  /** Nothing more is applied in this turn. */
  get isUsedUp(): boolean {
    return this.#hasBegun && this.#recordsLeft === 0;
  }

  /** Resolves in a turn of the event loop that no other caller shares. */
  nextTurn(): Promise<void> {
    this.#turn = this.#turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#turn;
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#recordsLeft = sliceRecordsMax;
    this.#untilMs = this.#clock.monotonicMs() + sliceMsMax;
    setImmediate(() => {
      this.#hasBegun = false;
    });
  }
}
