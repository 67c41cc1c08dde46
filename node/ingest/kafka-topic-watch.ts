/**
 * What is known about the topic: which one it is, its partitions and their leaders, its bounds. Asked
 * with requests of our own, so that one partition without a leader does not hide the others.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { DependencyError } from '#runtime/errors.ts';
import { ClusterConnections, errorOfCode } from '#runtime/kafka/cluster-connections.ts';
import { listOffsetsRequest, logEnd, logStart } from '#runtime/kafka/list-offsets-request.ts';
import { metadataRequest, type TopicMetadata } from '#runtime/kafka/metadata-request.ts';
import type { PartitionBounds } from './event-source.ts';
import type { KafkaEventSourceLimits } from './kafka-event-source-limits.ts';
import type { KafkaStart } from './kafka-event-source-options.ts';

export interface TopicWatchOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly bootstrapBrokers: number;
  readonly limits: Pick<
    KafkaEventSourceLimits,
    'answerMsMax' | 'metadataMaxAgeMs' | 'metadataPauseMs' | 'usesTopicIds'
  >;
}

/** Offsets by partition; those that nobody answered for are missing. */
type Offsets = ReadonlyMap<number, number>;

interface Asked {
  readonly offsets: Offsets;
  /** Why some are missing. */
  readonly failures: readonly unknown[];
}

export class KafkaTopicWatch {
  readonly connections: ClusterConnections;
  readonly #options: TopicWatchOptions;
  #metadata: TopicMetadata | null = null;
  /** Of the topic that was first seen: it must stay the same. */
  #first: TopicMetadata | null = null;
  #askedAtMs = -Infinity;
  #refreshing: Promise<TopicMetadata> | null = null;
  #bounds: Promise<readonly PartitionBounds[]> | null = null;
  #refreshes = 0;

  constructor(options: TopicWatchOptions) {
    const { kafka, bootstrapBrokers, limits } = options;
    this.#options = options;
    const { answerMsMax } = limits;
    this.connections = new ClusterConnections({ kafka, bootstrapBrokers, answerMsMax });
  }

  /** As last seen. Throws before the first look. */
  get metadata(): TopicMetadata {
    if (this.#metadata === null) throw new Error('the topic has not been looked at');
    return this.#metadata;
  }

  /** Looks at the metadata since the start. */
  get refreshes(): number {
    return this.#refreshes;
  }

  /** Whether another topic has taken the name of the one that was first seen, or another cluster its place. */
  get isAnother(): boolean {
    const [first, now] = [this.#first, this.#metadata];
    if (first === null || now === null) return false;
    return (
      (first.topicId !== '' && now.topicId !== '' && first.topicId !== now.topicId) ||
      (first.clusterId !== '' && now.clusterId !== '' && first.clusterId !== now.clusterId)
    );
  }

  /** Of the topic that was first seen; empty where the brokers have none. */
  get topicId(): string {
    return this.#first?.topicId ?? '';
  }

  /** Looks anew, no more often than the least pause allows. Calls at the same time share one look. */
  refresh(): Promise<TopicMetadata> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /**
   * The bounds of every partition, those without a leader marked as such. Rejects when nobody answers
   * for any. Calls at the same time share one answer.
   */
  bounds(): Promise<readonly PartitionBounds[]> {
    this.#bounds ??= this.#askBounds().finally(() => {
      this.#bounds = null;
    });
    return this.#bounds;
  }

  /**
   * The offset of a moment (`logStart`, `logEnd`, milliseconds) in these partitions; -1 when no record
   * is that young. Leaders that have moved are looked up once.
   */
  async offsetsAt(
    partitions: readonly number[],
    timestampMs: number,
    options: { readonly uncommitted?: boolean } = {},
  ): Promise<Asked> {
    const asked = await this.#askLeaders(partitions, timestampMs, options);
    const missing = partitions.filter((partition) => !asked.offsets.has(partition));
    if (missing.length === 0) return asked;
    try {
      await this.refresh();
    } catch (error) {
      return { ...asked, failures: [error, ...asked.failures] };
    }
    const again = await this.#askLeaders(missing, timestampMs, options);
    return {
      offsets: new Map([...asked.offsets, ...again.offsets]),
      failures: again.failures,
    };
  }

