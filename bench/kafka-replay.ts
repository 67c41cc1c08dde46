/**
 * A cold replay through the event source alone: fetched, checked, inflated, decoded into views, and
 * thrown away.
 */
import { randomUUID } from 'node:crypto';
import { createKafkaEventSource } from '#node/ingest/kafka-event-source.ts';
import type { KafkaEventSourceOptions } from '#node/ingest/kafka-event-source-options.ts';
import { silentLogger } from '#runtime/logger.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import { createFinish } from './finish.ts';
import { cpuMsSince } from './harness.ts';
import { connectionTo } from './kafka-topic.ts';

/** How often memory is looked at, in views delivered. */
const memoryEvery = 16;
const mebibyte = 1024 * 1024;

export interface Replay {
  /** From `run` to the last record. */
  readonly perSecond: number;
  /** The same by the time that this thread was running. */
  readonly perCpuSecond: number;
  /** Most that the heap and the buffers outside of it grew by meanwhile, garbage included. */
  readonly grownMebibytes: number;
}

export async function replay(
  kafka: TestKafka,
  topic: string,
  records: number,
  signal: AbortSignal,
  options: Partial<KafkaEventSourceOptions> = {},
): Promise<Replay> {
  const finish = createFinish(signal);
  const source = createKafkaEventSource({
    connection: connectionTo(kafka),
    topic,
    groupId: `bench-replay-${randomUUID()}`,
    logger: silentLogger,
    ...options,
  });
  let read = 0;
  let bytes = 0;
  let views = 0;
  let heldMax = 0;
  try {
    await source.open(signal);
    const heldBefore = bytesHeld();
    const startedMs = performance.now();
    const cpuStarted = process.threadCpuUsage();
    await source.run(new Map(), {
      onRecords(_, view) {
        read += view.count;
        views += 1;
        // Every value is looked up, so that nothing can be left out.
        for (let index = 0; index < view.count; index += 1) {
          bytes += (view.valueEnds[index] ?? 0) - (view.valueStarts[index] ?? 0);
        }
        if (views % memoryEvery === 0) heldMax = Math.max(heldMax, bytesHeld());
        if (read >= records) finish.reach();
      },
      onTrouble: finish.fail,
    });
    const tookMs = (await finish.atMs) - startedMs;
    const cpuMs = cpuMsSince(cpuStarted);
    if (bytes === 0) throw new Error('the records had no values');
    return {
      perSecond: (records / tookMs) * 1_000,
      perCpuSecond: (records / cpuMs) * 1_000,
      grownMebibytes: Math.max(0, heldMax - heldBefore) / mebibyte,
    };
  } finally {
    await source.close();
  }
}

function bytesHeld(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
