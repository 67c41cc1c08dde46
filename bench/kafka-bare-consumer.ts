/**
 * The baseline of reading from Kafka: a kafkajs consumer that does nothing with what it reads. Its
 * fetch sizes are those of ingest.
 */
import { randomUUID } from 'node:crypto';
import { kafkaEventSourceLimits } from '#node/ingest/kafka-event-source-limits.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import { createFinish } from './finish.ts';
import { deleteGroup } from './kafka-topic.ts';

export const bareName = 'bare kafkajs';

export interface BareConsumer {
  /** When it was given its partitions, on the monotonic clock. */
  readonly joinedMs: number;
  /** Leaves and deletes its group. */
  stop(): Promise<void>;
}

/**
 * Resolves when it has joined; reads from the start. `onRecords` is told how many came, `onCrash` what
 * ended it.
 */
export async function startBareConsumer(
  kafka: TestKafka,
  topic: string,
  onRecords: (count: number) => void,
  onCrash: (error: unknown) => void,
): Promise<BareConsumer> {
  const groupId = `bench-bare-${randomUUID()}`;
  const limits = kafkaEventSourceLimits;
  const consumer = kafka.client().consumer({
    groupId,
    maxBytesPerPartition: limits.partitionBytesMax,
    maxBytes: limits.fetchBytesMax,
    maxWaitTimeInMs: limits.fetchWaitMs,
    minBytes: 1,
    allowAutoTopicCreation: false,
    retry: { restartOnFailure: async () => false },
  });
  const joined = new Promise<number>((resolve, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve(performance.now()));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      reject(payload.error);
      onCrash(payload.error);
    });
  });
  // Awaited below; a connection that fails before has its own error.
  joined.catch(() => undefined);
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => onRecords(batch.messages.length),
  });
  return {
    joinedMs: await joined,
    async stop() {
      await consumer.disconnect();
      await deleteGroup(kafka, groupId);
    },
  };
}

/** Records a second, from joining to the last of `records`. */
export async function rateOfBareConsumer(
  kafka: TestKafka,
  topic: string,
  records: number,
  signal: AbortSignal,
): Promise<number> {
  const finish = createFinish(signal);
  let read = 0;
  const consumer = await startBareConsumer(
    kafka,
    topic,
    (count) => {
      read += count;
      if (read >= records) finish.reach();
    },
    finish.fail,
  );
  try {
    return (records / ((await finish.atMs) - consumer.joinedMs)) * 1_000;
  } finally {
    await consumer.stop();
  }
}
