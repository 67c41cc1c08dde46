/**
 * What the Kafka benches share: a connection, topics with a generated backlog that ends now, and
 * tidying up.
 */
import type { EncodedRecord, EventFormat } from '#cli/generator/event-encoder.ts';
import { createKafkaRecordSink } from '#cli/produce/kafka-record-sink.ts';
import type { KafkaConnectionOptions } from '#runtime/kafka/kafka-connection.ts';
import { silentLogger } from '#runtime/logger.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import { generateDataset } from './dataset.ts';

/** kafkajs sorts a batch into partitions in quadratic time: larger is slower. */
const batchRecords = 500;
const batchesInFlight = 8;

export interface BacklogOptions {
  readonly seed: number;
  readonly events: number;
  readonly partitions: number;
}

export function connectionTo(kafka: TestKafka): KafkaConnectionOptions {
  return { brokers: kafka.bootstrap.split(','), clientId: 'thunder-bench', logger: silentLogger };
}

/** A group that is left behind would stay on a cluster that is not ours alone. */
export async function deleteGroup(kafka: TestKafka, groupId: string): Promise<void> {
  const admin = kafka.client().admin();
  await admin.connect();
  try {
    await admin.deleteGroups([groupId]);
  } finally {
    await admin.disconnect();
  }
}

/** Resolves with the topic's name once all in-sync replicas have every record. */
export async function createBacklog(
  kafka: TestKafka,
  format: EventFormat,
  { seed, events, partitions }: BacklogOptions,
): Promise<string> {
  const topic = await kafka.createTopic({ partitions, prefix: `bench-${format}` });
  const sink = createKafkaRecordSink(connectionTo(kafka), topic);
  await sink.open();
  try {
    for (const batches of grouped(makeBatches(format, seed, events), batchesInFlight)) {
      await Promise.all(batches.map((batch) => sink.send(batch)));
    }
  } finally {
    await sink.close();
  }
  return topic;
}

function makeBatches(format: EventFormat, seed: number, events: number): EncodedRecord[][] {
  const records: EncodedRecord[] = [];
  generateDataset(
    { seed, count: events, counted: 'records', format, endMs: Date.now() },
    (record) => records.push(record),
  );
  return grouped(records, batchRecords);
}

function grouped<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
