/**
 * A backlog through the transformer: thrift in, protobuf out, committed.
 */
import { randomUUID } from 'node:crypto';
import { createRecordConverter } from '#node/transform/input-formats.ts';
import { createKafkaInput } from '#node/transform/kafka-input.ts';
import { createKafkaOutput } from '#node/transform/kafka-output.ts';
import type { TransformInput } from '#node/transform/transform-ports.ts';
import { createTransformer } from '#node/transform/transformer.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/logger.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import { retentionSeconds } from './dataset.ts';
import { createFinish } from './finish.ts';
import { type BacklogOptions, connectionTo, createBacklog, deleteGroup } from './kafka-topic.ts';

export interface TransformTopics {
  readonly inputTopic: string;
  readonly outputTopic: string;
}

export async function createTweetEventsTopic(
  kafka: TestKafka,
  options: BacklogOptions,
): Promise<TransformTopics> {
  return {
    inputTopic: await createBacklog(kafka, 'thrift', options),
    outputTopic: await kafka.createTopic({
      partitions: options.partitions,
      prefix: 'bench-transformed',
    }),
  };
}

/**
 * Input events a second, from being given the partitions to the commit behind the last of `events`:
 * everything is acknowledged then.
 */
export async function rateOfTransformer(
  kafka: TestKafka,
  { inputTopic, outputTopic }: TransformTopics,
  events: number,
  signal: AbortSignal,
): Promise<number> {
  const finish = createFinish(signal);
  const groupId = `bench-transformer-${randomUUID()}`;
  const committed = new Map<number, number>();
  let assignedMs = 0;
  const connection = connectionTo(kafka);
  const input = createKafkaInput({
    connection,
    topic: inputTopic,
    groupId,
  });
  const watched: TransformInput = {
    topic: input.topic,
    open: (until, onTrouble) => input.open(until, onTrouble),
    run: (listener) =>
      input.run({
        onAssigned: (partitions) => {
          assignedMs = performance.now();
          listener.onAssigned(partitions);
        },
        untilRoom: () => listener.untilRoom(),
        onRecords: (partition, records, next) => listener.onRecords(partition, records, next),
        onTrouble: (error) => listener.onTrouble(error),
      }),
    bounds: () => input.bounds(),
    async commit(positions) {
      await input.commit(positions);
      for (const [partition, position] of positions) committed.set(partition, position);
      const sum = [...committed.values()].reduce((total, position) => total + position, 0);
      if (sum >= events) finish.reach();
    },
    pause: () => input.pause(),
    close: () => input.close(),
  };
  const transformer = createTransformer({
    input: watched,
    output: createKafkaOutput({ connection, topic: outputTopic }),
    outputTopic,
    converter: createRecordConverter({ format: 'tweet-event', retentionSeconds }),
    clock: systemClock,
    logger: silentLogger,
  });
  try {
    await transformer.start(signal);
    return (events / ((await finish.atMs) - assignedMs)) * 1_000;
  } finally {
    await transformer.stop();
    await deleteGroup(kafka, groupId);
  }
}
