/**
 * A stress run counted in seconds, for the long run: age and room end the time of posts in turns.
 */
import type { Step } from '../oracle/seeded-checks.ts';
import { runStress } from './stress.ts';

/** Of threads that ask: more than there are processors to spare, so that they are stopped anywhere. */
const readers = 2;

export async function stressSeconds(seed: number, seconds: number, step: Step): Promise<void> {
  const startMs = performance.now();
  let isOver = false;
  const look = (): boolean => {
    isOver ||= !step(Math.min(seconds, Math.floor((performance.now() - startMs) / 1000)));
    return isOver;
  };
  for (const boundBy of ['age', 'room'] as const) {
    if (!isOver) await runStress({ seed, seconds: seconds / 2, readers, boundBy }, look);
  }
}
