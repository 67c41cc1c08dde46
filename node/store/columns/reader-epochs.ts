/**
 * When memory that was taken out of use may be used again: once no reader is left that might have seen
 * what led there. The writer takes it out of use, notes the epoch and begins the next; a reader notes the
 * epoch it enters in, and notes that it has left. Whoever entered later cannot find the way any more.
 *
 * A reader enters for one query, and neither side waits for the other, unless the writer has no other
 * memory left (`waitFor`).
 */
import { control } from './control-words.ts';
import { lineWords, sharedWords } from './shared-words.ts';

/** Threads that may read at the same time. A cache line each. */
export const readersMax = 64;

const outside = 0;
/** How long the writer may wait for a query to end; one that takes longer will not end at all. */
const waitMsMax = 30_000;
const waitStepMs = 1;
/** How often a reader looks again whether it may enter, if nobody wakes it. */
const closedLookMs = 1_000;

export function createReaderWords(): Int32Array {
  return sharedWords(readersMax * lineWords);
}

/** Nobody wakes who waits on it. */
const pauseWord = new Int32Array(new SharedArrayBuffer(4));

/** The writer's side. */
export class ReaderEpochs {
  readonly #control: Int32Array;
  readonly #readers: Int32Array;

  constructor(controlWords: Int32Array, readerWords: Int32Array) {
    this.#control = controlWords;
    this.#readers = readerWords;
    this.#control[control.epoch] = 1;
  }

  /** After the last way to some memory is gone: answers the epoch that has to pass before it is used again. */
  retire(): number {
    return Atomics.add(this.#control, control.epoch, 1);
  }

  /** Whether every reader that entered in that epoch or before has left. */
  hasPassed(epoch: number): boolean {
    const readers = this.#readers;
    for (let at = 0; at < readers.length; at += lineWords) {
      const entered = Atomics.load(readers, at);
      if (entered !== outside && entered <= epoch) {
        return false;
      }
    }
    return true;
  }

  /** Runs `change` while no reader is inside. */
  alone(change: () => void): void {
    Atomics.store(this.#control, control.closed, 1);
    try {
      this.waitFor(this.retire());
      change();
    } finally {
      Atomics.store(this.#control, control.closed, 0);
      Atomics.notify(this.#control, control.closed);
    }
  }

  /** Waits until it has. Throws when a reader does not leave: it is stuck, and so would the writer be. */
  waitFor(epoch: number): void {
    for (let waited = 0; !this.hasPassed(epoch); waited += waitStepMs) {
      if (waited > waitMsMax) {
        throw new Error(`A query has held the store's memory for ${waitMsMax} ms`);
      }
      Atomics.wait(pauseWord, 0, 0, waitStepMs);
    }
  }
}

/** One reader's side. */
export class ReaderEpoch {
  readonly #control: Int32Array;
  readonly #readers: Int32Array;
  readonly #at: number;

  /** `reader` is below `readersMax` and no other thread's. */
  constructor(controlWords: Int32Array, readerWords: Int32Array, reader: number) {
    if (!(reader >= 0 && reader < readersMax)) {
      throw new RangeError(`There are ${readersMax} readers at most`);
    }
    this.#control = controlWords;
    this.#readers = readerWords;
    this.#at = reader * lineWords;
  }

  /** From here on nothing that can be found is used for something else. Waits while the store is emptied. */
  enter(): void {
    for (;;) {
      Atomics.store(this.#readers, this.#at, Atomics.load(this.#control, control.epoch));
      if (Atomics.load(this.#control, control.closed) === 0) {
        return;
      }
      this.leave();
      Atomics.wait(this.#control, control.closed, 1, closedLookMs);
    }
  }

  /** From here on nothing that was found may be looked at. */
  leave(): void {
    Atomics.store(this.#readers, this.#at, outside);
  }
}
