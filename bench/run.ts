/**
 * `npm run bench -- NAME [--json] [options]`: runs one bench and prints its rows. Progress goes to
 * standard error. Without a name: the list of benches.
 */
import { styleOf } from '#cli/output/style.ts';
import { formatTable } from '#cli/output/table.ts';
import { ThunderError } from '#runtime/errors.ts';
import { exitCodeOf, exitCodeOfSignal, exitCodes } from '#runtime/exit-codes.ts';
import { readBoundedFile } from '#runtime/read-bounded-file.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { nearestName } from '#runtime/settings/nearest-name.ts';
import { hasFlag } from '#runtime/settings/parse-flags.ts';
import { settingsHelp } from '#runtime/settings/settings-docs.ts';
import type { Bench } from './bench.ts';
import { benches } from './benches.ts';
import { commitOf, reportTable, toReport } from './report.ts';

const helpColumnsMax = 100;
const endedBy = new AbortController();

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(programHelp());
    return exitCodes.ok;
  }
  const bench = benches.find((known) => known.name === name);
  if (bench === undefined) {
    const names = benches.map((known) => known.name);
    const nearest = nearestName(name, names);
    const hint = nearest === undefined ? '' : `, did you mean ${nearest}?`;
    process.stderr.write(
      `bench: no bench ${JSON.stringify(name.slice(0, 40))}${hint} Benches: ${names.join(', ')}.\n`,
    );
    return exitCodes.usage;
  }
  if (hasFlag(rest, '--help', '-h')) {
    process.stdout.write(benchHelp(bench));
    return exitCodes.ok;
  }
  return runBench(bench, rest);
}

async function runBench(bench: Bench, argv: readonly string[]): Promise<number> {
  const { values, extra } = loadSettings(bench.settings, {
    argv,
    // A bench says everything in its command line, so that the line repeats it.
    env: {},
    readFile: readBoundedFile,
    extraFlags: [{ name: 'json', takesValue: false }],
  });
  const commit = commitOf();
  const rows = await bench.run(values, {
    signal: endedBy.signal,
    progress: (text) => process.stderr.write(`${bench.name}: ${text}\n`),
  });
  const report = toReport(bench.name, commit, rows);
  process.stdout.write(
    extra.get('json') === 'true'
      ? `${JSON.stringify(report)}\n`
      : reportTable(report, styleOf(process.stdout, process.env)),
  );
  return exitCodes.ok;
}

function programHelp(): string {
  const table = formatTable(
    [{ title: 'BENCH' }, { title: 'QUESTION' }],
    benches.map((bench) => [bench.name, bench.question]),
    styleOf(process.stdout, process.env),
  );
  return [
    'Usage: npm run bench -- NAME [--json] [options]',
    '',
    table,
    'npm run bench -- NAME --help lists the options; docs/reference/benchmarks.md says how to read the rows.',
    '',
  ].join('\n');
}

function benchHelp(bench: Bench): string {
  return [
    bench.question,
    '',
    `Usage: npm run bench -- ${bench.name} [--json] [options]`,
    '',
    settingsHelp(
      bench.settings,
      Math.min(process.stdout.columns ?? helpColumnsMax, helpColumnsMax),
    ),
    'Also:',
    '  --json',
    '      Print one JSON object instead of a table.',
    '  --help, -h',
    '',
  ].join('\n');
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (endedBy.signal.aborted) process.exit(exitCodeOfSignal(signal));
    endedBy.abort(signal);
  });
}

/** What users can correct is one line; a bug shows where it happened. */
function report(error: unknown): number {
  const { signal } = endedBy;
  if (signal.aborted) return exitCodeOfSignal(signal.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
  const text =
    error instanceof ThunderError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`bench: ${text}\n`);
  return exitCodeOf(error);
}

// Ends the process even where a library left a timer or a socket behind.
process.exit(await main(process.argv.slice(2)).catch(report));
