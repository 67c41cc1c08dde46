/**
 * Ingest from a real Kafka, as a serving node runs it, into any target.
 */
import { randomUUID } from 'node:crypto';
import { createEventApplier, type EventApplier } from '#node/ingest/apply-event.ts';
import type { EventTarget } from '#node/ingest/event-target.ts';
import { createIngest, type Ingest } from '#node/ingest/ingest.ts';
import { createKafkaEventSource } from '#node/ingest/kafka-event-source.ts';
import type { KafkaAssignment } from '#node/ingest/kafka-event-source-options.ts';
import { createServingMetrics } from '#node/metrics.ts';
import { version } from '#node/version.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createMetricsRegistry } from '#runtime/metrics.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import { retentionSeconds } from './dataset.ts';
import { createFinish } from './finish.ts';
import { cpuMsSince } from './harness.ts';
import { type BacklogOptions, connectionTo, createBacklog } from './kafka-topic.ts';

/** As a serving node has them. */
const nodeTimes = {
  readyLagEvents: 1_000,
  readyLagMs: 1_000,
  maxStalenessMs: null,
  decodeFailurePercentMax: 100,
  boundsIntervalMs: 1_000,
  commitIntervalMs: 10_000,
  statsIntervalMs: 5_000,
  reclaimIntervalMs: 120_000,
  tickMs: 100,
} as const;

export function createInNetworkTopic(kafka: TestKafka, options: BacklogOptions): Promise<string> {
  return createBacklog(kafka, 'protobuf', options);
}

/** Nothing is reclaimed: the data is younger than retention. */
export function createBenchIngest(options: {
  readonly kafka: TestKafka;
  readonly topic: string;
  readonly applier: EventApplier;
  readonly onReady?: () => void;
  /** Default `explicit`. */
  readonly assignment?: KafkaAssignment;
}): Ingest {
  const { kafka, topic, applier, onReady, assignment = 'explicit' } = options;
  return createIngest({
    ...nodeTimes,
    source: createKafkaEventSource({
      connection: connectionTo(kafka),
      topic,
      groupId: `bench-ingest-${randomUUID()}`,
      assignment,
      logger: silentLogger,
    }),
    applier,
    retentionSeconds,
    clock: systemClock,
    logger: silentLogger,
    recorder: createServingMetrics(createMetricsRegistry({ version, role: 'bench' })),
    reclaim: () => undefined,
    onStage: (stage) => {
      if (stage === 'ready') onReady?.();
    },
  });
}

export interface IngestRate {
  readonly perSecond: number;
  /** By the time that this thread was running. */
  readonly perCpuSecond: number;
}

/**
 * Events a second, from when records can flow (in a group: from being given the partitions) to the
 * last of `events` applied.
 */
export async function rateOfIngest(
  kafka: TestKafka,
  topic: string,
  target: EventTarget,
  events: number,
  signal: AbortSignal,
  assignment: KafkaAssignment = 'explicit',
): Promise<IngestRate> {
  const finish = createFinish(signal);
  const applier = createEventApplier({ target, retentionSeconds });
  let applied = 0;
  const counting: EventApplier = {
    apply(bytes, start, end, recordTimestampMs, now) {
      const outcome = applier.apply(bytes, start, end, recordTimestampMs, now);
      applied += 1;
      if (applied === events) finish.reach();
      return outcome;
    },
    counts: () => applier.counts(),
  };
  const ingest = createBenchIngest({ kafka, topic, applier: counting, assignment });
  try {
    // Resolves when the group is joined and delivery begins.
    await ingest.start(signal);
    const joinedMs = performance.now();
    const cpuStarted = process.threadCpuUsage();
    const tookMs = (await finish.atMs) - joinedMs;
    const cpuMs = cpuMsSince(cpuStarted);
    return { perSecond: (events / tookMs) * 1_000, perCpuSecond: (events / cpuMs) * 1_000 };
  } finally {
    await ingest.stop();
  }
}

/** Milliseconds from starting ingest to ready: connecting, joining and catching up. */
export async function msToReady(
  kafka: TestKafka,
  topic: string,
  target: EventTarget,
  signal: AbortSignal,
): Promise<number> {
  const finish = createFinish(signal);
  const ingest = createBenchIngest({
    kafka,
    topic,
    applier: createEventApplier({ target, retentionSeconds }),
    onReady: finish.reach,
  });
  try {
    const startedMs = performance.now();
    await ingest.start(signal);
    return (await finish.atMs) - startedMs;
  } finally {
    await ingest.stop();
  }
}
