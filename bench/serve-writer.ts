/**
 * Events applied at a steady pace in the process that serves, as ingest does between two answers: a
 * few every five milliseconds. They are generated before the pace begins, so that what is measured is
 * decoding and applying.
 *
 * Time goes on with the events, which lie as close to each other as those of the data: a store of two
 * million posts that gets 20,000 a second by the clock would have another distribution every second,
 * and another kind of query.
 */
import { createEventEncoder, type EncodedRecord } from '#cli/generator/event-encoder.ts';
import { EventGenerator } from '#cli/generator/event-generator.ts';
import type { EventApplier } from '#node/ingest/apply-event.ts';
import type { DataFile } from './data-file.ts';
import { spanMs } from './dataset.ts';

const tickMs = 5;
/** What was missed is made up for by so many at once: a few milliseconds. */
const eventsPerTickMax = 2_000;

export interface Pace {
  readonly applied: number;
  readonly tookMs: number;
}

export class PacedWriter {
  readonly #generator: EventGenerator;
  readonly #encode = createEventEncoder('protobuf');
  readonly #applier: EventApplier;
  readonly #msPerEvent: number;
  #nowMs: number;
  #records: readonly EncodedRecord[] = [];
  #applied = 0;
  #perMs = 0;
  #startedMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Goes on where the data ends, with the same accounts. */
  constructor(data: DataFile, applier: EventApplier) {
    this.#nowMs = data.now * 1_000;
    const { seed, authors } = data;
    this.#generator = new EventGenerator({ seed: seed + 1, authors, startMs: this.#nowMs });
    this.#applier = applier;
    this.#msPerEvent = spanMs / data.records;
  }

  /** When the last applied event happened. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Begins to apply so many events a second; after `durationMs` there are none left. */
  start(perSecond: number, durationMs: number): void {
    this.stop();
    this.#perMs = perSecond / 1_000;
    const records: EncodedRecord[] = [];
    while (records.length < this.#perMs * durationMs) {
      const atMs = this.#nowMs + records.length * this.#msPerEvent;
      const record = this.#encode(this.#generator.next(Math.floor(atMs)));
      if (record !== null) records.push(record);
    }
    this.#records = records;
    this.#applied = 0;
    this.#startedMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** What was applied since `start`. */
  stop(): Pace {
    clearInterval(this.#timer);
    this.#timer = undefined;
    return { applied: this.#applied, tookMs: performance.now() - this.#startedMs };
  }

  #tick(): void {
    const due = Math.min(
      Math.floor((performance.now() - this.#startedMs) * this.#perMs),
      this.#applied + eventsPerTickMax,
      this.#records.length,
    );
    for (; this.#applied < due; this.#applied += 1) {
      const record = this.#records[this.#applied];
      if (record === undefined) break;
      const { value, timestampMs } = record;
      this.#nowMs = Math.max(this.#nowMs, timestampMs);
      this.#applier.apply(value, 0, value.length, timestampMs, Math.floor(this.#nowMs / 1_000));
    }
  }
}
