/**
 * Applies the fetch answers of one broker: records to the listener, and what else an answer can say to
 * the source. One answer at a time.
 */
import { hash } from 'node:crypto';
import { messageOf } from '#runtime/errors.ts';
import type { FetchAnswer, FetchPosition, PartitionAnswer } from '#runtime/kafka/fetch-request.ts';
import { RecordSetReader } from '#runtime/kafka/record-set-reader.ts';
import { RecordView } from '#runtime/kafka/record-view.ts';
import { type UnreadableBatch, unreadableTriesMax } from '#runtime/kafka/unreadable-batch.ts';
import type { GapKind } from './event-source-gap.ts';
import type { InflateSlots } from './inflate-slots.ts';
import type { Anchor, LogPartition } from './kafka-log-partition.ts';

/** What is made of an answer; the source does it. */
export interface AnswerListener {
  /** Resolves early when the source is closed. */
  deliver(partition: LogPartition, records: RecordView, nextOffset: number): void | Promise<void>;
  /** A batch was passed by. */
  unreadable(partition: LogPartition, batch: UnreadableBatch): void;
  /** The log is not the one that was read: the partition is stopped. */
  gap(partition: LogPartition, kind: GapKind, foundAt: number): void;
  /** Records before the position are gone; `timestampMs` is of the first there is. */
  lost(partition: LogPartition, timestampMs: number): void;
  /** Anything but success. Resolves when the partition may be fetched again. */
  failed(partition: LogPartition, errorCode: number): Promise<void>;
}

export interface FetchedAnswersOptions {
  readonly nodeId: number;
  readonly partitions: ReadonlyMap<number, LogPartition>;
  readonly listener: AnswerListener;
  readonly slots: InflateSlots;
  readonly checksCrc: boolean;
  /** Whether nothing but the records themselves tells that a log is the same. */
  readonly needsAnchors: () => boolean;
  readonly replicaMs: number;
  readonly closing: AbortSignal;
}

export class FetchedAnswers {
  readonly #options: FetchedAnswersOptions;
  readonly #reader: RecordSetReader;
  readonly #view = new RecordView();

  constructor(options: FetchedAnswersOptions) {
    this.#options = options;
    this.#reader = new RecordSetReader({ checksCrc: options.checksCrc });
  }

  /** Never rejects for what an answer holds. */
  async apply(asked: readonly FetchPosition[], answer: FetchAnswer): Promise<void> {
    const { partitions, nodeId, closing } = this.#options;
    const askedOf = new Map(asked.map((one) => [one.partition, one.offset]));
    for (const one of answer.partitions) {
      const partition = partitions.get(one.partition);
      const offset = askedOf.get(one.partition);
      if (partition === undefined || offset === undefined || partition.isStopped) continue;
      // What was asked for before something else moved the position is asked for again.
      if (partition.owner !== nodeId || !partition.isNext(offset)) continue;
      await this.#applyOne(partition, one);
      if (closing.aborted) return;
      if (partition.fetchFrom !== partition.position) partition.fetchAgain();
    }
    this.#reader.clear();
    this.#view.clear(new Uint8Array(0));
  }

