/**
 * The input topic through kafkajs: one shared consumer group, no auto-commit.
 *
 * What kafkajs does that has to be worked with: it starts a partition again from its committed
 * position after a rebalance; a handler may still run while another broker's fetch joins the group
 * again, and its stale position is then ignored; a consumer that crashes stays dead, so it is
 * replaced; it may not be disconnected from inside a handler.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { type Backoff, createBackoff, defaultBackoff, retry } from '#runtime/backoff.ts';
import { DependencyError, type ThunderError } from '#runtime/errors.ts';
import { createKafka, type KafkaConnectionOptions } from '#runtime/kafka/kafka-connection.ts';
import { toKafkaError } from '#runtime/kafka/kafka-errors.ts';
import { UnreadableBatchError, UnreadableBatches } from '#runtime/kafka/unreadable-batch.ts';
import { checkTopics } from './kafka-topics.ts';
import {
  fetchBytesMax,
  fetchBytesPerPartitionMax,
  fetchWaitMs,
  metadataMaxAgeMs,
} from './transform-limits.ts';
import type { InputBounds, InputListener, InputRecord, TransformInput } from './transform-ports.ts';

export interface KafkaInputOptions {
  readonly connection: KafkaConnectionOptions;
  readonly topic: string;
  /** Shared by all transformers of a fleet; a new group begins at the start of the topic. */
  readonly groupId: string;
  /** Fetch from the replica in this rack where the brokers allow it. */
  readonly rack?: string | undefined;
  /** The flag that names the topic, for errors that say what to correct. */
  readonly topicFlag?: string;
  /** Put before the names of settings in error sentences. */
  readonly settingsPrefix?: string;
  /** A member that is silent for this long loses its partitions. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** Default 3,000. */
  readonly heartbeatMs?: number;
  /** New partitions are noticed within this time. Default 30,000. */
  readonly metadataMaxAgeMs?: number;
}

export function createKafkaInput(options: KafkaInputOptions): TransformInput {
  return new KafkaInput(options);
}

class KafkaInput implements TransformInput {
  readonly topic: string;
  readonly #options: KafkaInputOptions;
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  readonly #heartbeatMs: number;
  readonly #closing = new AbortController();
  readonly #restartBackoff: Backoff = createBackoff(defaultBackoff);
  readonly #unreadable = new UnreadableBatches();
  #consumer: Consumer | null = null;
  #listener: InputListener | null = null;
  #commit: EachBatchPayload['commitOffsetsIfNecessary'] | null = null;
  /** Grows with every assignment. */
  #assignment = 0;
  #isPaused = false;
  #opening: Promise<void> = Promise.resolve();
  #closed: Promise<void> | null = null;

  constructor(options: KafkaInputOptions) {
    this.#options = options;
    this.topic = options.topic;
    this.#heartbeatMs = options.heartbeatMs ?? 3000;
    this.#kafka = createKafka(options.connection);
    this.#admin = this.#kafka.admin();
  }

  open(signal: AbortSignal, onTrouble: (error: Error) => void): Promise<void> {
    this.#opening = this.#open(signal, onTrouble);
    return this.#opening;
  }

