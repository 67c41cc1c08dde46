/**
 * `npm run test:long`: what `npm test` shows in seconds, shown for as long as one likes, on other
 * inputs in every run. Exit code 1 when something is found.
 */
import { randomInt } from 'node:crypto';
import { systemClock } from '#runtime/clock.ts';
import { ThunderError } from '#runtime/errors.ts';
import { exitCodeOf, exitCodes } from '#runtime/exit-codes.ts';
import { readBoundedFile } from '#runtime/read-bounded-file.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { hasFlag } from '#runtime/settings/parse-flags.ts';
import { integer, number, oneOf } from '#runtime/settings/setting.ts';
import { settingsHelp } from '#runtime/settings/settings-docs.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import { longRuns } from './long-runs.ts';
import { rotate } from './rotate.ts';

const helpColumnsMax = 100;
/** A random seed is below this, so that the seeds of later rounds are whole numbers, too. */
const randomSeedMax = 2 ** 31;

const settings = defineSettings({
  seed: integer({
    min: 0,
    max: 2 ** 52,
    optional: true,
    description: 'Seed of the first round; each that follows has the next number. Default: random.',
  }),
  minutes: number({
    min: 0,
    max: 7 * 24 * 60,
    unit: 'minutes',
    default: 10,
    description: 'How long. Every run has a round of at least one step, and at most its share.',
  }),
  only: oneOf(
    longRuns.map((run) => run.name),
    { optional: true, description: 'Only this run.' },
  ),
});

async function main(argv: readonly string[]): Promise<number> {
  if (hasFlag(argv, '--help', '-h')) {
    process.stdout.write(help());
    return exitCodes.ok;
  }
  // A run says everything in its command line, so that the line repeats it.
  const { values } = loadSettings(settings, { argv, env: {}, readFile: readBoundedFile });
  const runs = longRuns.filter(({ name }) => values.only === undefined || name === values.only);
  const isWell = await rotate(runs, {
    seed: values.seed ?? randomInt(randomSeedMax),
    minutes: values.minutes,
    clock: systemClock,
    write: (line) => process.stderr.write(`${line}\n`),
  });
  return isWell ? exitCodes.ok : exitCodes.failure;
}

function help(): string {
  const width = Math.max(...longRuns.map(({ name }) => name.length));
  return [
    'Usage: npm run test:long -- [options]',
    '',
    ...longRuns.map(({ name, shows }) => `  ${name.padEnd(width)}  ${shows}`),
    '',
    settingsHelp(settings, Math.min(process.stdout.columns ?? helpColumnsMax, helpColumnsMax)),
    'Also:',
    '  --help, -h',
    '',
  ].join('\n');
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(
    `test:long: ${error instanceof ThunderError ? error.message : String(error)}\n`,
  );
  return exitCodeOf(error);
});
