/**
 * Where the transformer reads and writes, as ports: Kafka stands behind them in production
 * (`kafka-input.ts`, `kafka-output.ts`), memory in tests (`memory-log.ts`).
 */
import { DependencyError } from '#runtime/errors.ts';

/** One record of the input topic. Views into a fetched block that nobody writes to again. */
export interface InputRecord {
  /** Exact to 2^53. */
  readonly offset: number;
  /** Milliseconds since the epoch; negative when the record carries none. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface InputListener {
  /**
   * This process now owns `partitions` and no others. Each is delivered from its committed position,
   * which repeats what was delivered but not committed. Nothing is committed for the others any more.
   */
  onAssigned(partitions: readonly number[]): void;
  /**
   * Asked before each `onRecords`, which has to wait for a returned promise; the input stays a live
   * member of its group meanwhile.
   */
  untilRoom(): Promise<void> | undefined;
  /**
   * Records of one partition in offset order. `nextOffset` is the position after them, past control
   * records and holes; `records` may be empty when only the position moved. They begin at the
   * committed position or where an earlier call for this partition ended, so that all before
   * `nextOffset` has been handed over once this returns.
   */
  onRecords(partition: number, records: readonly InputRecord[], nextOffset: number): void;
  /** Something failed and is being tried again; an `UnreadableBatchError` for each batch passed by. */
  onTrouble(error: Error): void;
}

/** What one partition of the input topic holds: `start === end` is empty. */
export interface InputBounds {
  readonly partition: number;
  /** First offset still in the log. */
  readonly start: number;
  /** Last stable offset: the next one a read_committed reader cannot see yet. */
  readonly end: number;
  /** The group's committed position; null when it never committed one. */
  readonly committed: number | null;
}

export interface TransformInput {
  readonly topic: string;
  /**
   * Connects and checks that the topic is there. Retries what waiting can cure until the signal
   * aborts, telling `onTrouble` each time; rejects with a ThunderError otherwise.
   */
  open(signal: AbortSignal, onTrouble: (error: Error) => void): Promise<void>;
  /** Joins the group and delivers from the committed positions, from the start where there is none. */
  run(listener: InputListener): Promise<void>;
  bounds(): Promise<readonly InputBounds[]>;
  /** Commits partition -> next offset for the group, as the member it is now. */
  commit(positions: ReadonlyMap<number, number>): Promise<void>;
  /** Delivers nothing more, but stays in the group so that positions can still be committed. */
  pause(): void;
  /** Leaves the group and disconnects. Idempotent. */
  close(): Promise<void>;
}

export interface OutputRecord {
  /** Decides the partition as Kafka's Java clients do. Null: see `everyPartition`; otherwise any. */
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Written once to each partition of the topic, instead of the one its key says. */
  readonly everyPartition: boolean;
  readonly timestampMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it came from, for the log line when it is refused. */
  readonly inputPartition: number;
  readonly inputOffset: number;
}

export interface TransformOutput {
  /** Connects and checks that the topics are there, as `TransformInput.open` does. */
  open(signal: AbortSignal, onTrouble: (error: Error) => void): Promise<void>;
  /**
   * Appends the records in order. Resolves once all in-sync replicas have them all. Rejects when
   * that is not known for every one: some may have been written, and sending all of them again is
   * right. `OutputRefusedError` when no repetition of the same batch can succeed.
   */
  send(topic: string, records: readonly OutputRecord[]): Promise<void>;
  /** Disconnects. Idempotent. */
  close(): Promise<void>;
}

/** The output will never take these records as they are: too large, or refused by its rules. */
export class OutputRefusedError extends DependencyError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'OUTPUT_REFUSED', retry: 'never', cause });
  }
}
