/**
 * `npm run test:long`: what `npm test` shows in seconds, shown for as long as one likes, on other
 * inputs in every run. Exit code 1 when something is found.
 */
import { randomInt } from 'node:crypto';
import { systemClock } from '#runtime/clock.ts';
import { exitCodes } from '#runtime/exit-codes.ts';
import { integer, number, oneOf } from '#runtime/settings/setting.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import { randomSeedMax, runSettingsProgram } from '#test/settings-program.ts';
import { longRuns } from './long-runs.ts';
import { rotate } from './rotate.ts';

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

const width = Math.max(...longRuns.map(({ name }) => name.length));

await runSettingsProgram({
  name: 'test:long',
  about: longRuns.map(({ name, shows }) => `  ${name.padEnd(width)}  ${shows}`),
  settings,
  async run({ seed = randomInt(randomSeedMax), minutes, only }) {
    const isWell = await rotate(
      longRuns.filter(({ name }) => only === undefined || name === only),
      { seed, minutes, clock: systemClock, write: (line) => process.stderr.write(`${line}\n`) },
    );
    return isWell ? exitCodes.ok : exitCodes.failure;
  },
});
