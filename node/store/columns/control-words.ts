/**
 * The few words that the writer and the readers of the columns share besides the columns themselves. Those
 * that only the writer writes come first; each that readers write has a cache line of its own.
 */
import { lineWords, sharedWords } from './shared-words.ts';

/** Places in the control words. */
export const control: {
  readonly head: 0;
  readonly tail: 1;
  readonly epoch: 2;
  readonly tombstones: 3;
  readonly holds: 16;
  readonly closed: 32;
} = {
  /** Slab address behind the newest record. */
  head: 0,
  /** Slab address of the oldest record that is kept. */
  tail: 1,
  /** Grows whenever memory is taken out of use (see reader-epochs.ts). */
  epoch: 2,
  /** Version of the table of tombstones: odd while it changes. */
  tombstones: 3,
  /** Readers that ask the writer to wait (see line-versions.ts). */
  holds: 16,
  /** 1 while nobody may enter, because everything is being emptied. */
  closed: 32,
};

export function createControlWords(): Int32Array {
  return sharedWords(3 * lineWords);
}

/**
 * A fence for plain loads and stores of shared memory: none passes it, in either direction. An atomic
 * exchange on memory of one's own is one on x86-64, and on AArch64 with its atomic instructions; and no
 * compiler keeps a value across it.
 */
export class Fence {
  readonly #word = new Int32Array(new SharedArrayBuffer(4));

  pass(): void {
    Atomics.exchange(this.#word, 0, 0);
  }
}
