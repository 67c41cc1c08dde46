/**
 * A topic of a real Kafka as the event source suite wants it: one topic a log, sources in groups of
 * their own.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import type { SuiteLog } from '#node/ingest/event-source.suite.ts';
import {
  createKafkaEventSource,
  type KafkaEventSource,
  type KafkaEventSourceOptions,
} from '#node/ingest/kafka-event-source.ts';
import { createKafkaProducer } from '#runtime/kafka/kafka-connection.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createTopics } from '#test/components/kafka/create-topics.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import { produceWithJava } from '#test/components/kafka/transactions.ts';

export class KafkaLog implements SuiteLog {
  readonly topic: string;
  readonly #kafka: TestKafka;
  readonly #client: Kafka;

  readonly #options: Partial<KafkaEventSourceOptions>;

  constructor(kafka: TestKafka, topic: string, options: Partial<KafkaEventSourceOptions> = {}) {
    this.#kafka = kafka;
    this.topic = topic;
    this.#options = options;
    this.#client = kafka.client();
  }

  /** `options` are those of every source that reads it. */
  static async create(
    kafka: TestKafka,
    partitions: number,
    options: Partial<KafkaEventSourceOptions> = {},
  ): Promise<KafkaLog> {
    const topic = await kafka.createTopic({ partitions, prefix: 'ingest' });
    return new KafkaLog(kafka, topic, options);
  }

  createSource(options: Partial<KafkaEventSourceOptions> = {}): KafkaEventSource {
    return createKafkaEventSource({
      connection: {
        brokers: this.#kafka.bootstrap.split(','),
        clientId: 'test',
        logger: silentLogger,
      },
      topic: this.topic,
      groupId: `ingest-${randomBytes(5).toString('hex')}`,
      logger: silentLogger,
      ...this.#options,
      ...options,
      limits: {
        metadataMaxAgeMs: 500,
        rewoundPauseMs: 100,
        fetchWaitMs: 100,
        ...this.#options.limits,
        ...options.limits,
      },
    });
  }

  async append(
    partition: number,
    texts: readonly (string | null)[],
    options: { readonly timestampMs?: number } = {},
  ): Promise<void> {
    const producer = createKafkaProducer(this.#client);
    await producer.connect();
    const { timestampMs } = options;
    const stamp = timestampMs === undefined ? {} : { timestamp: String(timestampMs) };
    const messages = texts.map((value) => ({ partition, value, ...stamp }));
    await producer.send({ topic: this.topic, acks: -1, messages });
    await producer.disconnect();
  }

  async appendHole(partition: number): Promise<void> {
    await produceWithJava({
      bootstrap: this.#kafka.bootstrap,
      topic: this.topic,
      partition,
      steps: [['abort', 3]],
    });
  }

  async deleteBefore(partition: number, offset: number): Promise<void> {
    await this.withAdmin(async (admin) => {
      // kafkajs looks for the leaders in metadata that only this call loads.
      await admin.fetchTopicOffsets(this.topic);
      await admin.deleteTopicRecords({
        topic: this.topic,
        partitions: [{ partition, offset: String(offset) }],
      });
    });
  }

  async recreate(
    partition: number,
    texts: readonly string[],
    noticed: () => Promise<void>,
  ): Promise<void> {
    await this.withAdmin(async (admin) => {
      await admin.deleteTopics({ topics: [this.topic] });
      while ((await admin.listTopics()).includes(this.topic)) await pause(20);
      await noticed();
      await createTopics(admin, [{ topic: this.topic, numPartitions: 1 }]);
    });
    await this.append(partition, texts);
  }

  async addPartition(): Promise<void> {
    await this.withAdmin(async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [this.topic] });
      const count = (topics[0]?.partitions.length ?? 0) + 1;
      await admin.createPartitions({ topicPartitions: [{ topic: this.topic, count }] });
    });
  }

  async withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#client.admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  }
}
