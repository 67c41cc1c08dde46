/**
 * A bench's answer as rows: a table for people, one JSON object for programs. The shape of the JSON
 * is a contract (docs/reference/wire.md).
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { nodeFlags } from '#cli/node-flags.ts';
import { emphasise, type OutputStyle } from '#cli/output/style.ts';
import { formatTable } from '#cli/output/table.ts';

export interface BenchRow {
  readonly case: string;
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
  /** What it is held against, measured in the same run. */
  readonly baseline?: string;
  readonly baselineValue?: number;
  /** Above 1: we are better, whichever direction better is. */
  readonly ratio?: number;
  /** What is missing here and why. */
  readonly note?: string;
}

export interface BenchReport {
  readonly bench: string;
  /** Of the checkout, `-dirty` behind it when files differ; `unknown` outside of one. */
  readonly commit: string;
  readonly node: string;
  readonly cpus: number;
  /** What Node.js was started with, for V8 and its collector among others; empty for its defaults. */
  readonly flags: readonly string[];
  readonly rows: readonly BenchRow[];
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
}

/** A row, rounded to four digits, with the ratio of the unrounded values. */
export function toRow(
  caseName: string,
  metric: Metric,
  value: number,
  baseline?: { readonly name: string; readonly value: number },
): BenchRow {
  const row = { case: caseName, metric: metric.name, unit: metric.unit, value: rounded(value, 4) };
  if (baseline === undefined) return row;
  const ratio = metric.better === 'lower' ? baseline.value / value : value / baseline.value;
  return {
    ...row,
    baseline: baseline.name,
    baselineValue: rounded(baseline.value, 4),
    ratio: rounded(ratio, 3),
  };
}

/** For a row that should have a baseline and cannot. */
export function withoutBaseline(row: BenchRow, why: string): BenchRow {
  return { ...row, note: `no baseline: ${why}` };
}

/** `commit` is of the start: the checkout may move on while a bench runs. Throws for a row without a figure. */
export function toReport(bench: string, commit: string, rows: readonly BenchRow[]): BenchReport {
  const bad = rows.find((row) => !Number.isFinite(row.value) || !Number.isFinite(row.ratio ?? 1));
  if (bad !== undefined) throw new Error(`bench ${bench} measured nothing: ${JSON.stringify(bad)}`);
  return {
    bench,
    commit,
    node: process.version,
    cpus: availableParallelism(),
    flags: flagsOf(),
    rows,
  };
}

export function reportTable(report: BenchReport, style: OutputStyle): string {
  const hasBaseline = report.rows.some(
    (row) => row.baseline !== undefined || row.note !== undefined,
  );
  const columns = [
    { title: 'CASE' },
    { title: 'METRIC' },
    { title: 'VALUE', align: 'right' },
    { title: 'UNIT' },
    ...(hasBaseline
      ? ([
          { title: 'BASELINE' },
          { title: 'ITS VALUE', align: 'right' },
          { title: 'RATIO', align: 'right' },
        ] as const)
      : []),
  ] as const;
  const rows = report.rows.map((row) => [
    row.case,
    row.metric,
    formatNumber(row.value),
    row.unit,
    row.baseline ?? row.note ?? '',
    row.baselineValue === undefined ? '' : formatNumber(row.baselineValue),
    row.ratio === undefined ? '' : String(row.ratio),
  ]);
  const load = loadavg()[0]?.toFixed(1);
  const machine = `commit ${report.commit}, Node ${report.node}, ${report.flags.length === 0 ? '' : `${report.flags.join(' ')}, `}${report.cpus} CPUs (${cpus()[0]?.model.trim() ?? 'unknown'}), load ${load}`;
  const reading = hasBaseline
    ? 'A ratio above 1 means better than the baseline, which ran in the same minutes.\n'
    : 'Nothing to compare with yet: these figures only mean something on this machine.\n';
  return `${formatTable(columns, rows, style)}${emphasise(`${machine}. ${reading}`, 'dim', style)}`;
}

/** The processes that are measured inherit them. */
function flagsOf(): string[] {
  const fromEnvironment = process.env['NODE_OPTIONS']?.split(' ') ?? [];
  return [...process.execArgv, ...fromEnvironment].filter(
    (flag) => flag !== '' && !nodeFlags.includes(flag),
  );
}

function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** Of the files as they are now. */
export function commitOf(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-dirty';
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed}`;
  } catch {
    // No git, or no checkout: the figures stand without it.
    return 'unknown';
  }
}
