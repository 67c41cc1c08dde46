/**
 * A partitioned log to read from the start and then follow: Kafka behind a port. Offsets are
 * numbers (exact to 2^53).
 */

import type { RecordView } from '#runtime/kafka/record-view.ts';

export interface PartitionBounds {
  readonly partition: number;
  /** First offset still in the log. */
  readonly start: number;
  /** Last stable offset: what a read_committed reader can reach. Next offset, so `start === end` is empty. */
  readonly end: number;
  /** Nobody leads it: start and end are unknown, and 0. */
  readonly isOffline?: boolean;
}

/** What a source has counted and seen beside the records, since it was made. */
export interface SourceFacts {
  /** Looks at the topic's partitions and leaders. */
  readonly metadataRefreshes: number;
  /** Fetches that failed, each tried again. */
  readonly fetchFailures: number;
  /** Offsets that the log dropped before they were read, harmless or not. */
  readonly lostRecords: number;
  /** Partition -> offsets behind its last stable one: more than 0 for long is a hanging transaction. */
  readonly unstableRecords: ReadonlyMap<number, number>;
  /** Partition -> broker that it is fetched from. */
  readonly fetchedFrom: ReadonlyMap<number, number>;
}

/** Nothing has happened. */
export const noSourceFacts: SourceFacts = {
  metadataRefreshes: 0,
  fetchFailures: 0,
  lostRecords: 0,
  unstableRecords: new Map(),
  fetchedFrom: new Map(),
};

export interface EventSourceListener {
  /**
   * Records of one partition in offset order. `nextOffset` is the position after them, past control
   * records and holes; `records` may be empty when only the position moved. The view is the source's:
   * it waits for a returned promise before it fills it again and delivers more of that partition.
   */
  onRecords(partition: number, records: RecordView, nextOffset: number): void | Promise<void>;
  /**
   * Something failed and is being retried with back-off; for logs, counters and staleness. Also a
   * `LogGapError` before what follows a gap, and an `UnreadableBatchError` for each batch that is
   * passed by.
   */
  onTrouble(error: Error): void;
}

export interface EventSource {
  readonly topic: string;
  /**
   * Connects and answers the bounds of every partition. Rejects with a ThunderError whose `retry`
   * says whether to call it again, and at once when the signal aborts.
   */
  open(signal: AbortSignal): Promise<readonly PartitionBounds[]>;
  /** Asks for the bounds again, new partitions included. Rejects when nobody answers for any. */
  bounds(): Promise<readonly PartitionBounds[]>;
  /** Starts delivery at `positions` (partition -> next offset); other partitions begin at their start. */
  run(positions: ReadonlyMap<number, number>, listener: EventSourceListener): Promise<void>;
  /** Publishes positions so that ordinary Kafka tools show the lag; never read back. */
  commit(positions: ReadonlyMap<number, number>): Promise<void>;
  facts(): SourceFacts;
  /** Stops delivery, gives up the consumer group and disconnects. Idempotent. */
  close(): Promise<void>;
}