  async #open(signal: AbortSignal, onTrouble: (error: Error) => void): Promise<void> {
    await retry(
      () =>
        this.#asking(async () => {
          await this.#admin.connect();
          await checkTopics(this.#admin, [this.topic], (error) => this.#toError(error));
        }),
      {
        attemptsMax: Number.POSITIVE_INFINITY,
        signal: AbortSignal.any([signal, this.#closing.signal]),
        onRetry: (error) => onTrouble(this.#toError(error)),
      },
    );
  }

  async run(listener: InputListener): Promise<void> {
    this.#closing.signal.throwIfAborted();
    this.#listener = listener;
    await this.#startConsumer(listener);
  }

  async bounds(): Promise<readonly InputBounds[]> {
    return this.#asking(async () => {
      const [ends, groups] = await Promise.all([
        this.#admin.fetchTopicOffsets(this.topic),
        this.#admin.fetchOffsets({ groupId: this.#options.groupId, topics: [this.topic] }),
      ]);
      const committed = new Map<number, number>();
      for (const { partition, offset } of groups[0]?.partitions ?? []) {
        committed.set(partition, Number(offset));
      }
      return ends.map(({ partition, low, high }) => {
        const position = committed.get(partition) ?? -1;
        return {
          partition,
          start: Number(low),
          end: Number(high),
          committed: position < 0 ? null : position,
        };
      });
    });
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    const commit = this.#commit;
    if (commit === null) {
      throw new DependencyError('not a member of the group at the moment', {
        code: 'KAFKA_NOT_A_MEMBER',
        retry: 'backoff',
      });
    }
    const partitions = [...positions].map(([partition, offset]) => ({
      partition,
      offset: String(offset),
    }));
    await this.#asking(() => commit({ topics: [{ topic: this.topic, partitions }] }));
  }

  pause(): void {
    this.#isPaused = true;
    try {
      this.#consumer?.pause([{ topic: this.topic }]);
    } catch (error) {
      // A consumer between crash and restart has nothing to pause, and throws.
      this.#listener?.onTrouble(this.#toError(error));
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    // kafkajs keeps a connection that is given up while it is being made.
    await Promise.allSettled([this.#opening]);
    this.#commit = null;
    const consumer = this.#consumer;
    this.#consumer = null;
    await Promise.allSettled([consumer?.disconnect(), this.#admin.disconnect()]);
  }

  async #startConsumer(listener: InputListener): Promise<void> {
    const consumer = this.#kafka.consumer({
      groupId: this.#options.groupId,
      sessionTimeout: this.#options.sessionTimeoutMs ?? 10_000,
      heartbeatInterval: this.#heartbeatMs,
      metadataMaxAge: this.#options.metadataMaxAgeMs ?? metadataMaxAgeMs,
      maxBytesPerPartition: fetchBytesPerPartitionMax,
      maxBytes: fetchBytesMax,
      maxWaitTimeInMs: fetchWaitMs,
      allowAutoTopicCreation: false,
      ...(this.#options.rack === undefined ? {} : { rackId: this.#options.rack }),
      // A crash is ours to handle: kafkajs would give up for good on some.
      retry: {
        retries: 5,
        initialRetryTime: 100,
        maxRetryTime: 5000,
        restartOnFailure: async () => false,
      },
    });
    this.#consumer = consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (consumer === this.#consumer) {
        this.#assignment += 1;
        this.#restartBackoff.reset();
        listener.onAssigned(payload.memberAssignment[this.topic] ?? []);
      }
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      // Nothing but control records or aborted ones: no handler saw it, yet the position moved.
      if (payload.batchSize === 0 && consumer === this.#consumer) {
        listener.onRecords(payload.partition, [], Number(payload.lastOffset) + 1);
      }
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (consumer === this.#consumer) {
        void this.#restartConsumer(listener, payload.error);
      }
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: this.topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.#onBatch(payload, listener),
      });
      // Closed while it was starting: what was disconnected then has connected again since.
      if (this.#closing.signal.aborted) {
        await consumer.disconnect();
      }
    } catch (error) {
      await this.#restartConsumer(listener, error);
    }
  }

  async #restartConsumer(listener: InputListener, cause: unknown): Promise<void> {
    const crashed = this.#consumer;
    this.#commit = null;
    if (this.#closing.signal.aborted) {
      return;
    }
    listener.onTrouble(this.#toError(cause));
    await Promise.allSettled([crashed?.disconnect()]);
    await sleep(this.#restartBackoff.nextMs(), undefined, { signal: this.#closing.signal }).catch(
      () => undefined,
    );
    if (!this.#closing.signal.aborted) {
      await this.#startConsumer(listener);
    }
  }

  async #onBatch(payload: EachBatchPayload, listener: InputListener): Promise<void> {
    const { batch } = payload;
    const assignment = this.#assignment;
    this.#commit = (offsets) => payload.commitOffsetsIfNecessary(offsets);
    const room = listener.untilRoom();
    if (room !== undefined) {
      // A heartbeat that finds the group rebalancing throws, and the batch is fetched again later.
      while (!(await settlesWithin(room, this.#heartbeatMs))) {
        await payload.heartbeat();
      }
    }
    if (this.#isPaused || !payload.isRunning() || assignment !== this.#assignment) {
      return;
    }
    const { partition } = batch;
    const { readable, passedBy, againFrom } = this.#unreadable.sort(partition, batch.messages);
    for (const one of passedBy) {
      listener.onTrouble(new UnreadableBatchError(this.topic, partition, one));
    }
    const next = againFrom ?? Number(batch.lastOffset()) + 1;
    // kafkajs goes on behind what is resolved: at the batch that is to be fetched again.
    if (againFrom === null || readable.length + passedBy.length > 0) {
      listener.onRecords(partition, readable.map(toRecord), next);
      payload.resolveOffset(String(next - 1));
    }
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw this.#toError(error);
    }
  }

  #toError(error: unknown): ThunderError {
    const { connection, groupId, settingsPrefix, topic, topicFlag } = this.#options;
    return toKafkaError(error, {
      brokers: connection.brokers,
      topic,
      topicFlag,
      groupId,
      ...(settingsPrefix === undefined ? {} : { settingsPrefix }),
    });
  }
}

function toRecord(message: KafkaMessage): InputRecord {
  return {
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
  };
}

async function settlesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
  const settled = await Promise.race([promise.then(() => true), late]);
  timer.abort();
  return settled;
}
