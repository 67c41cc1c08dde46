/**
 * Many random checks made from one seed: the same seed, the same checks, on any machine.
 */
import { Random } from '#cli/generator/random.ts';

/** Told after each check how many were done; false ends the run. */
export type Step = (done: number) => boolean;

/**
 * Calls `check` with up to `count` seeds and returns the sum of what it answers. What it throws is
 * thrown on with the seeds that lead there.
 */
export function checkSeeds(
  seed: number,
  count: number,
  check: (checkSeed: number) => number,
  step: Step = () => true,
): number {
  const random = new Random(seed);
  let sum = 0;
  for (let index = 0; index < count; index += 1) {
    const checkSeed = random.next32();
    try {
      sum += check(checkSeed);
    } catch (cause) {
      throw new Error(`check ${index} of seed ${seed} (its own: ${checkSeed})`, { cause });
    }
    if (!step(index + 1)) break;
  }
  return sum;
}
