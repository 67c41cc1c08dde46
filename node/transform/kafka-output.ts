/**
 * The output and dead-letter topics through kafkajs: acks from all in-sync replicas, keys spread as
 * Kafka's Java clients do. Not idempotent: kafkajs's sequence numbers do not survive every failed
 * request, and a repeated event has no effect on a reader (E7).
 */
import {
  type Admin,
  CompressionTypes,
  type ICustomPartitioner,
  type Kafka,
  type Message,
  type Producer,
} from 'kafkajs';
import { retry } from '#runtime/backoff.ts';
import type { ThunderError } from '#runtime/errors.ts';
import { createKafka, type KafkaConnectionOptions } from '#runtime/kafka/kafka-connection.ts';
import { toKafkaError } from '#runtime/kafka/kafka-errors.ts';
import {
  choosingOnce,
  sendAcknowledged,
  UnansweredSendError,
} from '#runtime/kafka/send-acknowledged.ts';
import { partitionOfKey } from './author-partition.ts';
import { checkTopics } from './kafka-topics.ts';
import { metadataMaxAgeMs } from './transform-limits.ts';
import { type OutputRecord, OutputRefusedError, type TransformOutput } from './transform-ports.ts';

export interface KafkaOutputOptions {
  readonly connection: KafkaConnectionOptions;
  readonly topic: string;
  readonly deadLetterTopic?: string;
  /** Default none: the events are small and the time is better spent elsewhere. */
  readonly compression?: 'none' | 'gzip';
  /** The flag that names the topic, for errors that say what to correct. */
  readonly topicFlag?: string;
  /** The same for the dead-letter topic. */
  readonly deadLetterTopicFlag?: string;
  /** Put before the names of settings in error sentences: `producer-`. */
  readonly settingsPrefix?: string;
}

/** How long a broker may wait for its in-sync replicas. Below the client's own request timeout. */
const acknowledgeTimeoutMs = 10_000;

/** Kafka's names for what will not be taken however often it is sent. */
const refusals = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
]);

export function createKafkaOutput(options: KafkaOutputOptions): TransformOutput {
  return new KafkaOutput(options);
}

class KafkaOutput implements TransformOutput {
  readonly #options: KafkaOutputOptions;
  readonly #admin: Admin;
  readonly #producer: Producer;
  readonly #partitionCounts = new Map<string, number>();
  readonly #closing = new AbortController();
  #opening: Promise<void> = Promise.resolve();
  #sending: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;

  constructor(options: KafkaOutputOptions) {
    this.#options = options;
    const kafka: Kafka = createKafka(options.connection);
    this.#admin = kafka.admin();
    this.#producer = kafka.producer({
      createPartitioner: choosingOnce(this.#partitioner),
      allowAutoTopicCreation: false,
      metadataMaxAge: metadataMaxAgeMs,
    });
  }

  open(signal: AbortSignal, onTrouble: (error: Error) => void): Promise<void> {
    this.#opening = this.#open(signal, onTrouble);
    return this.#opening;
  }

  async #open(signal: AbortSignal, onTrouble: (error: Error) => void): Promise<void> {
    const { deadLetterTopic, topic } = this.#options;
    const topics = deadLetterTopic === undefined ? [topic] : [topic, deadLetterTopic];
    await retry(
      async () => {
        try {
          await this.#admin.connect();
          const toError = (error: unknown, about: string) => this.#toError(error, about);
          for (const [name, count] of await checkTopics(this.#admin, topics, toError)) {
            this.#partitionCounts.set(name, count);
          }
          await this.#producer.connect();
          await this.#admin.disconnect();
        } catch (error) {
          throw this.#toError(error, topic);
        }
      },
      {
        attemptsMax: Number.POSITIVE_INFINITY,
        signal: AbortSignal.any([signal, this.#closing.signal]),
        onRetry: (error) => onTrouble(this.#toError(error, topic)),
      },
    );
  }

  async send(topic: string, records: readonly OutputRecord[]): Promise<void> {
    const messages: Message[] = [];
    const count = this.#partitionCounts.get(topic) ?? 1;
    for (const record of records) {
      if (record.everyPartition) {
        for (let partition = 0; partition < count; partition += 1) {
          messages.push({ ...toMessage(record), partition });
        }
      } else {
        messages.push(toMessage(record));
      }
    }
    const isGzip = this.#options.compression === 'gzip';
    const sending = sendAcknowledged(this.#producer, {
      topic,
      messages,
      acks: -1,
      timeout: acknowledgeTimeoutMs,
      compression: isGzip ? CompressionTypes.GZIP : CompressionTypes.None,
    });
    this.#sending = sending;
    try {
      await sending;
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal !== null) {
        const { message } = this.#toError(error, topic);
        const sentence = `topic ${topic} refuses it (${refusal}): ${message}${this.#elsewhere()}`;
        throw new OutputRefusedError(sentence, error);
      }
      throw this.#toError(error, topic);
    }
    // Partitions that were found on the way have not got what every partition gets.
    const added = (this.#partitionCounts.get(topic) ?? count) - count;
    if (added > 0 && records.some((record) => record.everyPartition)) {
      const missed = Array.from({ length: added }, (_, index) => count + index);
      throw new UnansweredSendError(topic, missed);
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
    await Promise.allSettled([this.#producer.disconnect(), this.#admin.disconnect()]);
    // A send that was under way makes kafkajs connect once more, for its next attempt.
    await Promise.allSettled([this.#sending]);
    await Promise.allSettled([this.#producer.disconnect()]);
  }

  /** Also notes how many partitions there are now, for the records that go to each. */
  readonly #partitioner: ICustomPartitioner = () => {
    let next = 0;
    return ({ topic, message, partitionMetadata }) => {
      const count = partitionMetadata.length;
      this.#partitionCounts.set(topic, count);
      if (message.partition !== undefined) {
        return message.partition;
      }
      if (Buffer.isBuffer(message.key)) {
        return partitionOfKey(message.key, count);
      }
      next = (next + 1) % count;
      return next;
    };
  };

  /** What else can be done about a record that is refused. */
  #elsewhere(): string {
    const { deadLetterTopic, deadLetterTopicFlag = 'a dead-letter topic' } = this.#options;
    return deadLetterTopic === undefined ? `, or name ${deadLetterTopicFlag} to set it aside` : '';
  }

  #toError(error: unknown, topic: string): ThunderError {
    const { connection, settingsPrefix, deadLetterTopic } = this.#options;
    const { topicFlag, deadLetterTopicFlag } = this.#options;
    return toKafkaError(error, {
      brokers: connection.brokers,
      topic,
      topicFlag: topic === deadLetterTopic ? deadLetterTopicFlag : topicFlag,
      ...(settingsPrefix === undefined ? {} : { settingsPrefix }),
    });
  }
}

function toMessage(record: OutputRecord): Message {
  const message: Message = {
    key: record.key,
    value: record.value,
    timestamp: String(record.timestampMs),
  };
  if (record.headers !== undefined) {
    message.headers = { ...record.headers };
  }
  return message;
}

function refusalIn(error: unknown): string | null {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ('type' in one && typeof one.type === 'string' && refusals.has(one.type)) {
      return one.type;
    }
  }
  return null;
}