  /** Where to begin in each of these partitions that has bounds; a window begins at `sinceMs`. */
  async startsOf(
    bounds: readonly PartitionBounds[],
    startAt: KafkaStart,
    sinceMs: number,
  ): Promise<ReadonlyMap<number, number>> {
    const online = bounds.filter(({ isOffline }) => isOffline !== true);
    if (startAt !== 'window') {
      return new Map(
        online.map(({ partition, start, end }) => [partition, startAt === 'latest' ? end : start]),
      );
    }
    const numbers = online.map(({ partition }) => partition);
    const { offsets, failures } = await this.offsetsAt(numbers, Math.max(0, sinceMs));
    const starts = new Map<number, number>();
    for (const { partition, start, end } of online) {
      const offset = offsets.get(partition);
      if (offset === undefined) throw failures[0] ?? leaderless();
      // When no record is that young, all that is still to come is.
      starts.set(partition, offset < 0 ? end : Math.min(end, Math.max(start, offset)));
    }
    return starts;
  }

  close(): void {
    this.connections.close();
  }

  async #refresh(): Promise<TopicMetadata> {
    const { topic, limits } = this.#options;
    const waitMs = this.#askedAtMs + limits.metadataPauseMs - performance.now();
    if (waitMs > 0) await pause(waitMs);
    this.#askedAtMs = performance.now();
    this.#refreshes += 1;
    const answer = await this.connections.requestAny((versions) =>
      metadataRequest(topic, versions),
    );
    const metadata = limits.usesTopicIds ? answer : { ...answer, topicId: '' };
    this.connections.setBrokers(metadata.brokers);
    if (metadata.errorCode !== 0) throw errorOfCode(metadata.errorCode);
    this.#first ??= metadata;
    this.#metadata = metadata;
    return metadata;
  }

  async #askBounds(): Promise<readonly PartitionBounds[]> {
    const isOld = performance.now() - this.#askedAtMs > this.#options.limits.metadataMaxAgeMs;
    const { partitions } = isOld ? await this.refresh() : this.metadata;
    const numbers = partitions.map(({ partition }) => partition);
    // The ends first: the start may move on meanwhile, but never past what was the end.
    const ends = await this.offsetsAt(numbers, logEnd);
    const starts = await this.offsetsAt([...ends.offsets.keys()], logStart);
    const bounds = numbers.map((partition): PartitionBounds => {
      const [start, end] = [starts.offsets.get(partition), ends.offsets.get(partition)];
      if (start === undefined || end === undefined) {
        return { partition, start: 0, end: 0, isOffline: true };
      }
      return { partition, start, end: Math.max(start, end) };
    });
    if (bounds.length > 0 && bounds.every(({ isOffline }) => isOffline === true)) {
      const [failure] = [...ends.failures, ...starts.failures];
      throw failure ?? leaderless();
    }
    return bounds;
  }

  async #askLeaders(
    partitions: readonly number[],
    timestampMs: number,
    options: { readonly uncommitted?: boolean },
  ): Promise<Asked> {
    const { topic } = this.#options;
    const offsets = new Map<number, number>();
    const failures: unknown[] = [];
    const asks = [...this.#byLeader(partitions)].map(async ([leader, some]) => {
      try {
        const answers = await this.connections.request(leader, () =>
          listOffsetsRequest({ topic, partitions: some, timestampMs, ...options }),
        );
        for (const { partition, errorCode, offset } of answers) {
          if (errorCode === 0) offsets.set(partition, offset);
          else failures.push(errorOfCode(errorCode));
        }
      } catch (error) {
        failures.push(error);
      }
    });
    await Promise.all(asks);
    return { offsets, failures };
  }

  #byLeader(partitions: readonly number[]): Map<number, number[]> {
    const wanted = new Set(partitions);
    const byLeader = new Map<number, number[]>();
    for (const { partition, leader } of this.metadata.partitions) {
      if (leader < 0 || !wanted.has(partition)) continue;
      const some = byLeader.get(leader) ?? [];
      some.push(partition);
      byLeader.set(leader, some);
    }
    return byLeader;
  }
}

function leaderless(): DependencyError {
  return new DependencyError('no partition of the topic has a leader', {
    code: 'KAFKA_NO_LEADER',
    retry: 'backoff',
  });
}
