/**
 * `EventSource` over a kafkajs consumer that is alone in its group. Positions are ours: after every
 * join the consumer is set to them, and every batch is judged against them. A consumer that fails is
 * replaced, with back-off, for as long as the source is open.
 */
import type { Batch, Consumer, ConsumerEndBatchProcessEvent, Kafka } from 'kafkajs';
import { systemClock } from '#runtime/clock.ts';
import { DependencyError, messageOf, type ThunderError } from '#runtime/errors.ts';
import { createKafka, requestRetry } from '#runtime/kafka/kafka-connection.ts';
import { toKafkaError } from '#runtime/kafka/kafka-errors.ts';
import {
  fillView,
  type LogRecord,
  RecordView,
  viewRecordsMax,
} from '#runtime/kafka/record-view.ts';
import { UnreadableBatchError, UnreadableBatches } from '#runtime/kafka/unreadable-batch.ts';
import type { Logger } from '#runtime/logger.ts';
import { Closing } from './closing.ts';
import {
  type EventSourceListener,
  noSourceFacts,
  type PartitionBounds,
  type SourceFacts,
} from './event-source.ts';
import { LogGapError } from './event-source-gap.ts';
import { KafkaAdmin } from './kafka-admin.ts';
import {
  type KafkaEventSourceLimits,
  kafkaEventSourceLimits,
} from './kafka-event-source-limits.ts';
import type { KafkaEventSource, KafkaEventSourceOptions } from './kafka-event-source-options.ts';
import { KafkaAnchors } from './kafka-group-anchors.ts';
import { everythingAssigner } from './kafka-group-assigner.ts';
import { KafkaPositions } from './kafka-group-positions.ts';
import { KafkaTopicWatch } from './kafka-topic-watch.ts';
import { lastDuty } from './last-duty.ts';

export class KafkaGroupSource implements KafkaEventSource {
  readonly topic: string;
  readonly #options: KafkaEventSourceOptions;
  readonly #limits: KafkaEventSourceLimits;
  readonly #logger: Logger;
  readonly #kafka: Kafka;
  readonly #admin: KafkaAdmin;
  readonly #watch: KafkaTopicWatch;
  readonly #positions = new KafkaPositions();
  readonly #anchors = new KafkaAnchors();
  readonly #unreadable = new UnreadableBatches();
  readonly #closing = new Closing();
  #opened: readonly PartitionBounds[] | null = null;
  #consumer: Consumer | null = null;
  #listener: EventSourceListener | null = null;
  /** Work on a batch without records, which kafkajs does not wait for. */
  #emptyBatch: Promise<void> = Promise.resolve();
  #isStopped = false;
  #supervising: Promise<void> | null = null;
  #closingDone: Promise<void> | null = null;

