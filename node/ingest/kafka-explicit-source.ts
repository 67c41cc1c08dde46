/**
 * `EventSource` over fetches of our own: no group is joined and no coordinator asked before records
 * flow; every position is ours. Another log under the same name, a log that was cut off or that lost
 * records is told before anything of it is delivered, never jumped over.
 */
import type { Kafka } from 'kafkajs';
import { systemClock } from '#runtime/clock.ts';
import { DependencyError, type ThunderError } from '#runtime/errors.ts';
import { errorOfCode } from '#runtime/kafka/cluster-connections.ts';
import { createKafka } from '#runtime/kafka/kafka-connection.ts';
import { toKafkaError } from '#runtime/kafka/kafka-errors.ts';
import { logEnd, logStart } from '#runtime/kafka/list-offsets-request.ts';
import type { RecordView } from '#runtime/kafka/record-view.ts';
import { type UnreadableBatch, UnreadableBatchError } from '#runtime/kafka/unreadable-batch.ts';
import type { Logger } from '#runtime/logger.ts';
import { Closing } from './closing.ts';
import type { EventSourceListener, PartitionBounds, SourceFacts } from './event-source.ts';
import { type GapKind, LogGapError } from './event-source-gap.ts';
import { InflateSlots } from './inflate-slots.ts';
import { KafkaAdmin } from './kafka-admin.ts';
import {
  type KafkaEventSourceLimits,
  kafkaEventSourceLimits,
} from './kafka-event-source-limits.ts';
import type {
  KafkaEventSource,
  KafkaEventSourceOptions,
  KafkaStart,
} from './kafka-event-source-options.ts';
import { FetchLoops } from './kafka-fetch-loops.ts';
import { type AnswerListener, FetchedAnswers } from './kafka-fetched-answers.ts';
import { KafkaLagGroup } from './kafka-lag-group.ts';
import { LogPartition } from './kafka-log-partition.ts';
import { KafkaTopicWatch } from './kafka-topic-watch.ts';
import { lastDuty } from './last-duty.ts';

const offsetOutOfRange = 1;
/** The broker is not, or not yet, who to ask: the metadata tells who is. */
const staleCodes: ReadonlySet<number> = new Set([3, 5, 6, 9, 56, 74, 75, 78, 100, 103]);

export class KafkaExplicitSource implements KafkaEventSource, AnswerListener {
  readonly topic: string;
  readonly #options: KafkaEventSourceOptions;
  readonly #limits: KafkaEventSourceLimits;
  readonly #logger: Logger;
  readonly #kafka: Kafka;
  readonly #watch: KafkaTopicWatch;
  readonly #group: KafkaLagGroup;
  readonly #partitions = new Map<number, LogPartition>();
  readonly #loops: FetchLoops;
  readonly #closing = new Closing();
  #fetchFailures = 0;
  #lostRecords = 0;
  #hasOpened = false;
  #listener: EventSourceListener | null = null;
  #watching: Promise<void> = Promise.resolve();
  #wantsRefresh = Promise.withResolvers<void>();
  #closingDone: Promise<void> | null = null;

