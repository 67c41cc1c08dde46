/**
 * The bounds of reading from Kafka, and what they come to in memory.
 *
 * Explicit: of each broker one fetch answer is applied while the next arrives, and kafkajs holds an
 * arriving one twice for a moment; so three of `fetchBytesMax` a broker, made smaller when there are
 * many brokers: `answersBytesMax` in all. What is inflated beside them: `inflatedAtOnceMax` batches of
 * 64 MiB at the very most (`inflatedBytesMax`). 96 + 2 * 64 = 224 MiB. A batch that is larger than a
 * fetch comes whole and is held beside them: the brokers' `message.max.bytes` bounds it.
 *
 * Group: for each broker one answer as it came, and inflated and decoded to an object a record at most
 * `answerBytesMax` and one batch more (`runtime/kafka/record-batch.ts`).
 */
export interface KafkaEventSourceLimits {
  /** Bytes a broker may answer with for one partition in one fetch; one batch more if it is larger. */
  readonly partitionBytesMax: number;
  /** Bytes a broker may answer with in one fetch. */
  readonly fetchBytesMax: number;
  /** Longest wait of a fetch when there is nothing new. New records answer it at once. */
  readonly fetchWaitMs: number;
  /** New partitions, and another topic of the same name, are noticed after this at most. */
  readonly metadataMaxAgeMs: number;
  /** Pause before a broker that failed is asked again; doubles up to the second. */
  readonly restartBackoffMs: number;
  readonly restartBackoffMsMax: number;
  /** Each step of closing (leave, delete the group, disconnect) is given up after this. */
  readonly closeStepMs: number;

  /** Explicit: bytes of all brokers' fetch answers that may be held at once. */
  readonly answersBytesMax: number;
  /** Explicit: batches too large to be inflated on the spot that may be held inflated at once. */
  readonly inflatedAtOnceMax: number;
  /** Explicit: an answer about metadata or offsets that takes longer is given up. */
  readonly answerMsMax: number;
  /** Explicit: as long as a fetch may take to arrive, waiting included. */
  readonly fetchMsMax: number;
  /** Explicit: least pause between two looks at the metadata, however often they are wanted. */
  readonly metadataPauseMs: number;
  /**
   * Explicit: pause before a partition that could not be read is tried again; doubles up to
   * `restartBackoffMsMax`, and ends when it has another leader.
   */
  readonly partitionPauseMs: number;
  /** Explicit: how long a replica in our rack is read from before the leader is asked again. */
  readonly replicaMs: number;
  /** Explicit: whether batches' checksums are looked at; off only to measure what that costs. */
  readonly checksCrc: boolean;
  /** Explicit: whether topic ids are used where the brokers have them; off only in tests. */
  readonly usesTopicIds: boolean;

  /** Group: without a heartbeat for this long the group forgets us; we come back at our own positions. */
  readonly sessionTimeoutMs: number;
  /** Group: how long a rejoin waits for members that are gone. */
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Group: pause before a log that ends before our position is looked at again. */
  readonly rewoundPauseMs: number;
}

const mebibyte = 1024 * 1024;

export const kafkaEventSourceLimits: KafkaEventSourceLimits = {
  partitionBytesMax: mebibyte,
  fetchBytesMax: 8 * mebibyte,
  fetchWaitMs: 500,
  metadataMaxAgeMs: 10_000,
  restartBackoffMs: 200,
  restartBackoffMsMax: 2_000,
  closeStepMs: 3_000,

  answersBytesMax: 96 * mebibyte,
  inflatedAtOnceMax: 2,
  answerMsMax: 5_000,
  fetchMsMax: 20_000,
  metadataPauseMs: 100,
  partitionPauseMs: 100,
  replicaMs: 300_000,
  checksCrc: true,
  usesTopicIds: true,

  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 2_000,
  heartbeatMs: 3_000,
  rewoundPauseMs: 1_000,
};

/** Answers of one broker that are held at once: one that is applied, and one that arrives, twice. */
const answersHeld = 3;
/** Below this a fetch is not worth its round trip. */
const fetchBytesMin = mebibyte / 4;

/** Bytes that one broker of so many may answer with in one fetch. */
export function fetchBytesOf(
  { fetchBytesMax, answersBytesMax }: KafkaEventSourceLimits,
  brokers: number,
): number {
  const share = Math.floor(answersBytesMax / (answersHeld * Math.max(1, brokers)));
  return Math.max(fetchBytesMin, Math.min(fetchBytesMax, share));
}
