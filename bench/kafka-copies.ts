/**
 * A long backlog in no time: batches are encoded once, in any codec, and sent again and again as they
 * are; a broker gives each copy offsets of its own. For readers that keep nothing: copies are of the
 * same posts.
 */
import { batchOf, codecNumbers } from '#runtime/kafka/batch-encoder.suite.ts';
import { ClusterConnections } from '#runtime/kafka/cluster-connections.ts';
import { createKafka } from '#runtime/kafka/kafka-connection.ts';
import { metadataRequest } from '#runtime/kafka/metadata-request.ts';
import type { WireRequest } from '#runtime/kafka/wire-request.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import { collectRecords } from './dataset.ts';
import { type BacklogOptions, connectionTo } from './kafka-topic.ts';

export type BacklogCodec = keyof typeof codecNumbers;

/** Records of one batch, about as many as a Java producer puts into its 16 KB. */
const batchRecords = 250;
/** Different records; all others are copies of these. */
const differentRecords = 12_500;
const answerMsMax = 15_000;

/** Resolves with the topic's name and how many records it has: `events`, rounded up to whole batches. */
export async function createCopies(
  kafka: TestKafka,
  codec: BacklogCodec,
  { seed, events, partitions }: BacklogOptions,
): Promise<{ readonly topic: string; readonly records: number }> {
  const topic = await kafka.createTopic({ partitions, prefix: `bench-copies-${codec}` });
  const batches = await encodeBatches(codec, seed);
  const client = createKafka(connectionTo(kafka));
  const connections = new ClusterConnections({ kafka: client, bootstrapBrokers: 1, answerMsMax });
  try {
    const metadata = await connections.requestAny((versions) => metadataRequest(topic, versions));
    connections.setBrokers(metadata.brokers);
    let records = 0;
    for (let turn = 0; records < events; turn += 1) {
      const batch = batches[turn % batches.length] ?? Buffer.alloc(0);
      // A request takes one batch for a partition, so all partitions at once.
      await Promise.all(
        metadata.partitions.map(({ leader, partition }) =>
          connections.request(leader, () => produceRequest(topic, partition, batch)),
        ),
      );
      records += metadata.partitions.length * batchRecords;
    }
    return { topic, records };
  } finally {
    connections.close();
  }
}

async function encodeBatches(codec: BacklogCodec, seed: number): Promise<Buffer[]> {
  const { records } = collectRecords({
    seed,
    count: differentRecords,
    counted: 'records',
    format: 'protobuf',
  });
  const batches: Buffer[] = [];
  for (let at = 0; at < records.length; at += batchRecords) {
    const some = records.slice(at, at + batchRecords).map(({ key, value }, index) => ({
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(value),
      offsetDelta: index,
      timestampDelta: index,
      headers: {},
    }));
    const firstTimestampMs = Date.now();
    batches.push(await batchOf(0, some, { compression: codecNumbers[codec], firstTimestampMs }));
  }
  return batches;
}

/** Produce, version 7 (the first that takes zstd): one batch for one partition, acknowledged by all replicas in sync. */
function produceRequest(topic: string, partition: number, batch: Buffer): WireRequest<void> {
  const head = Buffer.alloc(2 + 2 + 4 + 4 + 2 + topic.length + 4 + 4 + 4);
  let at = head.writeInt16BE(-1, 0);
  at = head.writeInt16BE(-1, at);
  at = head.writeInt32BE(answerMsMax, at);
  at = head.writeInt32BE(1, at);
  at = head.writeInt16BE(topic.length, at);
  at += head.write(topic, at);
  at = head.writeInt32BE(1, at);
  at = head.writeInt32BE(partition, at);
  head.writeInt32BE(batch.length, at);
  return {
    apiKey: 0,
    apiName: 'Produce',
    apiVersion: 7,
    body: Buffer.concat([head, batch]),
    read(answer) {
      // Counts of topics and partitions, the topic's name, the partition; then what went wrong.
      const errorCode = answer.readInt16BE(4 + 2 + topic.length + 4 + 4);
      if (errorCode !== 0) throw new Error(`produce was refused: ${errorCode}`);
      return { value: undefined, throttleMs: 0 };
    },
  };
}
