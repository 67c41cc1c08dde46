/**
 * How a reader gets an author's line, and the block behind it, as they were at one moment. Each change
 * of a line raises a version before and after, so it is odd while the line changes. A reader notes the
 * version, a fence, copies, a fence, and looks again: if the version is another or odd, the copy is
 * thrown away and made anew. Lines share versions, which costs a copy made in vain now and then.
 *
 * A reader that keeps on failing, because its author posts faster than it can copy, makes the writer wait
 * before the next change, and then cannot fail.
 */
import { control, Fence } from './control-words.ts';
import { lineWords, sharedWords } from './shared-words.ts';

const versions = 4_096;
/** The writer goes on after this long even if a reader never lets go: it then makes its copy anew. */
const heldMsMax = 100;
/** Copies that may fail before the writer has to wait. */
const failuresMax = 16;

export function createVersionWords(): Int32Array {
  return sharedWords(versions);
}

/** Place of the version of the line that begins at a word. */
function placeOf(row: number): number {
  return (row / lineWords) & (versions - 1);
}

/** The writer's side. */
export class LineVersions {
  readonly #words: Int32Array;
  readonly #control: Int32Array;

  constructor(words: Int32Array, controlWords: Int32Array) {
    this.#words = words;
    this.#control = controlWords;
  }

  /** Before the line that begins at a word is changed. */
  begin(row: number): void {
    const holders = this.#control[control.holds]!;
    if (holders !== 0) {
      Atomics.wait(this.#control, control.holds, holders, heldMsMax);
    }
    Atomics.add(this.#words, placeOf(row), 1);
  }

  /** After it. */
  end(row: number): void {
    Atomics.add(this.#words, placeOf(row), 1);
  }
}

/** A reader's side. */
export class LineCopying {
  readonly fence: Fence = new Fence();
  readonly #words: Int32Array;
  readonly #control: Int32Array;
  /** Copies that failed one after the other. */
  #failures = 0;
  #isHolding = false;

  constructor(words: Int32Array, controlWords: Int32Array) {
    this.#words = words;
    this.#control = controlWords;
  }

  /** The version of the line that begins at a word. Good for nothing without a fence behind it. */
  versionOf(row: number): number {
    return this.#words[placeOf(row)]!;
  }

  /** Before a line is copied: its version. */
  begin(row: number): number {
    const version = this.versionOf(row);
    this.fence.pass();
    return version;
  }

  /**
   * After it was: whether the copy is good. If not, it has to be tried again, until it is. With `isAll`
   * nothing else of the line has to be read at the same version, and the writer need not wait any more.
   */
  isUnchanged(row: number, version: number, isAll: boolean): boolean {
    this.fence.pass();
    const isGood = (version & 1) === 0 && version === this.versionOf(row);
    if (isGood) {
      if (isAll) this.letGo();
    } else {
      this.#failures += 1;
      if (this.#failures === failuresMax) {
        this.#isHolding = true;
        Atomics.add(this.#control, control.holds, 1);
      }
    }
    return isGood;
  }

  /** The writer need not wait any more, if it had to. */
  letGo(): void {
    this.#failures = 0;
    if (this.#isHolding) {
      this.#isHolding = false;
      Atomics.sub(this.#control, control.holds, 1);
      Atomics.notify(this.#control, control.holds);
    }
  }
}
