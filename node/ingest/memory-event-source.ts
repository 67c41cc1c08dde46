/**
 * The in-memory twin of the Kafka source, for tests and for running without Kafka: a log that the
 * caller writes. It passes the same suite.
 */
import { type LogRecord, viewOf } from '#runtime/kafka/record-view.ts';
import {
  type EventSource,
  type EventSourceListener,
  noSourceFacts,
  type PartitionBounds,
  type SourceFacts,
} from './event-source.ts';
import { LogGapError } from './event-source-gap.ts';

/** Records delivered at once, so that a long log arrives in several calls as it does from Kafka. */
const batchRecordsMax = 500;

/** A record, or `hole`: a control record, an aborted one, one that was compacted away. */
type Entry = { readonly timestampMs: number; readonly value: Uint8Array | null } | 'hole';

interface Partition {
  start: number;
  /** `entries[0]` is at offset 0, whatever `start` says. */
  readonly entries: Entry[];
  position: number | null;
  /** The last record delivered: what is at its offset must still be it. */
  anchor: { readonly offset: number; readonly entry: Entry } | null;
  isDelivering: boolean;
  /** Written to while its delivery was under way: look once more before stopping. */
  isWritten: boolean;
}

export class MemoryEventSource implements EventSource {
  readonly topic: string;
  readonly #partitions: Partition[];
  readonly #committed = new Map<number, number>();
  #listener: EventSourceListener | null = null;
  #failures: Error[] = [];
  #isClosed = false;

  constructor(options: { readonly topic?: string; readonly partitions?: number } = {}) {
    this.topic = options.topic ?? 'memory';
    this.#partitions = Array.from({ length: options.partitions ?? 1 }, emptyPartition);
  }

  /** Positions last published; nothing reads them back. */
  get committed(): ReadonlyMap<number, number> {
    return this.#committed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Appends one record a value and answers the end offset. */
  append(partition: number, values: readonly (Uint8Array | null)[], timestampMs = 0): number {
    const { entries } = this.#partition(partition);
    for (const value of values) entries.push({ timestampMs, value });
    void this.#deliver(partition);
    return entries.length;
  }

  /** Takes offsets that are never delivered, as a transaction marker does. */
  appendHole(partition: number, offsets = 1): number {
    const { entries } = this.#partition(partition);
    for (let count = 0; count < offsets; count++) entries.push('hole');
    void this.#deliver(partition);
    return entries.length;
  }

  /** Adds an empty partition and answers its number. */
  addPartition(): number {
    return this.#partitions.push(emptyPartition()) - 1;
  }

  /** Deletes the records before an offset, as retention does. */
  deleteBefore(partition: number, offset: number): void {
    const log = this.#partition(partition);
    log.start = Math.max(log.start, Math.min(offset, log.entries.length));
  }

  /** Cuts the log off at an offset, as a re-created topic or an unclean election does. */
  truncate(partition: number, end: number): void {
    const log = this.#partition(partition);
    log.entries.length = Math.min(end, log.entries.length);
    log.start = Math.min(log.start, log.entries.length);
  }

  /** Deletes the log and begins it anew with these values, as a topic that is re-created. */
  recreate(partition: number, values: readonly (Uint8Array | null)[], timestampMs = 0): void {
    const log = this.#partition(partition);
    log.start = 0;
    log.entries.length = 0;
    this.append(partition, values, timestampMs);
  }

  /** The next calls of `open` or `bounds` fail with these, one each. */
  failNext(...errors: readonly Error[]): void {
    this.#failures.push(...errors);
  }

  /** Reports trouble to the listener, as a lost connection does. */
  trouble(error: Error): void {
    this.#listener?.onTrouble(error);
  }

  open(signal: AbortSignal): Promise<readonly PartitionBounds[]> {
    return signal.aborted ? Promise.reject(new Error('given up')) : this.bounds();
  }

  bounds(): Promise<readonly PartitionBounds[]> {
    const failure = this.#failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    return Promise.resolve(
      this.#partitions.map(({ start, entries }, partition) => ({
        partition,
        start,
        end: entries.length,
      })),
    );
  }

  run(positions: ReadonlyMap<number, number>, listener: EventSourceListener): Promise<void> {
    if (this.#listener !== null) return Promise.reject(new Error('an event source runs once'));
    this.#listener = listener;
    for (const [partition, log] of this.#partitions.entries()) {
      log.position = positions.get(partition) ?? log.start;
      void this.#deliver(partition);
    }
    return Promise.resolve();
  }

  commit(positions: ReadonlyMap<number, number>): Promise<void> {
    for (const [partition, position] of positions) this.#committed.set(partition, position);
    return Promise.resolve();
  }

  /** Nothing can fail, and nothing hang, that is not told to. */
  facts(): SourceFacts {
    return noSourceFacts;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #partition(partition: number): Partition {
    const log = this.#partitions[partition];
    if (log === undefined) throw new RangeError(`no partition ${partition}`);
    return log;
  }

  /** Delivers what there is, one call at a time for each partition. */
  async #deliver(partition: number): Promise<void> {
    const log = this.#partition(partition);
    log.isWritten = true;
    if (log.isDelivering) return;
    log.isDelivering = true;
    try {
      // Nothing arrives within the call that appended it or started the source.
      await Promise.resolve();
      while (log.isWritten) {
        log.isWritten = false;
        while (await this.#deliverBatch(partition, log));
      }
    } catch (error) {
      this.#listener?.onTrouble(error instanceof Error ? error : new Error(String(error)));
    } finally {
      log.isDelivering = false;
    }
  }

  async #deliverBatch(partition: number, log: Partition): Promise<boolean> {
    const listener = this.#listener;
    if (listener === null || this.#isClosed) return false;
    let position = log.position ?? log.start;
    const { anchor } = log;
    if (anchor !== null && anchor.offset >= log.start) {
      const found = log.entries[anchor.offset];
      if (found !== anchor.entry) {
        const kind = found === undefined ? 'rewound' : 'replaced';
        const foundAt = found === undefined ? log.start : anchor.offset;
        listener.onTrouble(
          new LogGapError({ topic: this.topic, kind, partition, position, foundAt }),
        );
        return false;
      }
    }
    if (position < log.start) {
      const gap = { kind: 'lost', partition, position, foundAt: log.start } as const;
      const entry = log.entries.slice(log.start).find((one) => one !== 'hole');
      const foundTimestampMs = entry?.timestampMs ?? null;
      listener.onTrouble(new LogGapError({ topic: this.topic, ...gap, foundTimestampMs }));
      position = log.start;
    }
    const next = Math.min(position + batchRecordsMax, log.entries.length);
    if (next <= position) return false;
    const records = recordsOf(log.entries, position, next);
    const view = viewOf(records);
    await listener.onRecords(partition, view, next);
    // Whoever kept the view sees now that it was one.
    view.bytes.fill(0);
    view.count = 0;
    log.position = next;
    const last = records.at(-1)?.offset ?? -1;
    const entry = log.entries[last];
    if (entry !== undefined) log.anchor = { offset: last, entry };
    return true;
  }
}

function emptyPartition(): Partition {
  return {
    start: 0,
    entries: [],
    position: null,
    anchor: null,
    isDelivering: false,
    isWritten: false,
  };
}

function recordsOf(entries: readonly Entry[], from: number, to: number): LogRecord[] {
  const records: LogRecord[] = [];
  for (let offset = from; offset < to; offset++) {
    const entry = entries[offset];
    if (entry === undefined || entry === 'hole') continue;
    records.push({ offset, ...entry });
  }
  return records;
}
