/**
 * Lets the long runs take turns until the time is up, each round with a seed of its own, and says how
 * a failure is replayed.
 */
import { inspect } from 'node:util';
import type { Clock } from '#runtime/clock.ts';
import type { LongRun } from './long-run.ts';

export interface RotateOptions {
  /** Of the first round; each that follows has the next number. */
  readonly seed: number;
  readonly minutes: number;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}

const progressMs = 5_000;
/** Characters of an error that are shown: two answers that differ are long. */
const errorCharactersMax = 20_000;

/**
 * Whether all was well. Every run has one round of at least one step, however little time there is; none
 * takes more than its share of the time in one round.
 */
export async function rotate(
  runs: readonly LongRun[],
  { seed, minutes, clock, write }: RotateOptions,
): Promise<boolean> {
  const startMs = clock.monotonicMs();
  const endMs = startMs + minutes * 60_000;
  const shareMs = (endMs - startMs) / runs.length;
  const totals = new Map(runs.map((run) => [run, { rounds: 0, steps: 0 }]));
  for (let round = 0; round < runs.length || clock.monotonicMs() < endMs; round += 1) {
    const run = runs[round % runs.length]!;
    const roundSeed = seed + round;
    const total = totals.get(run)!;
    const roundEndMs = Math.min(endMs, clock.monotonicMs() + shareMs);
    write(`${run.name}: round ${round + 1}, seed ${roundSeed}`);
    const saysWhen = progressLine(run, clock, write);
    let steps = 0;
    try {
      await run.round(roundSeed, run.stepsPerRound, (done) => {
        steps = done;
        saysWhen(done);
        return clock.monotonicMs() < roundEndMs;
      });
    } catch (error) {
      write(inspect(error).slice(0, errorCharactersMax));
      write(`${run.name}: failed after ${steps} ${run.unit} of round ${round + 1}`);
      write(
        `To replay it: npm run test:long -- --only ${run.name} --seed ${roundSeed} --minutes ${minutes}`,
      );
      return false;
    }
    total.rounds += 1;
    total.steps += steps;
  }
  for (const [run, { rounds, steps }] of totals) {
    write(`${run.name}: ${steps} ${run.unit} in ${rounds} rounds: ${run.shows}`);
  }
  return true;
}

/** Says now and then how far a round is. */
function progressLine(
  run: LongRun,
  clock: Clock,
  write: (line: string) => void,
): (done: number) => void {
  let saidMs = clock.monotonicMs();
  return (done) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < progressMs) return;
    saidMs = nowMs;
    write(`${run.name}: ${done} of ${run.stepsPerRound} ${run.unit}`);
  };
}
