/**
 * The transformer's ports over memory, for tests of this folder and of what is built on it: a
 * partitioned input with one group, and an output whose acknowledgements and failures are scripted.
 */
import { partitionOfKey } from './author-partition.ts';
import type {
  InputBounds,
  InputListener,
  InputRecord,
  OutputRecord,
  TransformInput,
  TransformOutput,
} from './transform-ports.ts';

/** One group's view of a log. `deliver` and `rebalance` play the part of the broker. */
export class MemoryInput implements TransformInput {
  readonly topic: string;
  readonly committed = new Map<number, number>();
  /** Every commit, in order. */
  readonly commits: ReadonlyMap<number, number>[] = [];
  /** Thrown by the next commits, first first. */
  readonly commitErrors: Error[] = [];
  paused = false;
  closed = false;
  readonly #partitions: InputRecord[][];
  readonly #positions = new Map<number, number>();
  #owned: readonly number[] = [];
  #listener: InputListener | null = null;

  constructor(topic: string, partitions: InputRecord[][]) {
    this.topic = topic;
    this.#partitions = partitions;
  }

  async open(): Promise<void> {}

  async run(listener: InputListener): Promise<void> {
    this.#listener = listener;
    this.rebalance([...this.#partitions.keys()]);
  }

  /** Owns these partitions from now on, each from its committed position. */
  rebalance(owned: readonly number[]): void {
    this.#owned = owned;
    this.#positions.clear();
    for (const partition of owned) {
      this.#positions.set(partition, this.committed.get(partition) ?? 0);
    }
    this.#listener?.onAssigned(owned);
  }

  /** Reports trouble to the listener, as a lost connection does. */
  trouble(error: Error): void {
    this.#listener?.onTrouble(error);
  }

  /** Delivers everything not yet delivered, in blocks; resolves when the listener took it all. */
  async deliver(blockRecords = Number.MAX_SAFE_INTEGER): Promise<void> {
    for (let moved = true; moved; ) {
      moved = false;
      for (const partition of this.#owned) {
        await this.#listener?.untilRoom();
        const position = this.#positions.get(partition);
        if (position === undefined) {
          continue;
        }
        const records = this.#partitions[partition]?.slice(position, position + blockRecords) ?? [];
        if (records.length === 0 || this.paused) {
          continue;
        }
        moved = true;
        const nextOffset = position + records.length;
        this.#positions.set(partition, nextOffset);
        this.#listener?.onRecords(partition, records, nextOffset);
      }
    }
  }

  async bounds(): Promise<readonly InputBounds[]> {
    return this.#partitions.map((records, partition) => ({
      partition,
      start: 0,
      end: records.length,
      committed: this.committed.get(partition) ?? null,
    }));
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    const error = this.commitErrors.shift();
    if (error !== undefined) {
      throw error;
    }
    this.commits.push(new Map(positions));
    for (const [partition, offset] of positions) {
      this.committed.set(partition, offset);
    }
  }

  pause(): void {
    this.paused = true;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Keeps what was acknowledged, by topic and partition. */
export class MemoryOutput implements TransformOutput {
  readonly partitionCount: number;
  readonly #topics = new Map<string, OutputRecord[][]>();
  /** Runs before each send is stored; may wait or throw, and so play a slow or failing broker. */
  beforeSend: (topic: string, records: readonly OutputRecord[]) => Promise<void> = async () => {};
  /** Records per send, in order, failed ones included. */
  readonly sendSizes: number[] = [];
  closed = false;

  constructor(partitionCount: number) {
    this.partitionCount = partitionCount;
  }

  async open(): Promise<void> {}

  async send(topic: string, records: readonly OutputRecord[]): Promise<void> {
    this.sendSizes.push(records.length);
    await this.beforeSend(topic, records);
    const partitions = this.partitions(topic);
    for (const record of records) {
      if (record.everyPartition) {
        for (const partition of partitions) {
          partition.push(record);
        }
      } else {
        const at = record.key === null ? 0 : partitionOfKey(record.key, this.partitionCount);
        partitions[at]?.push(record);
      }
    }
  }

  /** What each partition of a topic holds. */
  partitions(topic: string): OutputRecord[][] {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      partitions = Array.from({ length: this.partitionCount }, () => []);
      this.#topics.set(topic, partitions);
    }
    return partitions;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
