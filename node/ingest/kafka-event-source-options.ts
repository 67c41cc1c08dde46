/**
 * What a Kafka event source is given, and what it is besides an `EventSource`.
 */
import type { Clock } from '#runtime/clock.ts';
import type { KafkaConnectionOptions } from '#runtime/kafka/kafka-connection.ts';
import type { Logger } from '#runtime/logger.ts';
import type { EventSource } from './event-source.ts';
import type { KafkaEventSourceLimits } from './kafka-event-source-limits.ts';

export const kafkaAssignments = ['explicit', 'group'] as const;
export type KafkaAssignment = (typeof kafkaAssignments)[number];

/** Where to begin in a partition: `window` at the first record of the last `windowSeconds`. */
export const kafkaStarts = ['window', 'earliest', 'latest'] as const;
export type KafkaStart = (typeof kafkaStarts)[number];

export interface KafkaEventSourceOptions {
  readonly connection: KafkaConnectionOptions;
  readonly topic: string;
  /** The flag that names the topic, for errors that say what to correct. */
  readonly topicFlag?: string;
  /** Must be this process's own; positions are published to it, and it is deleted on close. */
  readonly groupId: string;
  /** Default `explicit`. */
  readonly assignment?: KafkaAssignment;
  /**
   * Where to begin in the partitions there are when the source is opened; those that are added later
   * are read from their first record. Default `earliest`.
   */
  readonly startAt?: KafkaStart;
  /** For `window`: how far back it goes from now. */
  readonly windowSeconds?: number;
  /** Fetch from the replica in this rack where the brokers allow it. */
  readonly rack?: string | undefined;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly limits?: Partial<KafkaEventSourceLimits>;
}

export interface KafkaEventSource extends EventSource {
  /**
   * What about the topic's settings does not fit a reader that keeps `retentionSeconds`, one sentence
   * each: `cleanup.policy` must be delete and `retention.ms` no shorter than ours.
   */
  checkTopic(retentionSeconds: number): Promise<readonly string[]>;
}
