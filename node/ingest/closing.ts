/**
 * The end of something, for whoever must not outwait it. Unlike a race against one promise that is
 * pending for days, waiting leaves nothing behind.
 */
import { setTimeout as pause } from 'node:timers/promises';

export class Closing {
  readonly #controller = new AbortController();
  readonly #waiting = new Set<() => void>();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isClosed(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Ends every wait. Idempotent. */
  close(): void {
    this.#controller.abort();
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Settles with `work`, or resolves when this is closed. */
  async or(work: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.isClosed) resolve();
    this.#waiting.add(resolve);
    try {
      await Promise.race([work, promise]);
    } finally {
      this.#waiting.delete(resolve);
    }
  }

  /** Resolves after so long, or early when this is closed or `early` resolves. */
  async pause(durationMs: number, early?: Promise<void>): Promise<void> {
    const limit = new AbortController();
    const timer = pause(durationMs, undefined, { signal: limit.signal }).catch(() => undefined);
    await this.or(early === undefined ? timer : Promise.race([timer, early]));
    limit.abort();
  }
}
