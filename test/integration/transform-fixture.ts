/**
 * What the transformer's tests against a real Kafka share: numbered tweet events in, everything that
 * came out, and a transformer over real connections.
 */
import type { Kafka, Message } from 'kafkajs';
import { createRecordConverter, type InputFormat } from '#node/transform/input-formats.ts';
import { createKafkaInput } from '#node/transform/kafka-input.ts';
import { createKafkaOutput } from '#node/transform/kafka-output.ts';
import {
  createTransformer,
  type Transformer,
  type TransformFailpoints,
} from '#node/transform/transformer.ts';
import { createInNetworkEventFields } from '#proto/wire/in-network-event-fields.ts';
import { toId } from '#proto/wire/light-post-fields.ts';
import { readInNetworkEvent } from '#proto/wire/read-in-network-event.ts';
import { createTweetEventFields } from '#proto/wire/tweet-event-fields.ts';
import { encodeTweetEvent } from '#proto/wire/write-tweet-event.ts';
import { systemClock } from '#runtime/clock.ts';
import { type Logger, silentLogger } from '#runtime/logger.ts';

export interface TransformSetUp {
  readonly bootstrap: string;
  readonly inputTopic: string;
  readonly outputTopic: string;
  readonly groupId: string;
  readonly deadLetterTopic?: string;
  readonly format?: InputFormat;
  readonly failpoints?: TransformFailpoints;
  readonly logger?: Logger;
}

export function transformerOver(setUp: TransformSetUp): Transformer {
  const { bootstrap, inputTopic, outputTopic, groupId, failpoints, deadLetterTopic } = setUp;
  const logger = setUp.logger ?? silentLogger;
  const connection = { brokers: bootstrap.split(','), clientId: 'thunder-transform-test', logger };
  const letters = deadLetterTopic === undefined ? {} : { deadLetterTopic };
  return createTransformer({
    input: createKafkaInput({
      connection,
      topic: inputTopic,
      groupId,
      // The least a broker accepts: a killed member is missed for this long.
      sessionTimeoutMs: 6000,
      heartbeatMs: 500,
      metadataMaxAgeMs: 1000,
    }),
    output: createKafkaOutput({ connection, topic: outputTopic, ...letters }),
    outputTopic,
    ...letters,
    converter: createRecordConverter({
      format: setUp.format ?? 'tweet-event',
      retentionSeconds: 172_800,
    }),
    lagIntervalMs: 200,
    clock: systemClock,
    logger,
    ...(failpoints === undefined ? {} : { failpoints }),
  });
}

/** A create of this id by this author, as a TweetEvent. */
export function tweetCreate(id: number, author: number): Buffer {
  const event = createTweetEventFields();
  event.kind = 'create';
  event.variantField = 1;
  event.hasTweet = true;
  event.hasUserId = true;
  event.userIdLo = author;
  const { tweet } = event;
  tweet.hasId = true;
  tweet.idLo = id;
  tweet.hasCoreData = true;
  tweet.hasCreatedAtSecs = true;
  tweet.createdAtSecs = Math.floor(Date.now() / 1000);
  return Buffer.from(encodeTweetEvent(event, { text: 'a text of some length, as people write' }));
}

/** A delete of this id that does not say whose it was. */
export function tweetDelete(id: number): Buffer {
  const event = createTweetEventFields();
  event.kind = 'delete';
  event.variantField = 2;
  event.hasTweet = true;
  event.tweet.hasId = true;
  event.tweet.idLo = id;
  return Buffer.from(encodeTweetEvent(event));
}

export async function produce(
  kafka: Kafka,
  topic: string,
  messages: readonly Message[],
): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    for (let at = 0; at < messages.length; at += 2000) {
      await producer.send({ topic, messages: messages.slice(at, at + 2000), acks: -1 });
    }
  } finally {
    await producer.disconnect();
  }
}

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything a topic holds now, by partition and offset. */
export async function readAll(kafka: Kafka, topic: string): Promise<ReadRecord[]> {
  const admin = kafka.admin();
  await admin.connect();
  const bounds = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const missing = new Map(bounds.map(({ partition, high }) => [partition, Number(high)]));
  const records: ReadRecord[] = [];
  if (bounds.every(({ low, high }) => low === high)) {
    return records;
  }
  const consumer = kafka.consumer({ groupId: `read-${topic}-${process.hrtime.bigint()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const done = Promise.withResolvers<void>();
  const deadline = setTimeout(() => done.reject(new Error('not read within 20 s')), 20_000);
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const offset = Number(message.offset);
      records.push({
        partition,
        offset,
        key: message.key,
        value: message.value ?? Buffer.alloc(0),
        timestampMs: Number(message.timestamp),
        headers: Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
        ),
      });
      if (offset + 1 >= (missing.get(partition) ?? 0)) {
        missing.delete(partition);
      }
      if (bounds.every(({ partition, high }) => high === '0' || !missing.has(partition))) {
        done.resolve();
      }
    },
  });
  try {
    await done.promise;
  } finally {
    clearTimeout(deadline);
    await consumer.disconnect();
  }
  return records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}

export interface ReadEvent {
  readonly kind: string;
  readonly id: number;
  readonly author: number;
  readonly partition: number;
}

export function toEvent(record: ReadRecord): ReadEvent {
  const fields = createInNetworkEventFields();
  readInNetworkEvent(record.value, 0, record.value.byteLength, fields);
  const isCreate = fields.kind === 'create';
  const { post } = fields;
  return {
    kind: fields.kind,
    partition: record.partition,
    id: Number(
      isCreate
        ? toId(post.postIdHi, post.postIdLo)
        : toId(fields.deletedPostIdHi, fields.deletedPostIdLo),
    ),
    author: Number(
      isCreate
        ? toId(post.authorIdHi, post.authorIdLo)
        : toId(fields.deletedAuthorIdHi, fields.deletedAuthorIdLo),
    ),
  };
}

/** Input records that the group has committed, over all partitions. */
export async function committedRecords(kafka: Kafka, groupId: string, topic: string) {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return (offsets?.partitions ?? []).reduce(
      (sum, { offset }) => sum + Math.max(0, Number(offset)),
      0,
    );
  } finally {
    await admin.disconnect();
  }
}

/** Waits for a state, not for time; fails after `withinMs`. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${what}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