  constructor(options: KafkaEventSourceOptions) {
    this.topic = options.topic;
    this.#options = options;
    this.#limits = { ...kafkaEventSourceLimits, ...options.limits };
    this.#logger = options.logger.child({ topic: options.topic, groupId: options.groupId });
    this.#kafka = createKafka(options.connection);
    this.#admin = new KafkaAdmin(this.#kafka, options.topic);
    this.#watch = new KafkaTopicWatch({
      kafka: this.#kafka,
      topic: options.topic,
      bootstrapBrokers: options.connection.brokers.length,
      limits: this.#limits,
    });
  }

  async open(signal: AbortSignal): Promise<readonly PartitionBounds[]> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    try {
      this.#opened = await unlessAborted(() => this.#openOnce(), either);
      return this.#opened;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async bounds(): Promise<readonly PartitionBounds[]> {
    try {
      const bounds = await this.#watch.bounds();
      this.#noteIdentity();
      return bounds;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /**
   * What about the topic's settings does not fit a reader that keeps `retentionSeconds`, one sentence
   * each: `cleanup.policy` must be delete and `retention.ms` no shorter than ours.
   */
  async checkTopic(retentionSeconds: number): Promise<readonly string[]> {
    try {
      return await this.#admin.warnings(retentionSeconds);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async run(positions: ReadonlyMap<number, number>, listener: EventSourceListener): Promise<void> {
    if (this.#listener !== null) throw new Error('an event source runs once');
    if (this.#opened === null) throw new Error('an event source is opened before it runs');
    this.#listener = listener;
    this.#positions.begin(positions, this.#opened);
    const started = Promise.withResolvers<void>();
    let isStarted = false;
    this.#supervising = this.#supervise((failure) => {
      // Only at the start can a failure that waiting does not cure be handed back to the caller.
      if (!isStarted && failure?.retry === 'never') {
        this.#closing.close();
        started.reject(failure);
      } else {
        started.resolve();
      }
      isStarted = true;
    });
    await started.promise;
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    const { topic } = this;
    const offsets = [...positions].map(([partition, position]) => ({
      topic,
      partition,
      offset: String(position),
    }));
    try {
      if (this.#consumer === null) throw new Error('no consumer is running');
      await this.#consumer.commitOffsets(offsets);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** kafkajs does not say how far the end is from the last stable offset of what it hands out. */
  facts(): SourceFacts {
    return { ...noSourceFacts, metadataRefreshes: this.#watch.refreshes };
  }

  close(): Promise<void> {
    this.#closingDone ??= this.#close();
    return this.#closingDone;
  }

  async #openOnce(): Promise<readonly PartitionBounds[]> {
    const { startAt = 'earliest', clock = systemClock, windowSeconds = 0 } = this.#options;
    await this.#watch.refresh();
    const bounds = await this.#watch.bounds();
    const sinceMs = clock.nowMs() - windowSeconds * 1000;
    const starts = await this.#watch.startsOf(bounds, startAt, sinceMs);
    return bounds.map((one) => ({ ...one, start: starts.get(one.partition) ?? one.start }));
  }

  /** Another topic under the same name: nothing of it is delivered. Told once. */
  #noteIdentity(): void {
    if (!this.#watch.isAnother || this.#isStopped || this.#listener === null) return;
    this.#isStopped = true;
    const [partition = 0] = this.#opened?.map((one) => one.partition) ?? [];
    const gap = { partition, position: this.#positions.of(partition), foundAt: 0 };
    this.#listener.onTrouble(
      new LogGapError({ topic: this.topic, kind: 'recreated', ...gap, foundTimestampMs: null }),
    );
  }

  async #close(): Promise<void> {
    this.#closing.close();
    const limits = { withinMs: this.#limits.closeStepMs, logger: this.#logger };
    const { groupId } = this.#options;
    await lastDuty('leave the group', this.#supervising ?? Promise.resolve(), limits);
    if (this.#listener !== null) {
      await lastDuty('delete the group', this.#admin.deleteGroup(groupId), limits);
    }
    this.#watch.close();
    await lastDuty('disconnect', this.#admin.disconnect(), limits);
  }

  /** Keeps a consumer running until the source is closed; `started` hears of every attempt. */
  async #supervise(started: (failure?: ThunderError) => void): Promise<void> {
    const { restartBackoffMs, restartBackoffMsMax } = this.#limits;
    let backoffMs = restartBackoffMs;
    while (!this.#closing.isClosed) {
      const failure = await this.#consume(() => {
        backoffMs = restartBackoffMs;
        started();
      });
      if (failure === undefined) break;
      started(failure);
      if (this.#closing.isClosed) break;
      this.#logger.warn({ error: failure.message, backoffMs }, 'consumer failed, starting again');
      this.#listener?.onTrouble(failure);
      await this.#closing.pause(backoffMs);
      backoffMs = Math.min(backoffMs * 2, restartBackoffMsMax);
    }
    started();
  }

  /** The life of one consumer: resolves with what ended it, or undefined when the source was closed. */
  async #consume(joined: () => void): Promise<ThunderError | undefined> {
    const consumer = this.#createConsumer();
    const { CRASH, GROUP_JOIN, END_BATCH_PROCESS } = consumer.events;
    let failure: unknown;
    const crashed = new Promise<void>((resolve) => {
      consumer.on(CRASH, ({ payload }) => {
        failure = payload.error;
        resolve();
      });
    });
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#anchors.joined();
      this.#seekAll(consumer, payload.memberAssignment[this.topic] ?? []);
      joined();
    });
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#passEmptyBatch(consumer, payload);
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [this.topic], fromBeginning: true });
      this.#consumer = consumer;
      await consumer.run({
        autoCommit: false,
        eachBatch: ({ batch }) => this.#eachBatch(consumer, batch),
      });
      await this.#closing.or(crashed);
      return failure === undefined ? undefined : this.#failure(failure);
    } catch (error) {
      return this.#failure(error);
    } finally {
      this.#consumer = null;
      try {
        await consumer.disconnect();
      } catch (error) {
        this.#logger.debug({ error: messageOf(error) }, 'consumer not disconnected');
      }
    }
  }

  #createConsumer(): Consumer {
    const limits = this.#limits;
    return this.#kafka.consumer({
      groupId: this.#options.groupId,
      ...(this.#options.rack === undefined ? {} : { rackId: this.#options.rack }),
      partitionAssigners: [everythingAssigner],
      maxBytesPerPartition: limits.partitionBytesMax,
      maxBytes: limits.fetchBytesMax,
      minBytes: 1,
      maxWaitTimeInMs: limits.fetchWaitMs,
      sessionTimeout: limits.sessionTimeoutMs,
      rebalanceTimeout: limits.rebalanceTimeoutMs,
      heartbeatInterval: limits.heartbeatMs,
      metadataMaxAge: limits.metadataMaxAgeMs,
      allowAutoTopicCreation: false,
      // We start it again ourselves: kafkajs would do so without a word and without a limit.
      retry: { ...requestRetry, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  /** kafkajs begins at its default offset after every join. */
  #seekAll(consumer: Consumer, partitions: readonly number[]): void {
    for (const partition of partitions) this.#seek(consumer, partition);
  }

  #seek(consumer: Consumer, partition: number): void {
    const offset = this.#anchors.offsetToCheck(partition) ?? this.#positions.of(partition);
    consumer.seek({ topic: this.topic, partition, offset: String(offset) });
  }

  async #eachBatch(consumer: Consumer, batch: Batch): Promise<void> {
    const { partition } = batch;
    const { readable, passedBy, againFrom } = this.#unreadable.sort(partition, batch.messages);
    const records = readable.map((message) => ({
      offset: Number(message.offset),
      timestampMs: Number(message.timestamp),
      value: message.value,
    }));
    const first = Number(batch.firstOffset() ?? batch.lastOffset());
    const start = Math.min(first, passedBy[0]?.firstOffset ?? first);
    const next = againFrom ?? Number(batch.lastOffset()) + 1;
    const work = this.#emptyBatch.then(async () => {
      for (const one of passedBy) {
        this.#listener?.onTrouble(new UnreadableBatchError(this.topic, partition, one));
      }
      if (next > start) await this.#deliver(consumer, partition, records, start, next);
      if (againFrom !== null && !this.#closing.isClosed) this.#seek(consumer, partition);
    });
    // Not waiting for a listener that itself waits for `close` is what keeps both from waiting for ever.
    await this.#closing.or(work);
  }

  /** Control records, aborted transactions and holes: only this event shows their offsets. */
  #passEmptyBatch(consumer: Consumer, batch: ConsumerEndBatchProcessEvent['payload']): void {
    const last = Number(batch.lastOffset);
    const first = batch.firstOffset === null ? last : Number(batch.firstOffset);
    const { partition } = batch;
    this.#emptyBatch = this.#emptyBatch
      .then(() => this.#deliver(consumer, partition, [], first, last + 1))
      .catch((error: unknown) => this.#readAgain(consumer, partition, error));
  }

  /** kafkajs has moved past a batch without records that we have not: back to where we are. */
  #readAgain(consumer: Consumer, partition: number, error: unknown): void {
    this.#listener?.onTrouble(this.#failure(error));
    try {
      this.#seek(consumer, partition);
    } catch (gone) {
      // The consumer has ended meanwhile; the next one starts at our positions anyway.
      this.#logger.debug({ partition, error: messageOf(gone) }, 'no consumer to set back');
    }
  }

  async #deliver(
    consumer: Consumer,
    partition: number,
    records: readonly LogRecord[],
    first: number,
    next: number,
  ): Promise<void> {
    const listener = this.#listener;
    if (listener === null || this.#closing.isClosed || this.#isStopped) return;
    const position = this.#positions.of(partition);
    const anchor = this.#anchors.check(partition, records);
    if (anchor === 'other') {
      const foundAt = this.#anchors.offsetToCheck(partition) ?? first;
      return this.#refuse(consumer, partition, 'replaced', foundAt);
    }
    // The anchor lies before our position: what is between them is skipped, not read behind it.
    if (anchor === 'same' && next <= position) return this.#seek(consumer, partition);
    const verdict = this.#positions.judge(partition, first, next);
    // Only a position that is out of range makes kafkajs go back behind the one it was set to.
    if (verdict.kind === 'behind') return this.#refuse(consumer, partition, 'rewound', first);
    if (verdict.kind === 'ahead' && (await this.#isLost(partition, verdict.position))) {
      const gap = { kind: 'lost', partition, position: verdict.position, foundAt: first } as const;
      const foundTimestampMs = records[0]?.timestampMs ?? null;
      listener.onTrouble(new LogGapError({ topic: this.topic, ...gap, foundTimestampMs }));
    }
    const fresh = this.#positions.fresh(partition, records);
    await handOver(listener, partition, fresh, next);
    this.#positions.advance(partition, next);
    this.#anchors.applied(partition, fresh);
  }

  /** Not the log that was read: nothing of it is delivered, and it is looked at again after a pause. */
  async #refuse(
    consumer: Consumer,
    partition: number,
    kind: 'rewound' | 'replaced',
    foundAt: number,
  ): Promise<void> {
    const position = this.#positions.of(partition);
    const gap = { topic: this.topic, kind, partition, position, foundAt };
    this.#listener?.onTrouble(new LogGapError(gap));
    await this.#closing.pause(this.#limits.rewoundPauseMs);
    if (!this.#closing.isClosed) this.#seek(consumer, partition);
  }

  /** Whether a jump forward passes over deleted records rather than over a hole of compaction. */
  async #isLost(partition: number, position: number): Promise<boolean> {
    const bounds = await this.bounds();
    const start = bounds.find((one) => one.partition === partition)?.start ?? 0;
    return start > position;
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

/** Copies records into views, as many as they take; each is applied before the next. */
async function handOver(
  listener: EventSourceListener,
  partition: number,
  records: readonly LogRecord[],
  nextOffset: number,
): Promise<void> {
  const view = new RecordView(Math.min(records.length, viewRecordsMax));
  let index = 0;
  do {
    index = fillView(view, records, index);
    await listener.onRecords(partition, view, records[index]?.offset ?? nextOffset);
  } while (index < records.length);
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
