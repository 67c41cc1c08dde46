/**
 * The reference: the simple store and query in this process, fed from the same log, to judge what
 * the nodes answer.
 */
import { randomUUID } from 'node:crypto';
import { type QueryRequest, toRequestFields } from '#cli/query/query-request.ts';
import { createEventApplier } from '#node/ingest/apply-event.ts';
import { createKafkaEventSource } from '#node/ingest/kafka-event-source.ts';
import { defaultQueryLimits } from '#node/query/query-engine.ts';
import { nowSeconds, systemClock } from '#runtime/clock.ts';
import { DependencyError } from '#runtime/errors.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createSimpleQuery } from '#test/oracle/simple-query.ts';
import { SimpleStore } from '#test/oracle/simple-store.ts';

const retentionSeconds = 172_800;
/** Longest time to read the log to its end, milliseconds. */
const readMsMax = 120_000;

export interface ReferenceNode {
  /** The ends that were read up to, by partition. */
  readonly ends: ReadonlyMap<number, number>;
  readonly posts: number;
  /** The response bytes for `now`, whole seconds. */
  answer(request: QueryRequest, now: number): Uint8Array;
}

/** Reads the topic from its start to where it ends now. */
export async function readReference(
  bootstrap: string,
  topic: string,
  signal: AbortSignal,
): Promise<ReferenceNode> {
  const store = new SimpleStore({
    retentionSeconds,
    maxFutureSkewSeconds: 300,
    postsMax: 8_000_000,
    tombstonesMax: 8_000_000,
  });
  const applier = createEventApplier({ target: store, retentionSeconds });
  const source = createKafkaEventSource({
    connection: {
      brokers: bootstrap.split(','),
      clientId: 'thunder-demo-reference',
      logger: silentLogger,
    },
    topic,
    groupId: `thunder-demo-reference-${randomUUID()}`,
    logger: silentLogger,
  });
  try {
    const bounds = await source.open(signal);
    const ends = new Map(bounds.map(({ partition, end }) => [partition, end]));
    const positions = new Map(bounds.map(({ partition, start }) => [partition, start]));
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void =>
        reject(
          new DependencyError('the reference could not read the log to its end', {
            code: 'REFERENCE_INCOMPLETE',
            retry: 'never',
          }),
        );
      AbortSignal.any([signal, AbortSignal.timeout(readMsMax)]).addEventListener('abort', giveUp);
      const finishWhenAtEnd = (): void => {
        if ([...ends].every(([partition, end]) => (positions.get(partition) ?? 0) >= end)) {
          resolve();
        }
      };
      finishWhenAtEnd();
      source
        .run(positions, {
          onRecords(partition, records, nextOffset) {
            const now = nowSeconds(systemClock);
            for (let index = 0; index < records.count; index += 1) {
              const [start = -1, end = -1] = [records.valueStarts[index], records.valueEnds[index]];
              const value = start < 0 ? null : records.bytes;
              applier.apply(value, start, end, records.timestampsMs[index] ?? -1, now);
            }
            positions.set(partition, nextOffset);
            finishWhenAtEnd();
          },
          onTrouble: () => undefined,
        })
        .catch(reject);
    });
    const engine = createSimpleQuery(store, {
      limits: defaultQueryLimits,
      blockedAuthors: () => new Set<bigint>(),
      strictLimits: false,
    });
    return {
      ends,
      posts: store.stats(nowSeconds(systemClock)).posts,
      answer: (request, now) =>
        engine.answer(toRequestFields(request), {
          now,
          shouldStop: () => false,
          wantStatistics: false,
        }).body,
    };
  } finally {
    await source.close();
  }
}
