/**
 * Where one partition stands between the broker and the listener. Changed by the fetch loops and the
 * source, both in one thread.
 */
import type { KafkaStart } from './kafka-event-source-options.ts';

/** The last record that was delivered, where nothing else tells whether the log is still the same. */
export interface Anchor {
  readonly offset: number;
  readonly timestampMs: number;
  readonly valueHash: string;
}

export class LogPartition {
  readonly partition: number;
  /** Where to begin, as long as there is no position. */
  readonly startAt: KafkaStart;
  /** Next offset to deliver; null until it is known where to begin. */
  position: number | null = null;
  /** Where the next fetch begins: ahead of the position while an answer is applied. */
  fetchFrom = 0;
  /** Leader epochs of the records before `position` and `fetchFrom`; -1 for unknown. */
  epoch = -1;
  fetchEpoch = -1;
  /** -1 for none. */
  leader = -1;
  /** A follower to read from instead, and until when. */
  replica: { readonly nodeId: number; readonly untilMs: number } | null = null;
  /** The broker whose answer is being applied; others do not fetch it meanwhile. */
  owner: number | null = null;
  /** Its last answer asks for something other than a fetch. */
  isHeld = false;
  /** Another log: nothing of it is delivered any more. */
  isStopped = false;
  /** Not fetched before this. */
  pausedUntilMs = 0;
  /** How long the last pause was; 0 when the last answer was a good one. */
  pauseMs = 0;
  /** Grows with every answer that held something: who waited longest is first in a request. */
  servedAt = 0;
  /** Of the batch that could not be read last, and how often. */
  unreadable = { lastOffset: -1, tries: 0 };
  /** Records before this position are gone; told before what follows. */
  lostFrom: number | null = null;
  anchor: Anchor | null = null;
  /** The anchor is to be looked at before anything more is delivered. */
  isUnverified = false;
  highWatermark = 0;
  lastStableOffset = 0;

  constructor(partition: number, startAt: KafkaStart) {
    this.partition = partition;
    this.startAt = startAt;
  }

  /** Reading begins, or begins again, here. */
  moveTo(position: number): void {
    this.position = position;
    this.epoch = -1;
    this.fetchAgain();
  }

  /** The next fetch begins where we are. */
  fetchAgain(): void {
    this.fetchFrom = this.position ?? 0;
    this.fetchEpoch = this.epoch;
  }

  /** Where the next fetch begins: in doubt at the anchor, which lies before the position. */
  nextFetch(): { readonly offset: number; readonly epoch: number } {
    if (this.isUnverified && this.anchor !== null) return { offset: this.anchor.offset, epoch: -1 };
    return { offset: this.fetchFrom, epoch: this.fetchEpoch };
  }

  /** Whether an answer to a fetch from this offset is what comes next. */
  isNext(offset: number): boolean {
    const { anchor, isUnverified } = this;
    return offset === (isUnverified && anchor !== null ? anchor.offset : this.position);
  }

  /** Who is fetched from; -1 for nobody. */
  nodeAt(nowMs: number): number {
    if (this.replica !== null && nowMs >= this.replica.untilMs) this.replica = null;
    return this.replica?.nodeId ?? this.leader;
  }
}
