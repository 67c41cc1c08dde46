/**
 * Batches on their way to a sink: a few in flight, so that the encoder and the broker work at the
 * same time, and never more, so that a slow broker slows the sender instead of filling its memory.
 */
import type { EncodedRecord } from '#cli/generator/event-encoder.ts';
import type { EventLabel } from '#cli/generator/generated-event.ts';
import type { RecordSink } from './record-sink.ts';

/** Records in a batch. kafkajs sorts a batch into partitions in quadratic time: larger is slower. */
export const batchRecordsMax = 500;
/** Bytes of keys and values in a batch, unless one record alone has more: brokers take 1 MB by default. */
export const batchBytesMax = 512 * 1024;
export const batchesInFlightMax = 8;

export class BatchSender {
  readonly #sink: RecordSink;
  readonly #onAcknowledged: (labels: readonly EventLabel[], bytes: number) => void;
  readonly #inFlight = new Set<Promise<void>>();
  #records: EncodedRecord[] = [];
  #labels: EventLabel[] = [];
  #bytes = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(
    sink: RecordSink,
    onAcknowledged: (labels: readonly EventLabel[], bytes: number) => void,
  ) {
    this.#sink = sink;
    this.#onAcknowledged = onAcknowledged;
  }

  /** True when the batch is full and `flush` is due. */
  add(record: EncodedRecord, label: EventLabel): boolean {
    this.#records.push(record);
    this.#labels.push(label);
    this.#bytes += record.key.length + record.value.length;
    return this.#records.length >= batchRecordsMax || this.#bytes >= batchBytesMax;
  }

  /** Sends what there is; waits while too many batches are in flight. Rejects once one has failed. */
  async flush(): Promise<void> {
    while (this.#failure === null && this.#inFlight.size >= batchesInFlightMax) {
      await Promise.race(this.#inFlight);
    }
    this.#throwFailure();
    if (this.#records.length === 0) return;
    const sending = this.#send(this.#records, this.#labels, this.#bytes);
    this.#records = [];
    this.#labels = [];
    this.#bytes = 0;
    this.#inFlight.add(sending);
    void sending.finally(() => this.#inFlight.delete(sending));
  }

  /** Sends the rest and waits for every acknowledgement. Rejects when one failed. */
  async drain(): Promise<void> {
    if (this.#failure === null) await this.flush();
    await Promise.all(this.#inFlight);
    this.#throwFailure();
  }

  /** Waits for what is in flight, failed or not, and sends nothing more. */
  async settle(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  /** Never rejects: the first failure is kept for the next `flush` or `drain`. */
  async #send(
    records: readonly EncodedRecord[],
    labels: readonly EventLabel[],
    bytes: number,
  ): Promise<void> {
    try {
      await this.#sink.send(records);
      this.#onAcknowledged(labels, bytes);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
