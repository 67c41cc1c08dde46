/**
 * Every bound of the transformer, by name. Worst case in memory: the queued batches, the one being
 * sent, and the fetched blocks that their values may be views into:
 * `(queuedBatchesMax + 2) * batchBytesMax` of output plus `fetchBytesMax` read at a time.
 */
export interface TransformLimits {
  /**
   * Output records in one send. More only when one input record makes more. kafkajs groups a send's
   * records by partition in quadratic time, so that more than this is slower, not faster.
   */
  readonly batchRecordsMax: number;
  /**
   * Bytes of keys and values in one send; all of it may go to one partition, so it stays below a
   * topic's usual `max.message.bytes` (1 MiB) with its framing. One record above it is sent alone.
   */
  readonly batchBytesMax: number;
  /** Full batches that wait for the one being sent; then the input waits. */
  readonly queuedBatchesMax: number;
  /** Wait after the first failed send or commit; doubles up to `retryMaxMs`, less up to a half at random. */
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  /** How long a stop waits for what is queued to be acknowledged and committed. */
  readonly drainMs: number;
  /** How long a stop then waits for both sides to disconnect. */
  readonly closeMs: number;
}

export const defaultTransformLimits: TransformLimits = {
  batchRecordsMax: 1000,
  batchBytesMax: 768 * 1024,
  queuedBatchesMax: 2,
  retryInitialMs: 100,
  retryMaxMs: 10_000,
  drainMs: 10_000,
  closeMs: 5000,
};

/** Bytes asked for per fetch and partition, and per fetch in all. */
export const fetchBytesPerPartitionMax = 1024 * 1024;
export const fetchBytesMax = 8 * 1024 * 1024;
/** A broker holds a fetch this long when there is nothing new. */
export const fetchWaitMs = 250;
/** New partitions, input and output, are noticed within this time. */
export const metadataMaxAgeMs = 30_000;
