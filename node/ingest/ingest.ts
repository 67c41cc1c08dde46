/**
 * From the log into the store, and what is known about it: opens the source, applies what it
 * delivers, asks for the ends, tells when the node may serve (L1 to L3), and does the chores that
 * keep time with it (stats line, reclaim, L5). The I/O and timers around `CatchUp` and `EventApplier`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { reclaimGraceSeconds } from '#node/grace-periods.ts';
import { nowSeconds } from '#runtime/clock.ts';
import { messageOf, ThunderError } from '#runtime/errors.ts';
import type { RecordView } from '#runtime/kafka/record-view.ts';
import { UnreadableBatchError } from '#runtime/kafka/unreadable-batch.ts';
import type { ResetStatus } from '#runtime/node-status.ts';
import { createSampledLog, type SampledLog } from '#runtime/sampled-log.ts';
import { CatchUp } from './catch-up.ts';
import type { CatchUpStage } from './catch-up-status.ts';
import { ClockSkew } from './clock-skew.ts';
import { DecodeFailures, isUndecodable } from './decode-failures.ts';
import { type Duties, startDuties } from './duties.ts';
import { isBadRecord, isUnreadable } from './event-outcome.ts';
import type { PartitionBounds } from './event-source.ts';
import { LogGapError } from './event-source-gap.ts';
import {
  catchUpBoundsIntervalMs,
  openBackoffMs,
  openBackoffMsMax,
  reclaimIntervalMsMax,
} from './ingest-limits.ts';
import type { IngestOptions, IngestStatus } from './ingest-options.ts';
import { RecordSlices } from './record-slices.ts';

/** A bug in the wiring throws here: intervals that are not positive, a reclaim interval beyond L5. */
export function createIngest(options: IngestOptions): Ingest {
  return new Ingest(options);
}

export class Ingest {
  readonly #options: IngestOptions;
  readonly #catchUp: CatchUp;
  readonly #slices: RecordSlices;
  readonly #decodeFailures: DecodeFailures;
  readonly #clockSkew: ClockSkew;
  readonly #logBadRecord: SampledLog;
  readonly #logTrouble: SampledLog;
  readonly #stopping = new AbortController();
  readonly #startedAt: string;
  readonly #startedAtMs: number;
  #duties: Duties | null = null;
  #stopped: Promise<void> | null = null;
  #readyAt: string | null = null;
  #stage: CatchUpStage = 'connecting';
  #reset: ResetStatus | null = null;
  /** Cleared when the bounds answer. */
  #boundsTrouble = '';
  /** Cleared when a position moves, or when there is nothing to read: an answer about bounds is no read. */
  #readTrouble = '';
  #committed = '';
  #redelivered = 0;
  /** Settles when what keeps records from being applied is over. */
  #held: Promise<void> | null = null;
  #unreadableBatches = 0;
  /** About the last of them, one sentence; empty while there is none. */
  #passedByTrouble = '';
  #lostExpired = 0;
  #commitFailures = 0;

