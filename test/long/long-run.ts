/**
 * What the long run rotates through.
 */
import type { Step } from '../oracle/seeded-checks.ts';

export interface LongRun {
  /** As `--only` has it. */
  readonly name: string;
  /** What holds as long as it does not fail, in one line. */
  readonly shows: string;
  /** What a step checks, in the plural. */
  readonly unit: string;
  /** Steps of a round: some ten seconds, up to a minute, so that all come round soon. */
  readonly stepsPerRound: number;
  /**
   * Makes up to `steps` steps that follow from `seed` alone, tells `step` after each how many were
   * made, and ends when it answers false. Throws, or rejects, at the first step that is wrong.
   */
  round(seed: number, steps: number, step: Step): unknown;
}
