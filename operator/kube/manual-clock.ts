/** A clock that stands still until a test moves it. */
import type { Clock } from './ports.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** As many promises as anything here waits for in a row before it sets a timer. */
const turnsDefault = 30;

export class ManualClock implements Clock {
  #monotonicMs = 1_000;
  readonly #startMs: number;
  readonly #timers = new Set<Timer>();

  /** `startMs` is the wall time at the beginning. */
  constructor(startMs = 1_700_000_000_000) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Calls the timers that fall due on the way, in order, each at its time. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#monotonicMs + byMs;
    await settle();
    for (let timer = this.#next(untilMs); timer !== undefined; timer = this.#next(untilMs)) {
      this.#timers.delete(timer);
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs);
      timer.callback();
      await settle();
    }
    this.#monotonicMs = untilMs;
  }

  #next(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (first === undefined || timer.dueMs < first.dueMs)) {
        first = timer;
      }
    }
    return first;
  }
}

/** Lets everything that only waits for promises have its turn. */
export async function settle(turns = turnsDefault): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await Promise.resolve();
  }
}
