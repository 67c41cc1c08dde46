/**
 * `thunder COMMAND [options]`: finds the command, reads its settings, runs it, and turns what it
 * throws into one line on standard error and an exit code. Data goes to standard output.
 */
import { version } from '#node/version.ts';
import { ThunderError } from '#runtime/errors.ts';
import { type ExitCode, exitCodeOf, exitCodeOfSignal, exitCodes } from '#runtime/exit-codes.ts';
import { readBoundedFile } from '#runtime/read-bounded-file.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { nearestName } from '#runtime/settings/nearest-name.ts';
import { hasFlag } from '#runtime/settings/parse-flags.ts';
import { printSettings } from '#runtime/settings/print-settings.ts';
import { acceptedNames } from '#runtime/settings/settings-table.ts';
import type { Command, CommandIo } from './command.ts';
import { commands } from './commands.ts';
import { commandHelp, programHelp } from './help.ts';

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(programHelp(commands));
    return name === undefined ? exitCodes.usage : exitCodes.ok;
  }
  if (name === '--version' || name === 'version') {
    process.stdout.write(`${version}\n`);
    return exitCodes.ok;
  }
  if (name === 'help') {
    return rest[0] === undefined ? main(['--help']) : main([rest[0], '--help']);
  }
  const command = commands.find((known) => known.name === name);
  if (command === undefined) {
    const names = commands.map((known) => known.name);
    const nearest = nearestName(name, names);
    process.stderr.write(
      `thunder: no command ${JSON.stringify(name.slice(0, 40))}${nearest === undefined ? '.' : `, did you mean ${nearest}?`} Commands: ${names.join(', ')}.\n`,
    );
    return exitCodes.usage;
  }
  if (hasFlag(rest, '--help', '-h')) {
    process.stdout.write(commandHelp(command, process.stdout.columns ?? 100));
    return exitCodes.ok;
  }
  return runCommand(command, rest);
}

async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  const loaded = loadSettings(command.settings, {
    argv,
    env: process.env,
    readFile: readBoundedFile,
    extraFlags: [
      { name: 'print-config', takesValue: false },
      // For commands that print nothing else.
      ...('output' in command.settings.settings ? [] : [{ name: 'output', takesValue: true }]),
    ],
    otherNames: commands.flatMap((other) => acceptedNames(other.settings.settings)),
  });
  if (loaded.extra.get('print-config') === 'true') {
    const { output = loaded.extra.get('output') } = loaded.values as { readonly output?: unknown };
    const isJson = output === 'json';
    process.stdout.write(printSettings(command.settings, loaded, isJson ? 'json' : 'text'));
    return exitCodes.ok;
  }
  const io: CommandIo = {
    stdout: process.stdout,
    stderr: process.stderr,
    signal: command.handlesSignals ? new AbortController().signal : endSignal(),
    isTty: process.stderr.isTTY,
    env: process.env,
  };
  return command.run(loaded.values, io);
}

/** Aborted by the first signal; a second one ends the process at once. */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        process.exit(exitCodeOfSignal(signal));
      }
      controller.abort(signal);
    });
  }
  return controller.signal;
}

/** What users can correct is one message; a bug shows where it happened. */
function report(error: unknown): ExitCode {
  const text =
    error instanceof ThunderError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`thunder: ${text}\n`);
  return exitCodeOf(error);
}

// A reader that has seen enough (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failure);
});

// Ends the process even where a library left a timer or a socket behind.
process.exit(await main(process.argv.slice(2)).catch(report));
