/**
 * What the demo shows on standard error: steps, progress bars, a table of answers, a live line.
 */
import type { CommandIo } from '#cli/command.ts';
import { createProgress, type Progress, type ProgressItem } from '#cli/output/progress.ts';
import { formatAge } from '#cli/output/relative-age.ts';
import { cutTo, emphasise, type OutputStyle, styleOf } from '#cli/output/style.ts';
import { formatTable } from '#cli/output/table.ts';
import { kindOfPost } from '#cli/query/answered-post.ts';
import type { QueryResult } from '#cli/query/query-client.ts';
import { type Clock, nowSeconds } from '#runtime/clock.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import type { Comparison } from './compare-answers.ts';
import type { DemoSummary } from './demo-summary.ts';
import type { QueryLoad } from './query-load.ts';

/** Rows shown of one answer. */
const answerRowsMax = 5;

export class DemoView {
  readonly #io: CommandIo;
  readonly #clock: Clock;
  readonly #style: OutputStyle;
  readonly #progress: Progress;
  #hasProgress = false;
  #hasLiveLine = false;
  #appliedBefore: { readonly applied: number; readonly atMs: number } | null = null;

  constructor(io: CommandIo, clock: Clock) {
    this.#io = io;
    this.#clock = clock;
    this.#style = styleOf(io.stderr, io.env);
    this.#progress = createProgress({
      stream: io.stderr,
      style: this.#style,
      clock,
      interactive: io.isTty,
    });
  }

  /** Something begins. */
  step(text: string): void {
    this.endProgress();
    this.#io.stderr.write(`${emphasise('…', 'dim', this.#style)} ${text}\n`);
  }

  /** Something is done. */
  done(text: string): void {
    this.endProgress();
    this.#io.stderr.write(`${emphasise('✓', 'green', this.#style)} ${text}\n`);
  }

  progress(items: readonly ProgressItem[]): void {
    this.#hasProgress = true;
    this.#progress.update(items);
  }

  endProgress(): void {
    if (this.#hasProgress) {
      this.#progress.finish();
      this.#hasProgress = false;
    }
  }

  /** The newest posts of one answer. */
  answer(result: QueryResult): void {
    const now = nowSeconds(this.#clock);
    const rows = result.posts
      .slice(0, answerRowsMax)
      .map((post) => [
        String(post.postId),
        String(post.authorId),
        formatAge(post.createdAt, now),
        kindOfPost(post),
      ]);
    this.#io.stderr.write(
      `\n${result.posts.length} posts from ${result.metadata.node ?? 'a node'}, the newest:\n` +
        formatTable(
          [
            { title: 'POST', align: 'right' },
            { title: 'AUTHOR', align: 'right' },
            { title: 'AGE', align: 'right' },
            { title: 'KIND' },
          ],
          rows,
          this.#style,
        ),
    );
  }

  /** One line that moves on a terminal: rate, lag, latency. */
  live(statuses: readonly NodeStatus[], load: QueryLoad): void {
    const applied = sum(statuses, (status) =>
      sum(status.partitions, (partition) => partition.position),
    );
    const atMs = this.#clock.monotonicMs();
    const before = this.#appliedBefore ?? { applied, atMs };
    const seconds = (atMs - before.atMs) / 1000;
    this.#appliedBefore = { applied, atMs };
    const perNode = seconds > 0 ? (applied - before.applied) / seconds / statuses.length : 0;
    const lag = Math.max(...statuses.map((status) => status.lagEvents));
    const { p50Ms, p99Ms } = load.summary();
    const line = [
      `${Math.round(perNode).toLocaleString('en-US')} events/s`,
      `lag ${lag}`,
      `${Math.max(...statuses.map((status) => status.posts)).toLocaleString('en-US')} posts`,
      `${load.queries.toLocaleString('en-US')} queries`,
      `${load.failed} failed`,
      `p50 ${p50Ms.toFixed(1)} ms`,
      `p99 ${p99Ms.toFixed(1)} ms`,
    ].join('  ');
    this.#hasLiveLine = true;
    this.#io.stderr.write(
      this.#io.isTty ? `\r\u001B[2K${cutTo(line, this.#style.width ?? 80)}` : `${line}\n`,
    );
  }

  endLive(): void {
    if (this.#hasLiveLine && this.#io.isTty) {
      this.#io.stderr.write('\n');
    }
  }

  summary(summary: DemoSummary, comparison: Comparison): void {
    const verdict = (isEqual: boolean): string =>
      isEqual
        ? emphasise('equal', 'green', this.#style)
        : emphasise('DIFFERENT', 'red', this.#style);
    this.endProgress();
    this.#io.stderr.write(
      `\n${formatTable(
        [
          { title: 'NODE' },
          { title: 'READY' },
          { title: 'APPLIED', align: 'right' },
          { title: 'POSTS', align: 'right' },
          { title: 'SECONDS TO READY', align: 'right' },
        ],
        summary.nodes.map((node) => [
          node.name,
          node.ready ? 'yes' : 'no',
          node.applied.toLocaleString('en-US'),
          node.posts.toLocaleString('en-US'),
          node.secondsToReady.toFixed(1),
        ]),
        this.#style,
      )}\n` +
        `${summary.produced.toLocaleString('en-US')} tweet events, ${summary.transformed.toLocaleString('en-US')} in-network events\n` +
        `${summary.queries} queries, ${summary.failedQueries} failed, p50 ${summary.p50Ms} ms, p99 ${summary.p99Ms} ms\n` +
        `${comparison.compared} answers (${comparison.posts.toLocaleString('en-US')} posts) compared: across nodes ${verdict(comparison.equalAcrossNodes)}, with the reference ${verdict(comparison.equalToReference)}\n`,
    );
  }
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
