/**
 * The pump: input records are converted as they arrive and queued in one line of batches; a single
 * sender takes them in turn, and positions are committed only behind acknowledged batches (T2).
 *
 *   onRecords -> OutputQueue -> send, again until acknowledged -> commit
 *
 * One send is in flight at a time, so order per input partition holds through every retry. A send
 * that fails blocks what is behind it and, once the queue is full, the input: nothing is skipped.
 * At least once: a crash or a rebalance repeats what was written but not committed, and readers
 * give repeated events no effect (E4, E5, E7). That is also why the producer is not idempotent.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/errors.ts';
import { UnreadableBatchError } from '#runtime/kafka/unreadable-batch.ts';
import type { Logger } from '#runtime/logger.ts';
import type { NodeStage, PartitionStatus } from '#runtime/node-status.ts';
import { AcknowledgedSender } from './acknowledged-sender.ts';
import { DeadLetters } from './dead-letters.ts';
import type { RecordConverter } from './input-formats.ts';
import { type OutputBatch, OutputQueue } from './output-queue.ts';
import { OwnedPartitions } from './owned-partitions.ts';
import { PositionCommitter } from './position-committer.ts';
import { createSkipLog, type SkipLog } from './skip-log.ts';
import type { TransformCounter, TransformRecorder } from './transform-counters.ts';
import { defaultTransformLimits, type TransformLimits } from './transform-limits.ts';
import { isDefect } from './transform-outcome.ts';
import type {
  InputRecord,
  OutputRecord,
  TransformInput,
  TransformOutput,
} from './transform-ports.ts';

/** Lets a test die, or wait, at the worst moment. There is no setting for it. */
export interface TransformFailpoints {
  readonly forTestsOnly: true;
  /** After a batch was acknowledged, before its positions may be committed. */
  readonly onProduced?: () => void | Promise<void>;
}

export interface TransformerOptions {
  readonly input: TransformInput;
  readonly output: TransformOutput;
  readonly outputTopic: string;
  readonly converter: RecordConverter;
  /**
   * Broken records are copied here, bytes and key as they were (T5), and events that the output
   * refuses. None: the former are counted and logged only, and the latter block.
   */
  readonly deadLetterTopic?: string;
  /** How long a partial batch waits for more, at most. Default 50. */
  readonly lingerMs?: number;
  /** How often the input's ends are asked for. Default 5,000. */
  readonly lagIntervalMs?: number;
  readonly limits?: Partial<TransformLimits>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder?: TransformRecorder;
  readonly failpoints?: TransformFailpoints;
}

export interface TransformerStatus {
  /** connecting -> replaying (joined, not yet at the end) -> ready (latched) -> draining. */
  readonly stage: NodeStage;
  readonly ready: boolean;
  /** When it first was; null before that. */
  readonly readyAt: string | null;
  /** One sentence when something is in the way, otherwise empty. */
  readonly reason: string;
  /** Input events not yet committed, over the partitions this process owns. */
  readonly lagEvents: number;
  /** Those this process owns; `position` is the committed one. */
  readonly partitions: readonly PartitionStatus[];
  /** By `TransformCounter`; those that are still 0 are left out. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface Transformer {
  /**
   * Opens both sides and starts pumping; resolves when the group has been asked to be joined.
   * Rejects with a ThunderError when a side cannot be used, or when the signal aborts.
   */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Takes nothing new, sends and commits what is queued for `drainMs` at most, leaves the group and
   * disconnects within `closeMs`. Idempotent. What was not committed is delivered again to whoever
   * reads next.
   */
  stop(): Promise<void>;
  status(): TransformerStatus;
}

export function createTransformer(options: TransformerOptions): Transformer {
  return new Pump(options);
}

