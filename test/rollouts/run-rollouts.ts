/**
 * Many interleavings, each with the next seed, in groups of which several go on at a time. A control plane serves so many and
 * is then replaced, so that a run of hours is as light as one of minutes.
 */

import { type GroupOutcome, type Outcome, runGroup } from './group.ts';
import { Host } from './host.ts';

export const runsDefault = 200;
/** Fleets that share an operator. */
const groupSize = 8;
export const groupsAtOnceDefault = 9;
const runsPerHost = 400;
/** Between two lines of progress. */
const tellMs = 10_000;

export interface RolloutRuns {
  /** Of the first interleaving. */
  readonly seed: number;
  /** Interleavings; no bound when the time is the bound. */
  readonly runs: number;
  /** None is started after so long. */
  readonly minutes: number;
  /** Groups. */
  readonly atOnce: number;
  /** What happened, also where all was well. */
  readonly verbose?: boolean;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface RolloutTotals {
  readonly interleavings: number;
  readonly failedSeeds: readonly number[];
  readonly events: Readonly<Record<string, number>>;
  readonly removals: number;
  readonly strictRemovals: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export async function runRollouts(options: RolloutRuns): Promise<RolloutTotals> {
  const startedMs = performance.now();
  const totals = new Totals();
  let next = 0;
  const goesOn = (): boolean =>
    next < options.runs &&
    performance.now() - startedMs < options.minutes * 60_000 &&
    options.signal?.aborted !== true;
  while (goesOn()) {
    const host = await Host.start();
    const end = Math.min(options.runs, next + runsPerHost);
    const tell = setInterval(() => options.say(totals.progress(options.runs)), tellMs);
    try {
      const work = async (): Promise<void> => {
        while (next < end && goesOn()) {
          const begin = next;
          next = Math.min(end, begin + groupSize);
          const seeds = Array.from({ length: next - begin }, (_, at) => options.seed + begin + at);
          totals.add(await runGroup(host, seeds), options);
        }
      };
      const done = await Promise.allSettled(Array.from({ length: options.atOnce }, work));
      for (const each of done) if (each.status === 'rejected') throw each.reason;
    } finally {
      clearInterval(tell);
      await host.stop();
    }
  }
  return totals.result((performance.now() - startedMs) / 1_000);
}

/** The line that repeats one, or a group. */
export function replayLine(seed: number, runs = 1): string {
  return `npm run test:rollouts -- --seed ${seed} --runs ${runs}`;
}

class Totals {
  readonly #failed: number[] = [];
  readonly #events: Record<string, number> = {};
  #done = 0;
  #removals = 0;
  #strict = 0;

  add({ interleavings, events }: GroupOutcome, options: RolloutRuns): void {
    this.#count(events);
    const failed = interleavings.filter(({ violations }) => violations.length > 0);
    for (const outcome of interleavings) this.#addOne(outcome, options);
    if (failed.length > 0 && interleavings.length > 1) {
      const seed = interleavings[0]?.seed ?? 0;
      options.say(`the group: ${replayLine(seed, interleavings.length)}`);
    }
  }

  #addOne(outcome: Outcome, { say, verbose = false }: RolloutRuns): void {
    const { seed, violations, history } = outcome;
    this.#done += 1;
    this.#removals += outcome.removals;
    this.#strict += outcome.strictRemovals;
    this.#count(outcome.events);
    if (violations.length > 0 || verbose) for (const line of history) say(`  ${seed}: ${line}`);
    for (const violation of violations) say(`seed ${seed}: VIOLATION: ${violation}`);
    if (violations.length === 0) return;
    this.#failed.push(seed);
    say(`again: ${replayLine(seed)}`);
  }

  #count(events: Readonly<Record<string, number>>): void {
    for (const [what, times] of Object.entries(events)) {
      this.#events[what] = (this.#events[what] ?? 0) + times;
    }
  }

  progress(runs: number): string {
    const of = Number.isFinite(runs) ? ` of ${runs}` : '';
    return `${this.#done}${of} interleavings, ${this.#failed.length} with violations`;
  }

  result(seconds: number): RolloutTotals {
    const events = Object.entries(this.#events).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      interleavings: this.#done,
      failedSeeds: this.#failed,
      events: Object.fromEntries(events),
      removals: this.#removals,
      strictRemovals: this.#strict,
      seconds: Math.round(seconds),
      cpuSeconds: Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1e6),
    };
  }
}
