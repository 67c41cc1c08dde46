/**
 * When a node may serve (rules L1, L2, L3): a state machine without I/O over the partitions'
 * positions and ends. Time is passed in, in monotonic milliseconds.
 *
 *     connecting --opened--> replaying --caught up--> ready
 *                                ^                      |
 *                                +---- max staleness ---+      any --drain--> draining
 *
 * Caught up means: every applied position has reached its target (the ends when first asked), and
 * of the ends asked for *after* that at most `readyLagEvents` are missing in all, or else nothing
 * that was in the log `readyLagMs` ago. The second is how "1 s of log time" is read here: it needs
 * no trust in the producers' timestamps. When the second look finds more, it sets the new targets.
 *
 * Ready is latched: only `maxStalenessMs` and draining end it. A log that ends before what was
 * applied (re-created, truncated) or that lost records which a ready node had not yet applied is a
 * reset: nothing more may be applied, what is there stays, staleness grows (L2). So is a log whose
 * start moved back: retention only moves it on, and a replica that takes over knows its leader's to
 * within one fetch of it.
 */
import {
  type CatchUpStage,
  type CatchUpStatus,
  type Reset,
  toCatchUpStatus,
} from './catch-up-status.ts';
import type { PartitionBounds } from './event-source.ts';
import {
  advance,
  createPartitionProgress,
  lagOf,
  noteEnd,
  type PartitionProgress,
} from './partition-progress.ts';
import { SmoothedRate } from './smoothed-rate.ts';

export interface CatchUpOptions {
  /** L1: offsets, over all partitions together, that may be missing when the node becomes ready. */
  readonly readyLagEvents: number;
  /** L1: or this much time of log, if that is more. */
  readonly readyLagMs: number;
  /** L2: staleness beyond which a ready node becomes unready again; null for never. */
  readonly maxStalenessMs: number | null;
  /** Asked when all else allows the first readiness; default always. */
  readonly mayBecomeReady?: () => boolean;
}

/** Over how long the rate is smoothed. */
const rateWindowMs = 5_000;
interface Question {
  readonly askedAtMs: number;
  /** All targets had been reached when the ends were asked for: the answer may make the node ready. */
  readonly decides: boolean;
  readonly positions: ReadonlyMap<number, number>;
}

