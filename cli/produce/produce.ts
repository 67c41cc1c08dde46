/**
 * Sends events to a topic: first a backlog as fast as it is taken, then a steady rate.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventEncoder, type EventFormat } from '#cli/generator/event-encoder.ts';
import {
  EventGenerator,
  type EventGeneratorOptions,
  generateBacklog,
} from '#cli/generator/event-generator.ts';
import { type EventLabel, type GeneratedEvent, labelOf } from '#cli/generator/generated-event.ts';
import type { Clock } from '#runtime/clock.ts';
import { BatchSender } from './batch-sender.ts';
import { createRateMeter, type RateMeter } from './rate-meter.ts';
import type { RecordSink } from './record-sink.ts';

/** Where the events come from. */
export type ProduceSource =
  | {
      readonly kind: 'generated';
      readonly generator: Omit<EventGeneratorOptions, 'startMs'>;
      /** Events spread evenly over the window up to now. */
      readonly backlog: number;
      /** Milliseconds; two days as a rule. */
      readonly windowMs: number;
      /** Milliseconds since the epoch that stand for now; the clock's when absent. Makes runs repeatable. */
      readonly nowMs?: number;
      /** After the backlog: until then, or until stopped when null. Nothing when `ratePerSecond` is 0. */
      readonly durationMs: number | null;
    }
  | {
      readonly kind: 'events';
      /** Sent as they are, times included. */
      readonly events: AsyncIterable<GeneratedEvent> | Iterable<GeneratedEvent>;
      /** For progress; null when unknown. */
      readonly total: number | null;
    };

export interface ProduceOptions {
  readonly source: ProduceSource;
  readonly format: EventFormat;
  /** Opened and closed by the caller. */
  readonly sink: RecordSink;
  /**
   * Events per second of a generated stream after its backlog, or of given events; 0 means none
   * after the backlog, and given events as fast as they are taken.
   */
  readonly ratePerSecond: number;
  readonly clock: Clock;
  /** Ends the run; what was begun is finished and counted. */
  readonly signal?: AbortSignal;
  /** After every acknowledged batch. */
  readonly onProgress?: (progress: ProduceProgress) => void;
}

export interface ProduceProgress {
  readonly phase: 'backlog' | 'live';
  /** Events of this phase that are through: acknowledged, or without a record in this format. */
  readonly done: number;
  readonly total: number | null;
  /** Null until there is something to compare. */
  readonly perSecond: number | null;
  readonly etaSeconds: number | null;
}

export interface ProduceTotals {
  /** Acknowledged records. */
  readonly records: number;
  readonly recordsByLabel: Readonly<Record<EventLabel, number>>;
  /** Events that have no record in this format: nullcast posts in protobuf. */
  readonly withoutRecord: number;
  /** Keys and values. */
  readonly bytes: number;
  readonly seconds: number;
  /** The signal ended it before its time. */
  readonly stopped: boolean;
}

/** A sleep between two instalments of a steady rate; also how late an event may be. */
const instalmentMs = 20;

/**
 * Resolves with the totals when all is acknowledged, or after the signal. Rejects with the sink's
 * error once a batch has failed; what was acknowledged by then stays in the topic.
 */
export async function produce(options: ProduceOptions): Promise<ProduceTotals> {
  const run = new Run(options);
  const { source, ratePerSecond } = options;
  if (source.kind === 'events') {
    await run.phase('backlog', source.total, async () => {
      const pacer = ratePerSecond > 0 ? run.pacer(ratePerSecond) : null;
      for await (const event of source.events) {
        if (run.isStopped) break;
        if (pacer !== null) await pacer.turn();
        await run.send(event);
      }
    });
    return run.totals();
  }

  const nowMs = source.nowMs ?? options.clock.nowMs();
  const startMs = Math.floor(nowMs - source.windowMs);
  const generator = new EventGenerator({ ...source.generator, startMs });
  if (source.backlog > 0) {
    await run.phase('backlog', source.backlog, async () => {
      for (const event of generateBacklog(generator, source.backlog, startMs, nowMs)) {
        if (run.isStopped) break;
        await run.send(event);
      }
    });
  }
  if (ratePerSecond > 0 && !run.isStopped) {
    const total =
      source.durationMs === null ? null : Math.round((source.durationMs / 1000) * ratePerSecond);
    const last = total ?? Number.POSITIVE_INFINITY;
    await run.phase('live', total, async () => {
      // With a fixed `nowMs` the stream goes on from there, else from when the backlog was through.
      const liveMs = Math.max(nowMs, source.nowMs ?? options.clock.nowMs());
      const pacer = run.pacer(ratePerSecond);
      for (let index = 0; index < last && !run.isStopped; index += 1) {
        await pacer.turn();
        if (run.isStopped) break;
        await run.send(generator.next(Math.floor(liveMs + (index * 1000) / ratePerSecond)));
      }
    });
  }
  return run.totals();
}

