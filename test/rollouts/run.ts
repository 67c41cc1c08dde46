/**
 * `npm run test:rollouts`: fleets with their operators live through random interleavings of edits,
 * faults, losses and deaths on a real API server. Progress goes to standard error, one line of JSON to
 * standard output; exit code 1 when something is found.
 */
import { randomInt } from 'node:crypto';
import { exitCodes } from '#runtime/exit-codes.ts';
import { boolean, integer, number } from '#runtime/settings/setting.ts';
import { defineSettings, type ValuesOf } from '#runtime/settings/settings-table.ts';
import { whyNoControlPlane } from '#test/components/control-plane/control-plane.ts';
import { randomSeedMax, runSettingsProgram } from '#test/settings-program.ts';
import { groupsAtOnceDefault, runRollouts, runsDefault } from './run-rollouts.ts';

const settings = defineSettings({
  seed: integer({
    min: 0,
    max: 2 ** 52,
    optional: true,
    description:
      'Seed of the first interleaving; each that follows has the next number. Default: random.',
  }),
  runs: integer({
    min: 1,
    max: 1_000_000,
    optional: true,
    unit: 'interleavings',
    description: `How many. Default: ${runsDefault}, or no limit when --minutes is given.`,
  }),
  minutes: number({
    min: 0,
    max: 7 * 24 * 60,
    unit: 'minutes',
    optional: true,
    description: 'None is started after so long. Default: no limit.',
  }),
  atOnce: integer({
    min: 1,
    max: 50,
    default: groupsAtOnceDefault,
    unit: 'groups',
    description: 'How many go on at the same time; the fleets of a group share an operator.',
  }),
  verbose: boolean({
    default: false,
    description: 'Tell what happened, also where all was well.',
  }),
});

async function run(values: ValuesOf<(typeof settings)['settings']>): Promise<number> {
  const { minutes, atOnce, verbose, seed = randomInt(randomSeedMax) } = values;
  const missing = await whyNoControlPlane({ own: true });
  if (missing !== undefined) {
    process.stderr.write(`test:rollouts: ${missing}\n`);
    return exitCodes.dependency;
  }
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stopping.abort());
  }
  const startedMs = performance.now();
  const say = (text: string): void => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(7);
    process.stderr.write(`[${seconds} s] ${text}\n`);
  };
  say(`seed ${seed}`);
  const totals = await runRollouts({
    ...{ seed, atOnce, verbose, say, signal: stopping.signal },
    runs: values.runs ?? (minutes === undefined ? runsDefault : Number.POSITIVE_INFINITY),
    minutes: minutes ?? Number.POSITIVE_INFINITY,
  });
  process.stdout.write(`${JSON.stringify({ seed, ...totals })}\n`);
  return totals.failedSeeds.length === 0 ? exitCodes.ok : exitCodes.failure;
}

await runSettingsProgram({
  name: 'test:rollouts',
  about: [
    'Fleets on a real API server, each with an operator and a seed of its own, live through edits,',
    'pods that fail, faults of the API server and deaths of the operator between any two writes.',
    'Judged: no roll takes more pods than it may (criterion 1), the last caught-up pod stays',
    '(criterion 2), in the end each fleet is what its last spec says, and then nothing is written',
    '(criterion 6).',
  ],
  closing: [
    'Exit codes: 0 all was well, 1 a violation was seen, 2 wrong options, 4 no Kubernetes can run here.',
    '',
  ],
  settings,
  run,
});