export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #partitions = new Map<number, PartitionProgress>();
  /** In the log, but never yet led by anybody: where they begin and end is unknown. */
  readonly #unknown = new Set<number>();
  #stage: CatchUpStage = 'connecting';
  #question: Question | null = null;
  /** Whether the ends have been asked for since all targets were reached. */
  #decisionAsked = false;
  #answeredAskedAtMs: number | null = null;
  #rate: SmoothedRate | null = null;
  #reset: Reset | null = null;
  #everReady = false;
  #passedBy = 0;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** The source is open: the first targets, from bounds asked for at `askedAtMs`. Once. */
  opened(bounds: readonly PartitionBounds[], askedAtMs: number, nowMs: number): void {
    if (this.#stage !== 'connecting') return;
    this.#stage = 'replaying';
    this.#rate = new SmoothedRate(rateWindowMs, nowMs);
    for (const one of bounds) {
      if (one.isOffline === true) this.#unknown.add(one.partition);
      else this.#partitions.set(one.partition, createPartitionProgress(one, askedAtMs, null));
    }
    this.#answeredAskedAtMs = askedAtMs;
  }

  /** Everything of `partition` before `nextOffset` has been applied. Never moves a position back. */
  applied(partition: number, nextOffset: number, nowMs: number): void {
    const progress = this.#partitions.get(partition);
    if (progress === undefined || this.#reset !== null) return;
    this.#rate?.add(advance(progress, nextOffset), nowMs);
  }

  /**
   * A partition the source delivers before any bounds named it: it begins at what was delivered
   * first, and the next answer sets its target.
   */
  discovered(partition: number, firstOffset: number): void {
    if (this.#partitions.has(partition)) return;
    const absentAtMs = this.#answeredAskedAtMs;
    if (absentAtMs === null) throw new Error('records delivered before the source was open');
    const bounds = { partition, start: firstOffset, end: firstOffset };
    const progress = createPartitionProgress(bounds, absentAtMs, absentAtMs);
    // It was there all the time, without anybody who could say what is in it.
    if (this.#unknown.delete(partition)) progress.caughtUpAtMs = null;
    this.#partitions.set(partition, progress);
    this.#decisionAsked = false;
  }

  /** The ends are being asked for; `answered` or `unanswered` must follow before the next. */
  asked(nowMs: number): void {
    const decides = this.#stage === 'replaying' && this.#reachedTargets();
    this.#decisionAsked ||= decides;
    this.#question = { askedAtMs: nowMs, decides, positions: this.positions() };
  }

  unanswered(): void {
    this.#question = null;
  }

  /** The bounds that were asked for: new partitions, new ends, perhaps readiness, perhaps a reset. */
  answered(bounds: readonly PartitionBounds[], nowMs: number): void {
    const question = this.#question;
    if (question === null) throw new Error('bounds answered that were not asked for');
    this.#question = null;
    for (const progress of this.#partitions.values()) progress.listed = false;
    for (const one of bounds) if (one.isOffline !== true) this.#note(one, question);
    this.#answeredAskedAtMs = question.askedAtMs;
    if (question.decides && this.#stage === 'replaying') this.#decide(nowMs);
  }

  /**
   * The source saw the log not go on where it stopped. A replay that its retention overtook goes on
   * (`records_lost` before the first readiness); anything else is a reset.
   */
  interrupted(reset: Reset): void {
    if (reset.kind === 'records_lost' && !this.#everReady) return;
    this.#halt(reset);
  }

  /** Lets time pass: the only way for `maxStalenessMs` to be noticed while nothing arrives. */
  tick(nowMs: number): void {
    const { maxStalenessMs } = this.#options;
    if (this.#stage !== 'ready' || maxStalenessMs === null) return;
    if ((this.stalenessMs(nowMs) ?? Infinity) <= maxStalenessMs) return;
    this.#stage = 'replaying';
    this.#decisionAsked = false;
    this.#retarget();
  }

  /** Shutting down: not ready from now on. */
  drain(): void {
    this.#stage = 'draining';
  }

  get stage(): CatchUpStage {
    return this.#stage;
  }

  get ready(): boolean {
    return this.#stage === 'ready';
  }

  /** Set once the log turned out not to continue what was applied; then nothing more may be applied. */
  get reset(): Reset | null {
    return this.#reset;
  }

  /** Offsets that the log dropped before this node came to them, while it was not yet ready. */
  get passedByEvents(): number {
    return this.#passedBy;
  }

  /** All targets are reached and nobody has asked for the ends since: the answer may mean readiness. */
  get wantsBounds(): boolean {
    return this.#stage === 'replaying' && !this.#decisionAsked && this.#reachedTargets();
  }

  /** Something in the log, as of the last answer, has not been applied. */
  get isBehind(): boolean {
    for (const progress of this.#partitions.values()) if (lagOf(progress) > 0) return true;
    return false;
  }

  /** Now minus the last moment known to be at the log's end, worst partition; null before that. */
  stalenessMs(nowMs: number): number | null {
    let caughtUpAtMs = this.#answeredAskedAtMs;
    if (caughtUpAtMs === null || this.#unknown.size > 0) return null;
    for (const progress of this.#partitions.values()) {
      if (progress.caughtUpAtMs === null) return null;
      caughtUpAtMs = Math.min(caughtUpAtMs, progress.caughtUpAtMs);
    }
    return Math.max(0, nowMs - caughtUpAtMs);
  }

  /** Next offset to apply; null for a partition that is not known yet. */
  positionOf(partition: number): number | null {
    return this.#partitions.get(partition)?.position ?? null;
  }

  /** Partition -> next offset to apply; a copy. */
  positions(): Map<number, number> {
    const positions = new Map<number, number>();
    for (const progress of this.#partitions.values()) {
      positions.set(progress.partition, progress.position);
    }
    return positions;
  }

  status(nowMs: number): CatchUpStatus {
    return toCatchUpStatus({
      stage: this.#stage,
      isOpen: this.#rate !== null,
      everReady: this.#everReady,
      reset: this.#reset,
      ratePerSecond: this.#rate?.perSecond(nowMs) ?? 0,
      stalenessMs: this.stalenessMs(nowMs),
      partitions: [...this.#partitions.values()],
      unknown: [...this.#unknown],
    });
  }

  #note(bounds: PartitionBounds, question: Question): void {
    const progress = this.#partitions.get(bounds.partition);
    if (progress === undefined) {
      this.#partitions.set(
        bounds.partition,
        createPartitionProgress(
          bounds,
          question.askedAtMs,
          this.#unknown.delete(bounds.partition) ? null : this.#answeredAskedAtMs,
        ),
      );
      return;
    }
    progress.listed = true;
    // Compared with the position of when it was asked: what was applied since may be past the answer.
    const positionWhenAsked = question.positions.get(bounds.partition) ?? 0;
    const endedAt = Math.max(positionWhenAsked, progress.end);
    if (bounds.end < endedAt) {
      this.#halt({
        partition: bounds.partition,
        kind: 'log_shrank',
        detail: `the log ends at ${bounds.end} and ended at ${endedAt}: re-created or truncated`,
      });
    }
    if (bounds.start < progress.logStart) {
      this.#halt({
        partition: bounds.partition,
        kind: 'log_shrank',
        detail: `the log starts at ${bounds.start} and started at ${progress.logStart}: re-created`,
      });
    }
    progress.logStart = Math.max(progress.logStart, bounds.start);
    this.#notePassedBy(progress, bounds.start);
    if (this.#reset === null) noteEnd(progress, bounds.end, question.askedAtMs);
    else progress.end = bounds.end;
  }

  /**
   * The log's start beyond our position means lost records, unless they are already on their way
   * here; so it counts when the next answer still finds the position where it was.
   */
  #notePassedBy(progress: PartitionProgress, start: number): void {
    if (start <= progress.position || this.#reset !== null) {
      progress.passedByAtPosition = -1;
      return;
    }
    if (progress.passedByAtPosition !== progress.position) {
      progress.passedByAtPosition = progress.position;
      return;
    }
    progress.passedByAtPosition = -1;
    if (this.#everReady) {
      this.#halt({
        partition: progress.partition,
        kind: 'records_lost',
        detail: `the log starts at ${start}, applied was up to ${progress.position}`,
      });
      return;
    }
    // A replay racing the log's own retention: as if it had begun a little later.
    this.#passedBy += advance(progress, start);
  }

  #halt(reset: Reset): void {
    this.#reset ??= reset;
  }

  #decide(nowMs: number): void {
    const { readyLagEvents, readyLagMs, maxStalenessMs } = this.#options;
    let lagEvents = 0;
    let allListed = this.#unknown.size === 0;
    for (const progress of this.#partitions.values()) {
      lagEvents += lagOf(progress);
      allListed &&= progress.listed;
    }
    const stalenessMs = this.stalenessMs(nowMs) ?? Infinity;
    const near = lagEvents <= readyLagEvents || stalenessMs <= readyLagMs;
    const fresh = maxStalenessMs === null || stalenessMs <= maxStalenessMs;
    const allowed = this.#everReady || (this.#options.mayBecomeReady?.() ?? true);
    if (near && fresh && allListed && allowed && this.#reset === null) {
      this.#stage = 'ready';
      this.#everReady = true;
    } else {
      this.#retarget();
    }
  }

  #retarget(): void {
    for (const progress of this.#partitions.values()) {
      if (progress.end <= progress.target) continue;
      progress.target = progress.end;
      this.#decisionAsked = false;
    }
  }

  #reachedTargets(): boolean {
    for (const progress of this.#partitions.values()) {
      if (progress.position < progress.target) return false;
    }
    return true;
  }
}
