/**
 * What every contestant of `query` answers, each in a process of its own: it is filled once, asked
 * what it answers, and then asked over and over while it keeps the time.
 */
import { cpuMsSince } from './harness.ts';

export type ContestantQuestion<Fill> =
  | { readonly kind: 'fill'; readonly fill: Fill }
  /** The encoded requests of the turns that follow. */
  | { readonly kind: 'requests'; readonly requests: readonly Uint8Array[] }
  /** The answers to the first so many. */
  | { readonly kind: 'answers'; readonly count: number }
  /** Goes through the requests from where the last turn ended: once, or until the time is up. */
  | { readonly kind: 'turn'; readonly turnMs: number };

export type ContestantAnswer =
  | { readonly kind: 'filled' }
  | { readonly kind: 'bodies'; readonly bodies: readonly Uint8Array[]; readonly posts: number }
  | { readonly kind: 'turn'; readonly latenciesMs: Float64Array; readonly cpuMs: number };

/** Latencies of a turn. */
export class TurnClock {
  readonly #latenciesMs: number[] = [];
  readonly #startedMs = performance.now();
  readonly #cpuStarted = process.threadCpuUsage();
  #askedMs = this.#startedMs;

  /** Whether there is time for another. */
  isUp(turnMs: number): boolean {
    return this.#askedMs - this.#startedMs >= turnMs;
  }

  ask(): void {
    this.#askedMs = performance.now();
  }

  answered(): void {
    this.#latenciesMs.push(performance.now() - this.#askedMs);
  }

  result(): ContestantAnswer {
    return {
      kind: 'turn',
      latenciesMs: Float64Array.from(this.#latenciesMs),
      cpuMs: cpuMsSince(this.#cpuStarted),
    };
  }
}
