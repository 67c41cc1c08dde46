/**
 * The table of long runs. Another is added here, and `npm run test:long` takes it into its round.
 */
import { fuzzRequests } from '#proto/wire/read-request-fuzz.suite.ts';
import { runEqualAnswers } from '../oracle/equal-answers.ts';
import { runPermutations } from '../oracle/permutations.ts';
import { runTurnovers } from '../oracle/turnover.ts';
import { stressSeconds } from '../stress/stress-seconds.ts';
import type { LongRun } from './long-run.ts';

export const longRuns: readonly LongRun[] = [
  {
    name: 'equal-answers',
    shows: 'the columnar store and query answer byte for byte what the simple ones do',
    unit: 'states',
    stepsPerRound: 2_000,
    round: runEqualAnswers,
  },
  {
    name: 'permutations',
    shows: 'events in any order and repeated give the same answers and hashes (P1)',
    unit: 'states',
    stepsPerRound: 2_000,
    round: runPermutations,
  },
  {
    name: 'request-fuzz',
    shows: 'hostile requests are refused or read as the generated code does',
    unit: 'requests',
    stepsPerRound: 1_000_000,
    round: fuzzRequests,
  },
  {
    name: 'turnover',
    shows: 'a store that turns over stays as large as it was, and answers as the simple one does',
    unit: 'turnovers',
    stepsPerRound: 60,
    round: runTurnovers,
  },
  {
    name: 'stress',
    shows: 'threads that ask while another writes see no torn, reused, deleted or missing post',
    unit: 'seconds',
    stepsPerRound: 60,
    round: stressSeconds,
  },
];
