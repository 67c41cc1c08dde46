/**
 * A queue of keys: each waits once, none is worked on twice at a time, failing ones wait longer and
 * longer, and delayed ones come when they are due.
 */
import { type BackoffBounds, backoffMs, type Random } from './backoff.ts';
import { queueBackoff, queueKeysMax } from './limits.ts';
import type { KubeMetrics } from './metrics.ts';
import type { Clock, WorkQueue } from './ports.ts';

export interface WorkQueueOptions {
  /** Of its metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: KubeMetrics;
  readonly backoff?: BackoffBounds | undefined;
  /** Keys ready or delayed; one more throws. */
  readonly keysMax?: number | undefined;
}

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyQueue(options);
}

class KeyQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #keysMax: number;
  /** Ready keys in order, with the time since when. */
  readonly #ready = new Map<string, number>();
  /** With a worker, since when; `again` when it was added meanwhile. */
  readonly #working = new Map<string, { readonly sinceMs: number; again: boolean }>();
  readonly #delayed = new Map<string, { readonly dueMs: number; readonly cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #waiting: ((key: string | undefined) => void)[] = [];
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#keysMax = options.keysMax ?? queueKeysMax;
    const { metrics, name } = options;
    metrics.unfinishedSeconds.set(name, () =>
      this.#workingSeconds().reduce((sum, one) => sum + one, 0),
    );
    metrics.longestSeconds.set(name, () => Math.max(0, ...this.#workingSeconds()));
  }

  get depth(): number {
    return this.#ready.size;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    this.#cancelDelay(key);
    const working = this.#working.get(key);
    if (working !== undefined) {
      working.again = true;
      return;
    }
    if (this.#ready.has(key)) return;
    this.#assertRoom();
    const { metrics, name, clock } = this.#options;
    metrics.queueAdds.add(1, name);
    this.#ready.set(key, clock.monotonicMs());
    this.#handOut();
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#isStopped) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    // It gets its look sooner than that.
    if (this.#ready.has(key)) return;
    const { clock } = this.#options;
    const dueMs = clock.monotonicMs() + delayMs;
    const known = this.#delayed.get(key);
    if (known !== undefined && known.dueMs <= dueMs) return;
    this.#cancelDelay(key);
    this.#assertRoom();
    const cancel = clock.setTimer(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, cancel });
  }

  addRateLimited(key: string, atLeastMs = 0): void {
    const { backoff = queueBackoff, random, metrics, name } = this.#options;
    const failures = this.retries(key) + 1;
    this.#failures.set(key, failures);
    metrics.queueRetries.add(1, name);
    this.addAfter(key, Math.max(atLeastMs, backoffMs(backoff, failures, random)));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  retries(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  next(): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (this.#isStopped) {
        resolve(undefined);
        return;
      }
      this.#waiting.push(resolve);
      this.#handOut();
    });
  }

  done(key: string): void {
    const working = this.#working.get(key);
    if (working === undefined) {
      if (this.#isStopped) return;
      throw new Error(`the key ${key} is done, but nobody had it`);
    }
    this.#working.delete(key);
    const { clock, metrics, name } = this.#options;
    metrics.workSeconds.observe((clock.monotonicMs() - working.sinceMs) / 1000, name);
    if (working.again) this.add(key);
  }

  stop(): void {
    this.#isStopped = true;
    for (const key of this.#delayed.keys()) this.#cancelDelay(key);
    this.#ready.clear();
    this.#failures.clear();
    this.#working.clear();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    const { metrics, name } = this.#options;
    metrics.queueDepth.set(0, name);
    metrics.unfinishedSeconds.set(name, undefined);
    metrics.longestSeconds.set(name, undefined);
  }

  #workingSeconds(): number[] {
    const nowMs = this.#options.clock.monotonicMs();
    return Array.from(this.#working.values(), ({ sinceMs }) => (nowMs - sinceMs) / 1000);
  }

  #handOut(): void {
    const { clock, metrics, name } = this.#options;
    for (const [key, sinceMs] of this.#ready) {
      const resolve = this.#waiting.shift();
      if (resolve === undefined) break;
      this.#ready.delete(key);
      const nowMs = clock.monotonicMs();
      metrics.queueSeconds.observe((nowMs - sinceMs) / 1000, name);
      this.#working.set(key, { sinceMs: nowMs, again: false });
      resolve(key);
    }
    metrics.queueDepth.set(this.#ready.size, name);
  }

  #cancelDelay(key: string): void {
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
  }

  #assertRoom(): void {
    if (this.#ready.size + this.#delayed.size >= this.#keysMax) {
      throw new Error(`the queue ${this.#options.name} holds its ${this.#keysMax} keys already`);
    }
  }
}
