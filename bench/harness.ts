/**
 * Measuring side by side: contestants take turns in rounds, so that a machine that slows down slows
 * all of them, and medians over the rounds leave out its hiccups. What is compared was measured in
 * the same run, or it is not compared.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { quantile } from '#runtime/latency-window.ts';
import type { BenchIo } from './bench.ts';

/** Rounds before the measured ones, for the compiler and the caches. */
const warmUpRounds = 1;

/**
 * Lets every contestant take a turn a round and answers its results by round, without those of the
 * warm-up. Who begins moves on with every round. The garbage of one turn is collected before the
 * next, outside of it. Rejects when the signal aborts or a turn fails.
 */
export async function interleave<Name extends string, Result>(
  contestants: Readonly<Record<Name, () => Result | Promise<Result>>>,
  rounds: number,
  io: BenchIo,
): Promise<Readonly<Record<Name, readonly Result[]>>> {
  const names = Object.keys(contestants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Result[]
  >;
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + warmUpRounds + turn) % names.length] as Name;
      io.signal.throwIfAborted();
      collectGarbage();
      const result = await contestants[name]();
      if (round >= 0) results[name].push(result);
    }
    io.progress(round < 0 ? 'warmed up' : `round ${round + 1} of ${rounds}`);
  }
  return results;
}

/** What `work` took, milliseconds. */
export function elapsedMs(work: () => void): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

/** What this thread ran since `process.threadCpuUsage()` answered `started`, milliseconds. */
export function cpuMsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1_000;
}

/** NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The smallest value that at least `fraction` of the values do not exceed. */
export function percentile(values: readonly number[], fraction: number): number {
  return quantile(
    values.toSorted((one, other) => one - other),
    fraction,
  );
}

let collect: (() => void) | undefined;

/** A full collection, whatever flags the process was started with. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