class Pump implements Transformer {
  readonly #options: TransformerOptions;
  readonly #limits: TransformLimits;
  readonly #lingerMs: number;
  readonly #queue: OutputQueue;
  readonly #skipLog: SkipLog;
  readonly #deadLetters: DeadLetters;
  readonly #counters: Record<string, number> = {};
  readonly #aborter = new AbortController();
  readonly #partitions: OwnedPartitions;
  readonly #sender: AcknowledgedSender;
  readonly #committer: PositionCommitter;
  #sending = false;
  #lingerTimer: NodeJS.Timeout | null = null;
  #lagTimer: NodeJS.Timeout | null = null;
  #partialIsDue = false;
  #wakeOnChange: (() => void)[] = [];
  #caughtUp = false;
  #readyAt: string | null = null;
  #stopping: Promise<void> | null = null;
  #inputTrouble = '';
  #openTrouble = '';

  constructor(options: TransformerOptions) {
    this.#options = options;
    this.#limits = { ...defaultTransformLimits, ...options.limits };
    this.#lingerMs = options.lingerMs ?? 50;
    this.#queue = new OutputQueue(this.#limits);
    this.#skipLog = createSkipLog(options.logger, options.clock);
    const { input, output, logger } = options;
    this.#deadLetters = new DeadLetters(options.deadLetterTopic, input.topic);
    const { signal } = this.#aborter;
    this.#sender = new AcknowledgedSender({
      output,
      logger,
      limits: this.#limits,
      signal,
      onFailure: () => this.#count('send_failures'),
      maySetAside: (topic, record) => this.#deadLetters.maySetAside(topic, record),
      onRefused: (topic, record) => this.#onRefused(topic, record),
    });
    this.#committer = new PositionCommitter({
      input,
      logger,
      limits: this.#limits,
      signal,
      onFailure: () => this.#count('commit_failures'),
      onIdle: () => {
        this.#noteProgress();
        this.#wake();
      },
    });
    this.#partitions = new OwnedPartitions({
      topic: input.topic,
      committed: (partition) => this.#committer.committed(partition),
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { input, output, logger } = this.#options;
    await output.open(signal, (error) => {
      this.#openTrouble = messageOf(error);
      logger.warn({ error: messageOf(error) }, 'output is not there yet, trying again');
    });
    this.#openTrouble = '';
    await input.open(signal, (error) => this.#onInputTrouble(error));
    this.#inputTrouble = '';
    signal.throwIfAborted();
    await input.run({
      onAssigned: (partitions) => this.#onAssigned(partitions),
      untilRoom: () => (this.#queue.isFull ? this.#untilRoom() : undefined),
      onRecords: (partition, records, next) => this.#onRecords(partition, records, next),
      onTrouble: (error) => this.#onInputTrouble(error),
    });
    if (this.#stopping !== null) {
      return;
    }
    this.#lagTimer = setInterval(() => {
      void this.#refreshEnds();
    }, this.#options.lagIntervalMs ?? 5000).unref();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#drainAndClose();
    return this.#stopping;
  }

  status(): TransformerStatus {
    return {
      stage: this.#stage(),
      ready: this.#stage() === 'ready',
      readyAt: this.#readyAt,
      reason: this.#reason(),
      lagEvents: this.#partitions.lagEvents,
      partitions: this.#partitions.statuses(),
      counters: { ...this.#counters },
    };
  }

  #reason(): string {
    const trouble = this.#sender.trouble || this.#openTrouble || this.#inputTrouble;
    if (trouble !== '') return trouble;
    return this.#partitions.isSpare ? 'no partitions assigned: more members than partitions' : '';
  }

  #stage(): NodeStage {
    if (this.#stopping !== null) {
      return 'draining';
    }
    if (!this.#partitions.isJoined) {
      return 'connecting';
    }
    // A spare is ready to take over, which is not latched: it has shown nothing.
    return this.#caughtUp || this.#partitions.isSpare ? 'ready' : 'replaying';
  }

  #count(counter: TransformCounter, amount = 1): void {
    this.#counters[counter] = (this.#counters[counter] ?? 0) + amount;
    this.#options.recorder?.counted(counter, amount);
  }

  #onInputTrouble(error: Error): void {
    if (error instanceof UnreadableBatchError) {
      this.#onUnreadableBatch(error);
      return;
    }
    this.#count('input_failures');
    this.#inputTrouble = messageOf(error);
    this.#options.logger.warn({ error: messageOf(error) }, 'input failed, trying again');
  }

  /** Like a record that cannot be read: skipped, and nothing that is in the way (T5). */
  #onUnreadableBatch({ topic, partition, batch }: UnreadableBatchError): void {
    const { firstOffset, lastOffset, reason } = batch;
    this.#count('unreadable_batch');
    const more = { lastOffset, detail: reason };
    this.#skipLog.skipped('unreadable_batch', topic, partition, firstOffset, more);
    this.#partitions.noteDelivered(partition, lastOffset + 1);
  }

  #onAssigned(partitions: readonly number[]): void {
    this.#partitions.assign(partitions);
    // What is queued stays, and is sent, even if its partition was lost: positions are true only
    // as long as nothing that was handed over is ever left out.
    this.#committer.keepOnly(partitions);
    this.#count('assignments');
    const { logger, input } = this.#options;
    logger.info({ topic: input.topic, partitions }, 'partitions assigned');
    void this.#refreshEnds();
  }

  #onRecords(partition: number, records: readonly InputRecord[], nextOffset: number): void {
    if (this.#stopping !== null) {
      return;
    }
    this.#inputTrouble = '';
    const firstOffset = records[0]?.offset ?? nextOffset;
    this.#committer.resumedAt(partition, firstOffset);
    this.#noteGap(partition, firstOffset);
    for (const record of records) {
      this.#convert(partition, record);
    }
    this.#queue.advance(partition, nextOffset);
    this.#partitions.noteDelivered(partition, nextOffset);
    this.#count('read', records.length);
    if (this.#queue.hasFullBatch) {
      void this.#sendQueued();
    }
    if (!this.#queue.isEmpty && this.#lingerTimer === null) {
      this.#lingerTimer = setTimeout(() => {
        this.#lingerTimer = null;
        this.#partialIsDue = true;
        void this.#sendQueued();
      }, this.#lingerMs);
    }
  }

  #convert(partition: number, record: InputRecord): void {
    const { clock, converter, input } = this.#options;
    const nowMs = clock.nowMs();
    // A stamp from the future would be refused by a broker, or expire the record late.
    const timestampMs = record.timestampMs < 0 ? nowMs : Math.min(record.timestampMs, nowMs);
    const outcome = converter(record.value, timestampMs, Math.floor(nowMs / 1000));
    const nextOffset = record.offset + 1;
    if (outcome.kind === 'write') {
      this.#count(outcome.event === 'create' ? 'written_create' : 'written_delete');
      const event: OutputRecord = {
        key: outcome.key,
        value: outcome.value,
        everyPartition: outcome.key === null,
        timestampMs,
        inputPartition: partition,
        inputOffset: record.offset,
      };
      this.#queue.append(event, null, partition, nextOffset);
      return;
    }
    this.#count(`skipped_${outcome.reason}`);
    if (!isDefect(outcome.reason)) {
      return;
    }
    this.#skipLog.skipped(outcome.reason, input.topic, partition, record.offset);
    if (this.#deadLetters.topic !== undefined) {
      const letter = this.#deadLetters.ofInput(record, outcome.reason, partition, timestampMs);
      this.#queue.append(null, letter, partition, nextOffset);
    }
  }

  /** Offsets nobody delivered: retention overtook us, or (one at a time) a transaction's marker. */
  #noteGap(partition: number, firstOffset: number): void {
    const gone = firstOffset - (this.#partitions.delivered(partition) ?? firstOffset);
    if (gone > 0) {
      this.#count('gone_before_read', gone);
    }
    if (gone > 1) {
      const { logger, input } = this.#options;
      const fields = { topic: input.topic, partition, offset: firstOffset, gone };
      logger.warn(fields, 'offsets were gone before they were read');
    }
  }

  async #untilRoom(): Promise<void> {
    while (this.#queue.isFull && this.#stopping === null) {
      await this.#untilChange();
    }
  }

  /** The one sender: takes batches in turn until none is due. */
  async #sendQueued(): Promise<void> {
    if (this.#sending) {
      return;
    }
    this.#sending = true;
    while (!this.#aborter.signal.aborted) {
      const batch = this.#queue.take(this.#partialIsDue || this.#stopping !== null);
      if (this.#queue.isEmpty) {
        this.#stopLinger();
      }
      if (batch === null) {
        break;
      }
      this.#wake();
      if (!(await this.#sendBatch(batch))) {
        break;
      }
      await this.#options.failpoints?.onProduced?.();
      this.#committer.acknowledge(batch.positions);
    }
    this.#sending = false;
    this.#wake();
  }

  /** False when a stop cut it short. */
  async #sendBatch(batch: OutputBatch): Promise<boolean> {
    const { clock, deadLetterTopic, outputTopic, recorder } = this.#options;
    const startMs = clock.monotonicMs();
    if (!(await this.#sender.send(outputTopic, batch.events))) {
      return false;
    }
    if (deadLetterTopic !== undefined) {
      const count = batch.deadLetters.length;
      if (!(await this.#sender.send(deadLetterTopic, batch.deadLetters))) {
        return false;
      }
      if (count > 0) {
        this.#count('dead_lettered', count);
      }
    }
    const records = batch.events.length + batch.deadLetters.length;
    recorder?.sent(records, (clock.monotonicMs() - startMs) / 1000);
    return true;
  }

  async #onRefused(topic: string, record: OutputRecord): Promise<boolean> {
    this.#count('refused');
    const deadLetters = this.#deadLetters;
    if (deadLetters.topic === undefined || topic === deadLetters.topic) {
      return true;
    }
    if (!(await this.#sender.send(deadLetters.topic, [deadLetters.ofRefused(record)]))) {
      return false;
    }
    this.#count('dead_lettered');
    return true;
  }

  async #refreshEnds(): Promise<void> {
    const { input, logger, recorder } = this.#options;
    const { assignment } = this.#partitions;
    try {
      const bounds = await input.bounds();
      if (assignment !== this.#partitions.assignment) {
        return;
      }
      this.#partitions.noteBounds(bounds);
    } catch (error) {
      logger.debug({ topic: input.topic, error: messageOf(error) }, 'ends could not be asked for');
      return;
    }
    this.#noteProgress();
    const { lagEvents } = this.#partitions;
    // Having joined says nothing about reading; having nothing to read does.
    if (lagEvents === 0) this.#inputTrouble = '';
    for (const { topic, partition, lag } of this.#partitions.statuses()) {
      recorder?.lag(topic, partition, lag);
    }
  }

  /** Readiness is latched once caught up. */
  #noteProgress(): void {
    this.#caughtUp ||= this.#partitions.isCaughtUp;
    if (this.#stage() === 'ready') {
      this.#readyAt ??= new Date(this.#options.clock.nowMs()).toISOString();
    }
  }

  async #drainAndClose(): Promise<void> {
    const { input, output, logger } = this.#options;
    if (this.#lagTimer !== null) {
      clearInterval(this.#lagTimer);
    }
    // `stop` has not stored our promise yet: let it, so that everything below sees us stopping.
    await Promise.resolve();
    input.pause();
    this.#stopLinger();
    this.#wake();
    void this.#sendQueued();
    const deadline = sleep(this.#limits.drainMs, undefined, { ref: false }).then(() =>
      this.#aborter.abort(),
    );
    while (!this.#isIdle() && !this.#aborter.signal.aborted) {
      await Promise.race([this.#untilChange(), deadline]);
    }
    if (!this.#isIdle()) {
      logger.warn('stopped with events not acknowledged: they will be delivered again');
    }
    this.#aborter.abort();
    this.#wake();
    const closing = Promise.allSettled([input.close(), output.close()]);
    await Promise.race([closing, sleep(this.#limits.closeMs, undefined, { ref: false })]);
  }

  #isIdle(): boolean {
    return this.#queue.isEmpty && !this.#sending && this.#committer.isIdle;
  }

  #stopLinger(): void {
    if (this.#lingerTimer !== null) {
      clearTimeout(this.#lingerTimer);
      this.#lingerTimer = null;
    }
    this.#partialIsDue = false;
  }

  #untilChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeOnChange.push(resolve);
    });
  }

  #wake(): void {
    const waiting = this.#wakeOnChange;
    this.#wakeOnChange = [];
    for (const resolve of waiting) {
      resolve();
    }
  }
}
