/**
 * From `send` to an answer: one event at a time through Kafka, ingest and store while nothing else
 * happens, asked for in process until it is there. A bare consumer waits for the same records.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { EncodedRecord } from '#cli/generator/event-encoder.ts';
import { createKafkaRecordSink } from '#cli/produce/kafka-record-sink.ts';
import { toRequestFields } from '#cli/query/query-request.ts';
import { createEventApplier } from '#node/ingest/apply-event.ts';
import { authorKey } from '#node/transform/author-partition.ts';
import { createLightPostFields } from '#proto/wire/light-post-fields.ts';
import type { RequestFields } from '#proto/wire/request-fields.ts';
import { CREATE_EVENT_BYTES_MAX, encodeCreateEvent } from '#proto/wire/write-in-network-event.ts';
import { nowSeconds, systemClock } from '#runtime/clock.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import { retentionSeconds } from './dataset.ts';
import { createFinish } from './finish.ts';
import { startBareConsumer } from './kafka-bare-consumer.ts';
import { createBenchIngest } from './kafka-ingest.ts';
import { connectionTo } from './kafka-topic.ts';
import { createStore, type FilledStore, referenceStore } from './stores.ts';

/** Long enough for both readers to wait in a fetch again. */
const pauseMs = 20;
const visibleMsMax = 10_000;
/** Events before the measured ones, for connections and the compiler. */
const warmUpSamples = 5;

export interface Visibility {
  readonly visibleMs: readonly number[];
  readonly bareMs: readonly number[];
}

export async function measureVisibility(
  kafka: TestKafka,
  samples: number,
  signal: AbortSignal,
): Promise<Visibility> {
  const topic = await kafka.createTopic({ prefix: 'bench-visible' });
  const filled = createStore(referenceStore, samples + warmUpSamples);
  const ready = createFinish(signal);
  const ingest = createBenchIngest({
    kafka,
    topic,
    applier: createEventApplier({ target: filled.store, retentionSeconds }),
    onReady: ready.reach,
  });
  const bareSeen = { records: 0, atMs: 0 };
  const bare = await startBareConsumer(
    kafka,
    topic,
    (count) => {
      bareSeen.records += count;
      bareSeen.atMs = performance.now();
    },
    ready.fail,
  );
  const sink = createKafkaRecordSink(connectionTo(kafka), topic);
  try {
    await sink.open();
    await ingest.start(signal);
    await ready.atMs;
    const visibleMs: number[] = [];
    const bareMs: number[] = [];
    for (let sample = 1; sample <= samples + warmUpSamples; sample += 1) {
      await pause(pauseMs);
      const record = createRecord(sample);
      const request = toRequestFields({ userId: 1n, followingUserIds: [BigInt(sample)] });
      const startedMs = performance.now();
      const sent = sink.send([record]);
      // Awaited once the event was seen; a failure before that is told then.
      sent.catch(() => undefined);
      let seenMs = 0;
      while (seenMs === 0 || bareSeen.records < sample) {
        await nextTurn(undefined, { signal });
        if (seenMs === 0 && isVisible(filled, request)) seenMs = performance.now();
        if (performance.now() - startedMs > visibleMsMax) {
          throw new Error(`event ${sample} was not visible within ${visibleMsMax} ms`);
        }
      }
      await sent;
      if (sample > warmUpSamples) {
        visibleMs.push(seenMs - startedMs);
        bareMs.push(bareSeen.atMs - startedMs);
      }
    }
    return { visibleMs, bareMs };
  } finally {
    await Promise.allSettled([ingest.stop(), bare.stop(), sink.close()]);
  }
}

/** Every sample has an author of its own, whose only post it is. */
function isVisible({ engine }: FilledStore, request: RequestFields): boolean {
  const context = {
    now: nowSeconds(systemClock),
    shouldStop: () => false,
    wantStatistics: false,
  };
  return engine.answer(request, context).posts > 0;
}

function createRecord(sample: number): EncodedRecord {
  const post = createLightPostFields();
  post.postIdLo = sample;
  post.authorIdLo = sample;
  post.createdAt = nowSeconds(systemClock);
  const value = Buffer.alloc(CREATE_EVENT_BYTES_MAX);
  const length = encodeCreateEvent(post, value, 0);
  return {
    key: authorKey(0, sample),
    value: value.subarray(0, length),
    timestampMs: systemClock.nowMs(),
  };
}