class Run {
  readonly #options: ProduceOptions;
  readonly #encode: (event: GeneratedEvent) => ReturnType<ReturnType<typeof createEventEncoder>>;
  readonly #sender: BatchSender;
  readonly #startedMs: number;
  readonly #byLabel: Record<EventLabel, number> = {
    original: 0,
    reply: 0,
    retweet: 0,
    nullcast: 0,
    duplicate: 0,
    delete: 0,
    quoted_delete: 0,
    garbage: 0,
  };
  #records = 0;
  #bytes = 0;
  #withoutRecord = 0;
  #stopped = false;
  #phase: { name: 'backlog' | 'live'; total: number | null; before: number; meter: RateMeter } = {
    name: 'backlog',
    total: null,
    before: 0,
    meter: createRateMeter(),
  };

  constructor(options: ProduceOptions) {
    this.#options = options;
    this.#encode = createEventEncoder(options.format);
    this.#startedMs = options.clock.monotonicMs();
    this.#sender = new BatchSender(options.sink, (labels, bytes) => {
      for (const label of labels) this.#byLabel[label] += 1;
      this.#records += labels.length;
      this.#bytes += bytes;
      this.#report();
    });
  }

  /** Also notes that the signal was seen while there was still something to do. */
  get isStopped(): boolean {
    if (this.#options.signal?.aborted === true) this.#stopped = true;
    return this.#stopped;
  }

  async phase(
    name: 'backlog' | 'live',
    total: number | null,
    work: () => Promise<void>,
  ): Promise<void> {
    const before = this.#records + this.#withoutRecord;
    this.#phase = { name, total, before, meter: createRateMeter() };
    this.#phase.meter.note(0, this.#options.clock.monotonicMs());
    try {
      await work();
      await this.#sender.drain();
    } catch (error) {
      await this.#sender.settle();
      throw error;
    }
    this.#report();
  }

  /** Resolves at once unless the batch is full and too much is in flight. */
  send(event: GeneratedEvent): Promise<void> | undefined {
    const record = this.#encode(event);
    if (record === null) {
      this.#withoutRecord += 1;
      return undefined;
    }
    return this.#sender.add(record, labelOf(event)) ? this.#sender.flush() : undefined;
  }

  /** Lets events pass at a rate; before it waits it sends what there is. */
  pacer(ratePerSecond: number): { turn(): Promise<void> | undefined } {
    const { clock, signal } = this.#options;
    const startedMs = clock.monotonicMs();
    let passed = 0;
    let allowed = 0;
    const wait = async (): Promise<void> => {
      for (;;) {
        allowed = Math.floor(((clock.monotonicMs() - startedMs) * ratePerSecond) / 1000) + 1;
        if (passed <= allowed || this.isStopped) return;
        await this.#sender.flush();
        const dueMs = startedMs + ((passed - 1) * 1000) / ratePerSecond;
        const waitMs = Math.max(instalmentMs, dueMs - clock.monotonicMs());
        await sleep(waitMs, undefined, signal === undefined ? {} : { signal }).catch(ignoreAbort);
      }
    };
    return {
      turn: () => {
        passed += 1;
        return passed <= allowed ? undefined : wait();
      },
    };
  }

  totals(): ProduceTotals {
    return {
      records: this.#records,
      recordsByLabel: this.#byLabel,
      withoutRecord: this.#withoutRecord,
      bytes: this.#bytes,
      seconds: (this.#options.clock.monotonicMs() - this.#startedMs) / 1000,
      stopped: this.#stopped,
    };
  }

  #report(): void {
    const { name, total, before, meter } = this.#phase;
    const done = this.#records + this.#withoutRecord - before;
    meter.note(done, this.#options.clock.monotonicMs());
    const perSecond = meter.perSecond();
    const etaSeconds =
      total === null || perSecond === null || perSecond <= 0
        ? null
        : Math.max(0, total - done) / perSecond;
    this.#options.onProgress?.({ phase: name, done, total, perSecond, etaSeconds });
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
