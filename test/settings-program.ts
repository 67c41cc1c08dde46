/** A program of the tests whose options are a table of settings: its help, its mistakes, its end. */
import { ThunderError } from '#runtime/errors.ts';
import { exitCodeOf } from '#runtime/exit-codes.ts';
import { readBoundedFile } from '#runtime/read-bounded-file.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { hasFlag } from '#runtime/settings/parse-flags.ts';
import { settingsHelp } from '#runtime/settings/settings-docs.ts';
import type { SettingsRecord, SettingsTable, ValuesOf } from '#runtime/settings/settings-table.ts';

const helpColumnsMax = 100;
/** A random seed is below this, so that the seeds of what follows are whole numbers, too. */
export const randomSeedMax: number = 2 ** 31;

export interface SettingsProgram<S extends SettingsRecord> {
  /** As in `npm run …`. */
  readonly name: string;
  /** Lines of the help before the options, and after them. */
  readonly about: readonly string[];
  readonly closing?: readonly string[];
  readonly settings: SettingsTable<S>;
  /** Answers the exit code. */
  run(values: ValuesOf<S>): Promise<number>;
}

/** Runs it with the options of this process, and sets the exit code. */
export async function runSettingsProgram<S extends SettingsRecord>(
  program: SettingsProgram<S>,
): Promise<void> {
  const { name, settings } = program;
  const argv = process.argv.slice(2);
  try {
    if (hasFlag(argv, '--help', '-h')) {
      process.stdout.write(helpOf(program));
      return;
    }
    // A run says everything in its command line, so that the line repeats it.
    const { values } = loadSettings(settings, { argv, env: {}, readFile: readBoundedFile });
    process.exitCode = await program.run(values);
  } catch (error) {
    const message = error instanceof ThunderError ? error.message : String(error);
    process.stderr.write(`${name}: ${message}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

function helpOf<S extends SettingsRecord>(program: SettingsProgram<S>): string {
  const { name, about, closing = [], settings } = program;
  return [
    `Usage: npm run ${name} -- [options]`,
    '',
    ...about,
    '',
    settingsHelp(settings, Math.min(process.stdout.columns ?? helpColumnsMax, helpColumnsMax)),
    'Also:',
    '  --help, -h',
    '',
    ...closing,
  ].join('\n');
}
