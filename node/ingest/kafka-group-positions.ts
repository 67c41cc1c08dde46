/**
 * Where each partition stands, judged against what kafkajs delivers: it may rewind or jump without a
 * word, so nothing it says about positions is believed.
 */
import type { LogRecord } from '#runtime/kafka/record-view.ts';
import type { PartitionBounds } from './event-source.ts';

export type Verdict =
  /** Goes on where we are, or begins before it: deliver what is new. */
  | { readonly kind: 'follows' }
  /** Begins after our position: a hole, or lost records; the log's start tells. */
  | { readonly kind: 'ahead'; readonly position: number }
  /** All of it is before our position. */
  | { readonly kind: 'behind'; readonly position: number };

export class KafkaPositions {
  readonly #positions = new Map<number, number>();
  /** Partitions read from wherever their log starts, until their first batch. */
  readonly #floating = new Set<number>();

  /** `given` wins over the log's start; a partition whose position is its start takes a later start too. */
  begin(given: ReadonlyMap<number, number>, bounds: readonly PartitionBounds[]): void {
    for (const { partition, start } of bounds) {
      const position = given.get(partition) ?? start;
      this.#positions.set(partition, position);
      if (position === start) this.#floating.add(partition);
    }
  }

  /** The position to read from; a partition not seen before starts at its beginning. */
  of(partition: number): number {
    const position = this.#positions.get(partition);
    if (position !== undefined) return position;
    this.#positions.set(partition, 0);
    this.#floating.add(partition);
    return 0;
  }

  judge(partition: number, firstOffset: number, nextOffset: number): Verdict {
    const position = this.of(partition);
    if (nextOffset <= position) return { kind: 'behind', position };
    if (firstOffset > position && !this.#floating.has(partition))
      return { kind: 'ahead', position };
    return { kind: 'follows' };
  }

  /** The records that are at or after the position. */
  fresh(partition: number, records: readonly LogRecord[]): readonly LogRecord[] {
    const position = this.of(partition);
    const first = records[0];
    if (first === undefined || first.offset >= position) return records;
    return records.filter(({ offset }) => offset >= position);
  }

  advance(partition: number, nextOffset: number): void {
    this.#positions.set(partition, nextOffset);
    this.#floating.delete(partition);
  }
}
