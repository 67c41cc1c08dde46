/**
 * The bounds of reading from Kafka. Memory: one fetch answer a broker is held at a time, so for each
 * broker `fetchBytesMax` as it came, and inflated and decoded to an object a record at most
 * `answerBytesMax` and one batch more (`runtime/kafka/record-batch.ts`).
 */
export interface KafkaEventSourceLimits {
  /** Bytes a broker may answer with for one partition in one fetch; one batch more if it is larger. */
  readonly partitionBytesMax: number;
  /** Bytes a broker may answer with in one fetch. */
  readonly fetchBytesMax: number;
  /** Longest wait of a fetch when there is nothing new. New records answer it at once. */
  readonly fetchWaitMs: number;
  /** Without a heartbeat for this long the group forgets us; we come back at our own positions. */
  readonly sessionTimeoutMs: number;
  /** How long a rejoin waits for members that are gone. */
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatMs: number;
  /** New partitions are found after this at most. */
  readonly metadataMaxAgeMs: number;
  /** Pause before the consumer is started again after a failure; doubles up to the second. */
  readonly restartBackoffMs: number;
  readonly restartBackoffMsMax: number;
  /** Pause before a log that ends before our position is looked at again. */
  readonly rewoundPauseMs: number;
  /** Each step of closing (leave, delete the group, disconnect) is given up after this. */
  readonly closeStepMs: number;
}

export const kafkaEventSourceLimits: KafkaEventSourceLimits = {
  partitionBytesMax: 1024 * 1024,
  fetchBytesMax: 8 * 1024 * 1024,
  fetchWaitMs: 500,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 2_000,
  heartbeatMs: 3_000,
  metadataMaxAgeMs: 30_000,
  restartBackoffMs: 200,
  restartBackoffMsMax: 2_000,
  rewoundPauseMs: 1_000,
  closeStepMs: 3_000,
};
