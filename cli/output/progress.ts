/**
 * How far several things are: bars that move on a terminal, plain lines now and then elsewhere (a
 * log file, a CI job). Goes to standard error; standard output is for data.
 */
import type { Clock } from '#runtime/clock.ts';
import { formatDuration } from './relative-age.ts';
import { cutTo, emphasise, type OutputStream, type OutputStyle, withoutControls } from './style.ts';

export interface ProgressItem {
  readonly name: string;
  /** Done so far, in any unit. */
  readonly done: number;
  /** Null when nobody knows. */
  readonly total: number | null;
  /** Per second; null when not known yet. */
  readonly perSecond: number | null;
  /** Null: worked out from the rest. */
  readonly etaSeconds?: number | null;
  /** A few words at the end of the line. */
  readonly note?: string;
}

export interface ProgressOptions {
  readonly stream: OutputStream;
  readonly style: OutputStyle;
  readonly clock: Clock;
  /** Moving bars instead of lines. */
  readonly interactive: boolean;
  /** Milliseconds between two drawings; default 100 for bars, 3,000 for lines. */
  readonly intervalMs?: number;
}

export interface Progress {
  /** Shows the items unless that was done a moment ago. */
  update(items: readonly ProgressItem[]): void;
  /** Shows the last items once more and leaves them; what is written next starts on a new line. */
  finish(items?: readonly ProgressItem[]): void;
}

const barsIntervalMs = 100;
const linesIntervalMs = 3_000;
const barWidth = 24;
const clearLine = '\r\u001B[2K';
const terminalWidthDefault = 80;

export function createProgress(options: ProgressOptions): Progress {
  const { stream, style, clock, interactive } = options;
  const intervalMs = options.intervalMs ?? (interactive ? barsIntervalMs : linesIntervalMs);
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let drawnLines = 0;
  let last: readonly ProgressItem[] = [];

  const draw = (): void => {
    drawnAtMs = clock.monotonicMs();
    if (!interactive) {
      for (const item of last) stream.write(`${formatProgressItem(item)}\n`);
      return;
    }
    const nameWidth = Math.max(0, ...last.map((item) => item.name.length));
    const back = drawnLines > 0 ? `\u001B[${drawnLines}A` : '';
    const lines = last.map((item) => `${clearLine}${barLine(item, nameWidth, style)}\n`);
    stream.write(back + lines.join(''));
    drawnLines = lines.length;
  };

  return {
    update(items) {
      last = items;
      if (clock.monotonicMs() - drawnAtMs >= intervalMs) draw();
    },
    finish(items) {
      if (items !== undefined) last = items;
      if (last.length > 0) draw();
      drawnLines = 0;
    },
  };
}

/** One item as one line: `node-1: 61 %, 122,000 of 200,000, 41,000/s, 2 s left`. */
export function formatProgressItem(item: ProgressItem): string {
  return `${withoutControls(item.name)}: ${detailsOf(item).join(', ')}`;
}

function barLine(item: ProgressItem, nameWidth: number, style: OutputStyle): string {
  const share = shareOf(item);
  const filled = share === null ? 0 : Math.round(share * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const name = withoutControls(item.name).padEnd(nameWidth);
  const width = style.width ?? terminalWidthDefault;
  const details = cutTo(detailsOf(item).join(', '), Math.max(0, width - nameWidth - barWidth - 3));
  const shownBar = cutTo(bar, Math.max(0, width - nameWidth - 2));
  return `${cutTo(name, width)} ${emphasise(shownBar, share === 1 ? 'green' : 'yellow', style)} ${details}`;
}

function detailsOf(item: ProgressItem): string[] {
  const details: string[] = [];
  const share = shareOf(item);
  if (share !== null) details.push(`${Math.floor(share * 100)} %`);
  details.push(
    item.total === null ? count(item.done) : `${count(item.done)} of ${count(item.total)}`,
  );
  if (item.perSecond !== null) details.push(`${count(item.perSecond)}/s`);
  const eta = etaSecondsOf(item);
  if (eta !== null && share !== 1) details.push(`${formatDuration(Math.ceil(eta))} left`);
  if (item.note !== undefined && item.note !== '') details.push(withoutControls(item.note));
  return details;
}

/** 0..1; null when the total is not known. Nothing to do is done. */
function shareOf(item: ProgressItem): number | null {
  if (item.total === null) return null;
  return item.total <= 0 ? 1 : Math.min(1, Math.max(0, item.done / item.total));
}

function etaSecondsOf(item: ProgressItem): number | null {
  if (item.etaSeconds !== undefined && item.etaSeconds !== null) return item.etaSeconds;
  if (item.total === null || item.perSecond === null || item.perSecond <= 0) return null;
  return Math.max(0, item.total - item.done) / item.perSecond;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