  constructor(options: IngestOptions) {
    const { clock, logger, reclaimIntervalMs } = options;
    if (!(reclaimIntervalMs > 0 && reclaimIntervalMs <= reclaimIntervalMsMax)) {
      throw new RangeError(`reclaimIntervalMs must be within 1..${reclaimIntervalMsMax}`);
    }
    this.#options = options;
    this.#decodeFailures = new DecodeFailures(options.decodeFailurePercentMax);
    this.#clockSkew = new ClockSkew(clock);
    this.#catchUp = new CatchUp({
      ...options,
      mayBecomeReady: () => !this.#decodeFailures.isTooMany(this.#decodeFailureShare),
    });
    this.#slices = new RecordSlices(clock);
    this.#logBadRecord = createSampledLog(logger, clock, 'record skipped');
    this.#logTrouble = createSampledLog(logger, clock, 'reading the log failed, trying again');
    this.#startedAt = new Date(clock.nowMs()).toISOString();
    this.#startedAtMs = clock.monotonicMs();
  }

  /**
   * Opens the source, however long that takes, and starts delivery; progress shows from the call on.
   * Resolves when records flow, or stopped, when `signal` aborts or `stop` is called before. Rejects
   * with the source's error when waiting cannot cure it; everything is closed then. Call it once.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { source, clock } = this.#options;
    const either = AbortSignal.any([signal, this.#stopping.signal]);
    this.#duties = this.#startDuties();
    try {
      const opened = await this.#open(either);
      if (opened === null) return await this.stop();
      this.#boundsTrouble = '';
      this.#catchUp.opened(opened.bounds, opened.askedAtMs, clock.monotonicMs());
      this.#noteStage();
      await source.run(this.#catchUp.positions(), {
        onRecords: (partition, records, nextOffset) =>
          this.#onRecords(partition, records, nextOffset),
        onTrouble: (error) => this.#onTrouble(error),
      });
    } catch (error) {
      const gaveUp = either.aborted;
      await this.stop();
      if (!gaveUp) throw error;
    }
  }

  /** L4: unready from now on; goes on applying, so that what is still served is fresh. */
  drain(): void {
    this.#catchUp.drain();
    this.#noteStage();
  }

  /** Applies nothing while `work` goes on; what arrives meanwhile waits. One at a time. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    try {
      return await work();
    } finally {
      this.#held = null;
      resolve();
    }
  }

  /** Applies nothing more, stops the chores and closes the source. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  ready(): boolean {
    return this.#catchUp.ready;
  }

  /** Whether the targets were ever reached (L1); stays true when stale or draining. */
  everReady(): boolean {
    return this.#readyAt !== null;
  }

  /** 0..1, null while connecting. */
  progress(): number | null {
    return this.#catchUp.status(this.#options.clock.monotonicMs()).progress;
  }

  /** Now minus the last moment known to be at the log's end, worst partition; null before that. */
  stalenessMs(): number | null {
    return this.#catchUp.stalenessMs(this.#options.clock.monotonicMs());
  }

  status(): IngestStatus {
    const { source, applier, clock } = this.#options;
    const status = this.#catchUp.status(clock.monotonicMs());
    return {
      ...status,
      reason: this.#reasonAfter(status.reason),
      partitions: status.partitions.map((one) => ({ topic: source.topic, ...one })),
      source: source.facts(),
      startedAt: this.#startedAt,
      readyAt: this.#readyAt,
      resets: this.#reset === null ? [] : [this.#reset],
      warnings: [this.#decodeTrouble, this.#passedByTrouble, this.#clockSkew.sentence].filter(
        (one) => one !== '',
      ),
      decodeFailureShare: this.#decodeFailureShare,
      clockSkewMs: this.#clockSkew.skewMs,
      counters: {
        ...applier.counts(),
        redelivered: this.#redelivered,
        unreadable_batch: this.#unreadableBatches,
        passed_by: this.#catchUp.passedByEvents,
        lost_expired: this.#lostExpired,
        commit_failures: this.#commitFailures,
      },
    };
  }

  /** Before the first readiness what counts is all that was read; later what is read now. */
  get #decodeFailureShare(): number {
    const { recentShare, shareSinceStart } = this.#decodeFailures;
    return this.everReady() ? recentShare : shareSinceStart;
  }

  get #decodeTrouble(): string {
    return this.#decodeFailures.sentence(this.#decodeFailureShare);
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #open(
    signal: AbortSignal,
  ): Promise<{ bounds: readonly PartitionBounds[]; askedAtMs: number } | null> {
    const { source, clock } = this.#options;
    for (let backoffMs = openBackoffMs; ; backoffMs = Math.min(backoffMs * 2, openBackoffMsMax)) {
      if (signal.aborted) return null;
      const askedAtMs = clock.monotonicMs();
      try {
        const bounds = await source.open(signal);
        return signal.aborted ? null : { bounds, askedAtMs };
      } catch (error) {
        if (signal.aborted) return null;
        if (!(error instanceof ThunderError) || error.retry === 'never') throw error;
        this.#boundsTrouble = this.#noteTrouble(error);
        await pause(backoffMs, undefined, { signal });
      }
    }
  }

  #startDuties(): Duties {
    const { clock, tickMs, reclaim, ...options } = this.#options;
    return startDuties(
      [
        { intervalMs: () => 0, run: () => this.#tick() },
        { intervalMs: () => this.#boundsIntervalMs(), run: () => this.#askBounds() },
        { intervalMs: () => options.commitIntervalMs, run: () => this.#commit() },
        { intervalMs: () => options.statsIntervalMs, run: () => this.#logStats() },
        { intervalMs: () => options.reclaimIntervalMs, run: () => reclaim(nowSeconds(clock)) },
      ],
      // Duties handle what the world does to them; anything else is a bug, and must be seen.
      {
        clock,
        tickMs,
        onError: (error) =>
          queueMicrotask(() => {
            throw error;
          }),
      },
    );
  }

  #onRecords(partition: number, records: RecordView, nextOffset: number): void | Promise<void> {
    if (!this.#mayApply()) return;
    const position = this.#catchUp.positionOf(partition);
    if (position === null) {
      this.#catchUp.discovered(partition, offsetAt(records, 0, nextOffset));
    }
    const batch = { partition, records, nextOffset, position: position ?? 0, workedMs: 0 };
    if (this.#held !== null) return this.#applyRest(batch, 0);
    const index = this.#applySlice(batch, 0);
    if (index < records.count) return this.#applyRest(batch, index);
    // The source brings no more before others have had their turn.
    return this.#slices.isUsedUp ? this.#slices.nextTurn() : undefined;
  }

  async #applyRest(batch: Batch, from: number): Promise<void> {
    let index = from;
    while (index < batch.records.count) {
      await this.#slices.nextTurn();
      while (this.#held !== null) await this.#held;
      if (!this.#mayApply()) return;
      index = this.#applySlice(batch, index);
    }
  }

  /** Applies one slice and notes the position after it; answers the index after the slice. */
  #applySlice(batch: Batch, from: number): number {
    const { clock, applier, recorder } = this.#options;
    const { partition, records, position } = batch;
    const { bytes, offsets, timestampsMs, valueStarts, valueEnds } = records;
    const startedAtMs = clock.monotonicMs();
    const now = nowSeconds(clock);
    let undecodable = 0;
    const index = this.#slices.apply(records.count, from, (at) => {
      const offset = offsets[at] ?? -1;
      if (offset < position) {
        this.#redelivered += 1;
        return;
      }
      const start = valueStarts[at] ?? -1;
      const value = start < 0 ? null : bytes;
      const outcome = applier.apply(value, start, valueEnds[at] ?? -1, timestampsMs[at] ?? -1, now);
      if (!isBadRecord(outcome)) return;
      if (isUndecodable(outcome)) undecodable += 1;
      if (isUnreadable(outcome)) recorder.parseFailures.value += 1;
      const { topic } = this.#options.source;
      this.#logBadRecord({ reason: outcome, topic, partition, offset });
    });
    this.#readTrouble = '';
    this.#decodeFailures.noted(index - from, undecodable);
    if (this.#catchUp.ready && index > from) this.#clockSkew.noted(timestampsMs[index - 1] ?? -1);
    const isLast = index >= records.count;
    const applied = isLast ? batch.nextOffset : offsetAt(records, index, batch.nextOffset);
    const nowMs = clock.monotonicMs();
    this.#catchUp.applied(partition, applied, nowMs);
    batch.workedMs += nowMs - startedAtMs;
    if (isLast) recorder.batchSeconds.observe(batch.workedMs / 1000);
    return index;
  }

  #mayApply(): boolean {
    return this.#catchUp.reset === null && !this.#isStopped;
  }

  #onTrouble(error: unknown): void {
    if (this.#isStopped) return;
    if (error instanceof UnreadableBatchError) return this.#onUnreadableBatch(error);
    if (error instanceof LogGapError) {
      if (this.#isHarmless(error)) return this.#onHarmlessGap(error);
      const kind = error.kind === 'lost' ? 'records_lost' : 'log_shrank';
      this.#catchUp.interrupted({ partition: error.partition, kind, detail: error.message });
      this.#noteReset();
    }
    this.#readTrouble = this.#noteTrouble(error);
  }

  /** Whether everything that was lost is older than any post that may still be seen, with room for clocks. */
  #isHarmless({ kind, foundTimestampMs }: LogGapError): boolean {
    const { clock, retentionSeconds } = this.#options;
    const windowMs = (retentionSeconds + reclaimGraceSeconds) * 1000;
    return (
      kind === 'lost' && foundTimestampMs !== null && foundTimestampMs < clock.nowMs() - windowMs
    );
  }

  #onHarmlessGap({ message, partition, position, foundAt }: LogGapError): void {
    this.#lostExpired += foundAt - position;
    this.#options.logger.warn(
      { topic: this.#options.source.topic, partition, position, foundAt, detail: message },
      'records older than the retention were lost, reading goes on',
    );
  }

  /** Counts and logs it; answers its message. After a reset nothing is tried again, and one line has said why. */
  #noteTrouble(error: unknown): string {
    const message = messageOf(error);
    this.#options.recorder.pollErrors.value += 1;
    if (this.#catchUp.reset === null) {
      this.#logTrouble({ topic: this.#options.source.topic, error: message });
    }
    return message;
  }

  /** What the machine says of itself, then what is in the way; a reset leaves nothing to be in the way of. */
  #reasonAfter(reason: string): string {
    if (this.#catchUp.reset !== null) return reason;
    const parts = new Set([reason, this.#decodeTrouble, this.#readTrouble, this.#boundsTrouble]);
    return [...parts].filter((part) => part !== '').join('; ');
  }

  /** Like a record that cannot be read: skipped, and nothing that is in the way. */
  #onUnreadableBatch({ topic, partition, batch }: UnreadableBatchError): void {
    this.#unreadableBatches += 1;
    const place = `offsets ${batch.firstOffset} to ${batch.lastOffset} of ${topic}/${partition}`;
    this.#passedByTrouble = `posts may be missing: ${place} could not be read and were passed by: ${batch.reason}`;
    const records = batch.lastOffset - batch.firstOffset + 1;
    this.#decodeFailures.noted(records, records);
    this.#options.recorder.parseFailures.value += 1;
    this.#logBadRecord({
      ...batch,
      reason: 'unreadable_batch',
      detail: batch.reason,
      topic,
      partition,
    });
  }

  #boundsIntervalMs(): number {
    if (this.#catchUp.wantsBounds) return 0;
    const { boundsIntervalMs } = this.#options;
    return this.#catchUp.ready
      ? boundsIntervalMs
      : Math.min(boundsIntervalMs, catchUpBoundsIntervalMs);
  }

  async #askBounds(): Promise<void> {
    const { source, clock } = this.#options;
    if (this.#catchUp.stage === 'connecting') return;
    this.#catchUp.asked(clock.monotonicMs());
    let bounds: readonly PartitionBounds[];
    try {
      bounds = await source.bounds();
    } catch (error) {
      this.#catchUp.unanswered();
      if (!this.#isStopped) this.#boundsTrouble = this.#noteTrouble(error);
      return;
    }
    if (this.#isStopped) return;
    this.#catchUp.answered(bounds, clock.monotonicMs());
    this.#boundsTrouble = '';
    if (!this.#catchUp.isBehind) this.#readTrouble = '';
    this.#noteReset();
    this.#noteStage();
  }

  async #commit(): Promise<void> {
    const { source, logger } = this.#options;
    const positions = this.#catchUp.positions();
    const text = JSON.stringify([...positions]);
    if (positions.size === 0 || text === this.#committed) return;
    try {
      await source.commit(positions);
      this.#committed = text;
    } catch (error) {
      // Only other tools' view of our lag suffers; the next round tries again.
      this.#commitFailures += 1;
      logger.debug({ topic: source.topic, error: messageOf(error) }, 'positions not published');
    }
  }

  #tick(): void {
    this.#catchUp.tick(this.#options.clock.monotonicMs());
    this.#noteStage();
  }

  #logStats(): void {
    const { logger, applier, statsFields, source } = this.#options;
    const { topic } = source;
    const { stage, reason, applied, target, lagEvents, ...status } = this.status();
    const stalenessMs = status.stalenessMs === null ? null : Math.round(status.stalenessMs);
    const ratePerSecond = Math.round(status.ratePerSecond);
    const { progress, etaSeconds } = status;
    if (stage === 'connecting' || stage === 'replaying') {
      logger.info(
        { topic, stage, reason, applied, target, progress, ratePerSecond, etaSeconds },
        'catching up',
      );
    }
    const fields = { topic, stage, lagEvents, stalenessMs, ratePerSecond };
    logger.info({ ...fields, events: { ...applier.counts() }, ...statsFields?.() }, 'stats');
  }

  #noteStage(): void {
    const { clock, logger, onStage } = this.#options;
    const { stage } = this.#catchUp;
    if (stage === this.#stage) return;
    const seconds = (clock.monotonicMs() - this.#startedAtMs) / 1000;
    logger.info({ from: this.#stage, stage, seconds }, 'stage changed');
    this.#stage = stage;
    if (stage === 'ready') {
      this.#readyAt ??= new Date(clock.nowMs()).toISOString();
      // So that tools know the node from now on, not from the next round on.
      void this.#commit();
    }
    onStage?.(stage);
  }

  #noteReset(): void {
    const { reset } = this.#catchUp;
    if (reset === null || this.#reset !== null) return;
    const { clock, logger, onReset, source } = this.#options;
    this.#reset = { at: new Date(clock.nowMs()).toISOString(), ...reset };
    logger.error({ topic: source.topic, ...reset }, 'the log was reset, nothing more is applied');
    onReset?.(this.#reset);
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#duties?.stop();
    this.drain();
    await this.#options.source.close();
  }
}

interface Batch {
  readonly partition: number;
  readonly records: RecordView;
  readonly nextOffset: number;
  /** Before the batch: what is below has been applied already. */
  readonly position: number;
  workedMs: number;
}

/** The offset of the record at `index`, or `otherwise` behind the last. */
function offsetAt(records: RecordView, index: number, otherwise: number): number {
  return index < records.count ? (records.offsets[index] ?? otherwise) : otherwise;
}