  async #applyOne(partition: LogPartition, answer: PartitionAnswer): Promise<void> {
    const { listener, replicaMs } = this.#options;
    if (answer.errorCode !== 0) return listener.failed(partition, answer.errorCode);
    if (answer.preferredReplica >= 0) {
      const untilMs = performance.now() + replicaMs;
      partition.replica = { nodeId: answer.preferredReplica, untilMs };
      return;
    }
    if (answer.divergesAt >= 0) return listener.gap(partition, 'rewound', answer.divergesAt);
    partition.pauseMs = 0;
    partition.highWatermark = answer.highWatermark;
    partition.lastStableOffset = answer.lastStableOffset;
    const { anchor } = partition;
    if (partition.isUnverified && anchor !== null) {
      const found = await this.#recordAt(answer, anchor.offset);
      if (found !== null && !isSame(found, anchor)) {
        return listener.gap(partition, 'replaced', anchor.offset);
      }
    }
    partition.isUnverified = false;
    await this.#deliverAll(partition, answer);
  }

  async #deliverAll(partition: LogPartition, answer: PartitionAnswer): Promise<void> {
    const { closing, listener } = this.#options;
    const reader = this.#reader;
    const epoch = partition.fetchEpoch;
    // Unknown as long as the position is somewhere in between.
    partition.epoch = -1;
    reader.begin(answer.records, partition.position ?? 0, answer.aborted);
    let holdsSlot = false;
    try {
      while (!closing.aborted) {
        const result = reader.read(this.#view);
        if (result === 'end') break;
        if (result === 'records') {
          await this.#deliver(partition);
          continue;
        }
        if (holdsSlot) this.#options.slots.release();
        holdsSlot = false;
        if (result === 'compressed') holdsSlot = await this.#inflate();
        else if (!this.#passBy(partition, listener)) return;
      }
    } finally {
      if (holdsSlot) this.#options.slots.release();
    }
    partition.epoch = epoch;
  }

  async #deliver(partition: LogPartition): Promise<void> {
    const { listener, closing, needsAnchors } = this.#options;
    const view = this.#view;
    const { nextOffset } = this.#reader;
    if (partition.lostFrom !== null && view.count > 0) {
      listener.lost(partition, view.timestampsMs[0] ?? -1);
    }
    // Taken before: the listener may keep the view for a while, but nothing changes it.
    const anchor = needsAnchors() && view.count > 0 ? anchorOf(view, view.count - 1) : null;
    const delivered = listener.deliver(partition, view, nextOffset);
    if (delivered !== undefined) await delivered;
    if (closing.aborted) return;
    partition.position = nextOffset;
    partition.anchor = anchor ?? partition.anchor;
  }

  /** Answers whether the batch holds a slot: small ones are inflated on the spot and need none. */
  async #inflate(): Promise<boolean> {
    const reader = this.#reader;
    const { codec, bytes } = reader.compressed;
    let holdsSlot = false;
    try {
      const inflated = codec.inflate(bytes, async () => {
        await this.#options.slots.acquire();
        holdsSlot = true;
      });
      reader.inflated(inflated instanceof Promise ? await inflated : inflated);
    } catch (error) {
      reader.notInflated(error);
    }
    return holdsSlot;
  }

  /** What a wire or a disk did to a batch once may heal: it is fetched again before it is passed by. */
  #passBy(partition: LogPartition, listener: AnswerListener): boolean {
    const batch = this.#reader.unreadable;
    const { unreadable } = partition;
    const tries = unreadable.lastOffset === batch.lastOffset ? unreadable.tries + 1 : 1;
    partition.unreadable = { lastOffset: batch.lastOffset, tries };
    if (tries < unreadableTriesMax) return false;
    listener.unreadable(partition, batch);
    this.#reader.passBy();
    partition.position = this.#reader.nextOffset;
    return true;
  }

  /** The record at an offset of an answer; null when it is not there, or cannot be read. */
  async #recordAt(answer: PartitionAnswer, offset: number): Promise<Anchor | null> {
    const reader = new RecordSetReader({ checksCrc: this.#options.checksCrc });
    const view = new RecordView(1);
    reader.begin(answer.records, offset, answer.aborted);
    for (;;) {
      const result = reader.read(view);
      if (result === 'records' && view.count === 0) continue;
      if (result === 'compressed') {
        const { codec, bytes } = reader.compressed;
        try {
          reader.inflated(await codec.decompress(bytes));
        } catch (error) {
          reader.notInflated(messageOf(error));
        }
        continue;
      }
      return result === 'records' && view.offsets[0] === offset ? anchorOf(view, 0) : null;
    }
  }
}

function anchorOf(view: RecordView, index: number): Anchor {
  const [start = -1, end = -1] = [view.valueStarts[index], view.valueEnds[index]];
  return {
    offset: view.offsets[index] ?? -1,
    timestampMs: view.timestampsMs[index] ?? -1,
    valueHash: start < 0 ? '' : hash('sha256', view.bytes.subarray(start, end), 'base64'),
  };
}

function isSame(one: Anchor, other: Anchor): boolean {
  return one.timestampMs === other.timestampMs && one.valueHash === other.valueHash;
}