  constructor(options: KafkaEventSourceOptions) {
    this.topic = options.topic;
    this.#options = options;
    const limits = { ...kafkaEventSourceLimits, ...options.limits };
    this.#limits = limits;
    const logger = options.logger.child({ topic: options.topic, groupId: options.groupId });
    this.#logger = logger;
    this.#kafka = createKafka(options.connection);
    const { topic, groupId } = options;
    const bootstrapBrokers = options.connection.brokers.length;
    this.#watch = new KafkaTopicWatch({ kafka: this.#kafka, topic, bootstrapBrokers, limits });
    const { connections } = this.#watch;
    this.#group = new KafkaLagGroup({ connections, groupId, topic });
    const closing = this.#closing.signal;
    const slots = new InflateSlots(limits.inflatedAtOnceMax);
    const partitions = this.#partitions;
    const { checksCrc, replicaMs } = limits;
    const needsAnchors = (): boolean => this.#watch.topicId === '';
    this.#loops = new FetchLoops({
      topic,
      topicId: () => this.#watch.topicId,
      connections,
      partitions,
      createAnswers: (nodeId) =>
        new FetchedAnswers({
          ...{ nodeId, partitions, slots, checksCrc, needsAnchors, replicaMs, closing },
          listener: this,
        }),
      rack: options.rack ?? '',
      limits,
      logger,
      closing,
      onFailure: (error, asked) => {
        this.#fetchFailures += 1;
        // Whoever answers next may have another log.
        for (const { partition } of asked) this.#doubt(this.#partitions.get(partition));
        this.#refreshSoon();
        this.#trouble(error);
      },
    });
  }

  async open(signal: AbortSignal): Promise<readonly PartitionBounds[]> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    try {
      const bounds = await unlessAborted(() => this.#open(), either);
      this.#hasOpened = true;
      return bounds;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async bounds(): Promise<readonly PartitionBounds[]> {
    try {
      return await this.#watch.bounds();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async checkTopic(retentionSeconds: number): Promise<readonly string[]> {
    const admin = new KafkaAdmin(this.#kafka, this.topic);
    try {
      return await admin.warnings(retentionSeconds);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      void admin.disconnect();
    }
  }

  async run(positions: ReadonlyMap<number, number>, listener: EventSourceListener): Promise<void> {
    if (this.#listener !== null) throw new Error('an event source runs once');
    if (!this.#hasOpened) throw new Error('an event source is opened before it runs');
    this.#listener = listener;
    for (const partition of positions.keys()) {
      if (!this.#partitions.has(partition)) this.#add(partition, 'earliest');
    }
    for (const one of this.#partitions.values()) {
      const position = positions.get(one.partition) ?? one.position;
      if (position !== null) one.moveTo(position);
    }
    this.#noteLeaders();
    this.#loops.wake();
    this.#watching = this.#keepWatching();
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    try {
      await this.#group.commit(positions, this.#closing.signal);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  facts(): SourceFacts {
    const unstableRecords = new Map<number, number>();
    const fetchedFrom = new Map<number, number>();
    const nowMs = performance.now();
    for (const one of this.#partitions.values()) {
      const { partition, highWatermark, lastStableOffset } = one;
      unstableRecords.set(partition, Math.max(0, highWatermark - lastStableOffset));
      fetchedFrom.set(partition, one.nodeAt(nowMs));
    }
    return {
      metadataRefreshes: this.#watch.refreshes,
      fetchFailures: this.#fetchFailures,
      lostRecords: this.#lostRecords,
      unstableRecords,
      fetchedFrom,
    };
  }

  close(): Promise<void> {
    this.#closingDone ??= this.#close();
    return this.#closingDone;
  }

  deliver(
    { partition }: LogPartition,
    records: RecordView,
    nextOffset: number,
  ): void | Promise<void> {
    const listener = this.#listener;
    if (listener === null || this.#closing.isClosed) return;
    const applied = listener.onRecords(partition, records, nextOffset);
    // Not waiting for a listener that itself waits for `close` is what keeps both from waiting for ever.
    return applied === undefined ? undefined : this.#closing.or(applied);
  }

  unreadable({ partition }: LogPartition, batch: UnreadableBatch): void {
    this.#listener?.onTrouble(new UnreadableBatchError(this.topic, partition, batch));
  }

  gap(partition: LogPartition, kind: GapKind, foundAt: number): void {
    partition.isStopped = true;
    this.#tellGap(partition, kind, foundAt, null);
  }

  lost(partition: LogPartition, timestampMs: number): void {
    const { lostFrom, position } = partition;
    partition.lostFrom = null;
    if (lostFrom === null || position === null) return;
    const foundTimestampMs = timestampMs < 0 ? null : timestampMs;
    const gap = { partition: partition.partition, position: lostFrom, foundAt: position };
    this.#lostRecords += position - lostFrom;
    this.#listener?.onTrouble(
      new LogGapError({ topic: this.topic, kind: 'lost', ...gap, foundTimestampMs }),
    );
  }

  async failed(partition: LogPartition, errorCode: number): Promise<void> {
    const { partitionPauseMs, restartBackoffMsMax } = this.#limits;
    partition.pauseMs = Math.min(
      Math.max(partitionPauseMs, partition.pauseMs * 2),
      restartBackoffMsMax,
    );
    partition.pausedUntilMs = performance.now() + partition.pauseMs;
    if (errorCode === offsetOutOfRange) {
      if (partition.replica !== null) {
        // A follower may be behind; only the leader knows.
        partition.replica = null;
        return;
      }
      try {
        await this.#judgeRange(partition);
      } catch (error) {
        this.#trouble(error);
      }
      return;
    }
    partition.replica = null;
    this.#doubt(partition);
    if (staleCodes.has(errorCode)) this.#refreshSoon();
    else this.#trouble(errorOfCode(errorCode));
  }

  async #open(): Promise<readonly PartitionBounds[]> {
    await this.#watch.refresh();
    const bounds = await this.#watch.bounds();
    const starts = await this.#startsOf(bounds, this.#options.startAt ?? 'earliest');
    this.#partitions.clear();
    for (const { partition } of bounds) {
      const one = this.#add(partition, this.#options.startAt ?? 'earliest');
      const start = starts.get(partition);
      if (start !== undefined) one.position = start;
    }
    return bounds.map((one) => ({ ...one, start: starts.get(one.partition) ?? one.start }));
  }

  #startsOf(
    bounds: readonly PartitionBounds[],
    startAt: KafkaStart,
  ): Promise<ReadonlyMap<number, number>> {
    const { clock = systemClock, windowSeconds = 0 } = this.#options;
    return this.#watch.startsOf(bounds, startAt, clock.nowMs() - windowSeconds * 1000);
  }

  #add(partition: number, startAt: KafkaStart): LogPartition {
    const one = new LogPartition(partition, startAt);
    this.#partitions.set(partition, one);
    return one;
  }

  /** Looks at the topic now and then, and when somebody asks for it, until the source is closed. */
  async #keepWatching(): Promise<void> {
    const { metadataMaxAgeMs, restartBackoffMs, restartBackoffMsMax } = this.#limits;
    let backoffMs = restartBackoffMs;
    let waitMs = metadataMaxAgeMs;
    while (!this.#closing.isClosed) {
      await this.#closing.pause(waitMs, this.#wantsRefresh.promise);
      if (this.#closing.isClosed) return;
      this.#wantsRefresh = Promise.withResolvers();
      try {
        await this.#look();
        waitMs = metadataMaxAgeMs;
        backoffMs = restartBackoffMs;
      } catch (error) {
        this.#trouble(error);
        await this.#closing.pause(backoffMs);
        waitMs = 0;
        backoffMs = Math.min(backoffMs * 2, restartBackoffMsMax);
      }
    }
  }

  async #look(): Promise<void> {
    await this.#watch.refresh();
    if (this.#watch.isAnother) return this.#stopAll();
    for (const one of this.#partitions.values()) this.#doubt(one);
    this.#noteLeaders();
    this.#loops.wake();
    if (await this.#begin()) this.#loops.wake();
  }

  /** Where nothing else tells that the log is the same, the last record is compared before more is read. */
  #doubt(partition: LogPartition | undefined): void {
    // What is being applied goes on; the next fetch begins at the anchor.
    if (partition !== undefined) partition.isUnverified = partition.anchor !== null;
  }

  #noteLeaders(): void {
    for (const { partition, leader } of this.#watch.metadata.partitions) {
      const one = this.#partitions.get(partition) ?? this.#add(partition, 'earliest');
      if (one.leader === leader) continue;
      one.leader = leader;
      one.replica = null;
      one.pausedUntilMs = 0;
    }
  }

  /** Finds where to begin in partitions that were added, or had no leader so far; whether there were any. */
  async #begin(): Promise<boolean> {
    const waiting = [...this.#partitions.values()].filter(
      ({ position, leader }) => position === null && leader >= 0,
    );
    if (waiting.length === 0) return false;
    const bounds = await this.#watch.bounds();
    for (const startAt of new Set(waiting.map((one) => one.startAt))) {
      const starts = await this.#startsOf(bounds, startAt);
      for (const one of waiting) {
        const start = starts.get(one.partition);
        if (one.startAt === startAt && start !== undefined) one.moveTo(start);
      }
    }
    return true;
  }

  /** The position is not in the leader's log: before its start, behind its end, or it was so for a moment. */
  async #judgeRange(partition: LogPartition): Promise<void> {
    const { position } = partition;
    const [number] = [partition.partition];
    const [starts, ends] = [
      await this.#watch.offsetsAt([number], logStart),
      await this.#watch.offsetsAt([number], logEnd, { uncommitted: true }),
    ];
    const [start, end] = [starts.offsets.get(number), ends.offsets.get(number)];
    const failure = starts.failures[0] ?? ends.failures[0];
    if (start === undefined || end === undefined || position === null) {
      throw failure ?? new Error('the leader does not say what it has');
    }
    if (this.#watch.isAnother) return this.#stopAll();
    if (position > end) return this.gap(partition, 'rewound', end);
    if (position >= start) {
      // The anchor is gone, or the leader knows nothing of our epoch any more; neither says anything.
      partition.isUnverified = false;
      partition.moveTo(position);
      return;
    }
    partition.lostFrom ??= position;
    partition.isUnverified = false;
    partition.anchor = null;
    partition.moveTo(start);
    // Nothing follows whose time could tell how young the lost ones were.
    if (start >= end) this.lost(partition, -1);
  }

  #stopAll(): void {
    const running = [...this.#partitions.values()].filter(({ isStopped }) => !isStopped);
    for (const partition of running) partition.isStopped = true;
    const [first] = running;
    if (first !== undefined) this.#tellGap(first, 'recreated', 0, null);
  }

  #tellGap(
    { partition, position }: LogPartition,
    kind: GapKind,
    foundAt: number,
    foundTimestampMs: number | null,
  ): void {
    const gap = { topic: this.topic, kind, partition, position: position ?? 0, foundAt };
    this.#listener?.onTrouble(new LogGapError({ ...gap, foundTimestampMs }));
  }

  #trouble(error: unknown): void {
    if (this.#closing.isClosed) return;
    this.#listener?.onTrouble(this.#failure(error));
  }

  #refreshSoon(): void {
    this.#wantsRefresh.resolve();
  }

  async #close(): Promise<void> {
    this.#closing.close();
    const limits = { withinMs: this.#limits.closeStepMs, logger: this.#logger };
    await lastDuty('delete the group', this.#group.delete(), limits);
    this.#watch.close();
    await lastDuty('end', Promise.all([this.#loops.ended(), this.#watching]), limits);
  }

  #failure(error: unknown): ThunderError {
    if (this.#closing.isClosed) {
      const options = { code: 'CLOSED', retry: 'never', cause: error } as const;
      return new DependencyError(`reading ${this.topic} was given up: closed`, options);
    }
    const { connection, groupId, topicFlag } = this.#options;
    const { brokers } = connection;
    return toKafkaError(error, { brokers, topic: this.topic, groupId, topicFlag });
  }
}

async function unlessAborted<T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('given up'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([start(), aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
