/**
 * What the tests of ingest share: a log that a test holds in its hands, a clock that moves when told,
 * and a logger that remembers.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import type { Clock } from '#runtime/clock.ts';
import { DependencyError } from '#runtime/errors.ts';
import { type LogRecord, viewOf } from '#runtime/kafka/record-view.ts';
import { createEvent, encodePost, type PlainEvent } from '#test/oracle/plain-events.ts';
import { createEventApplier } from './apply-event.ts';
import {
  type EventSource,
  type EventSourceListener,
  noSourceFacts,
  type PartitionBounds,
  type SourceFacts,
} from './event-source.ts';
import { LogGapError } from './event-source-gap.ts';
import { createIngest, type Ingest } from './ingest.ts';
import type { IngestOptions } from './ingest-options.ts';

export const startSeconds = 1_700_000_000;

/** Both clocks start at a moment of our own and move only by `advance`. */
function createManualClock() {
  let passedMs = 0;
  const clock: Clock = {
    nowMs: () => startSeconds * 1000 + passedMs,
    monotonicMs: () => 50_000 + passedMs,
  };
  return { clock, advance: (ms: number) => (passedMs += ms) };
}

/** A log that delivers when told, and fails when told. */
export class HandSource implements EventSource {
  readonly topic = 'in-network';
  readonly partitions: { start: number; end: number }[];
  listener: EventSourceListener | null = null;
  positions: ReadonlyMap<number, number> = new Map();
  readonly commits: ReadonlyMap<number, number>[] = [];
  openErrors: Error[] = [];
  boundsError: Error | null = null;
  commitError: Error | null = null;
  asked = 0;
  closed = 0;

  constructor(...ranges: readonly (readonly [start: number, end: number])[]) {
    this.partitions = ranges.map(([start, end]) => ({ start, end }));
  }

  async open(): Promise<readonly PartitionBounds[]> {
    const error = this.openErrors.shift();
    if (error !== undefined) throw error;
    return this.#bounds();
  }

  async bounds(): Promise<readonly PartitionBounds[]> {
    this.asked += 1;
    if (this.boundsError !== null) throw this.boundsError;
    return this.#bounds();
  }

  async run(positions: ReadonlyMap<number, number>, listener: EventSourceListener): Promise<void> {
    this.positions = positions;
    this.listener = listener;
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    if (this.commitError !== null) throw this.commitError;
    this.commits.push(positions);
  }

  facts(): SourceFacts {
    return { ...noSourceFacts, metadataRefreshes: 1, unstableRecords: new Map([[0, 7]]) };
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  /** Hands over records at these offsets; the position after them is `nextOffset`. */
  async deliver(partition: number, records: readonly LogRecord[], nextOffset: number) {
    assert.ok(this.listener, 'runs');
    await this.listener.onRecords(partition, viewOf(records), nextOffset);
  }

  #bounds(): PartitionBounds[] {
    return this.partitions.map((range, partition) => ({ partition, ...range }));
  }
}

export interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export const warning = 40;

export function fieldsOf(line: Line | undefined): Readonly<Record<string, unknown>> {
  assert.ok(line, 'a line was logged');
  return line;
}

/** A logger that keeps what is said. */
function createMemoryLogger() {
  const lines: Line[] = [];
  const write = (line: string) => lines.push(JSON.parse(line));
  return { lines, logger: pino({ level: 'debug', base: {} }, { write }) };
}

export function wire(event: PlainEvent): Uint8Array {
  if (event.kind === 'create') {
    const payload = encodePost(event.post);
    return Uint8Array.from([0x0a, payload.length, ...payload]);
  }
  // A delete's first two fields are laid out as a post's first and third: id 1, time 2.
  return Uint8Array.from([0x12, 2, 0x08, Number(event.postId)]);
}

/** Creates at offsets `from` up to `to`, ids as their offsets plus one. */
export function creates(from: number, to: number): LogRecord[] {
  return Array.from({ length: to - from }, (_, index) => {
    const postId = BigInt(from + index + 1);
    const event = createEvent({ postId, authorId: 1n, createdAt: startSeconds });
    return { offset: from + index, timestampMs: startSeconds * 1000, value: wire(event) };
  });
}

export interface Rig {
  readonly ingest: Ingest;
  readonly source: HandSource;
  readonly lines: Line[];
  readonly stages: string[];
  readonly reclaimedAt: number[];
  readonly recorder: { pollErrors: { value: number }; parseFailures: { value: number } };
  readonly applied: number[];
  readonly advance: (ms: number) => number;
}

/** Resolves when `state` holds; fails after two seconds. */
export async function until(state: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 2_000;
  while (!state()) {
    assert.ok(performance.now() < deadline, `not within two seconds: ${what}`);
    await pause(1);
  }
}

/** Builds, runs the body and always stops what was started. */
export async function withRig(
  source: HandSource,
  options: Partial<IngestOptions>,
  body: (rig: Rig) => Promise<void>,
): Promise<void> {
  const { clock, advance } = createManualClock();
  const { lines, logger } = createMemoryLogger();
  const applied: number[] = [];
  const target = {
    create: (post: { postIdLo: number }) => {
      applied.push(post.postIdLo);
      return 'stored' as const;
    },
    delete: () => 'stored' as const,
  };
  const stages: string[] = [];
  const reclaimedAt: number[] = [];
  const recorder = {
    pollErrors: { value: 0 },
    parseFailures: { value: 0 },
    batchSeconds: { observe: (seconds: number) => assert.ok(seconds >= 0) },
  };
  const ingest = createIngest({
    source,
    applier: createEventApplier({ target, retentionSeconds: 172_800 }),
    clock,
    logger,
    recorder,
    retentionSeconds: 172_800,
    readyLagEvents: 1_000,
    readyLagMs: 1_000,
    maxStalenessMs: null,
    decodeFailurePercentMax: 10,
    boundsIntervalMs: 1_000,
    commitIntervalMs: 10_000,
    statsIntervalMs: 5_000,
    reclaimIntervalMs: 120_000,
    reclaim: (now) => reclaimedAt.push(now),
    tickMs: 1,
    onStage: (stage) => stages.push(stage),
    ...options,
  });
  try {
    await body({ ingest, source, lines, stages, reclaimedAt, recorder, applied, advance });
  } finally {
    await ingest.stop();
  }
}

/** The first five records are gone; the time is of the first that is there. */
export function lostGap(topic: string, foundTimestampMs: number | null = null): LogGapError {
  const gap = { kind: 'lost', partition: 0, position: 0, foundAt: 5 } as const;
  return new LogGapError({ topic, ...gap, foundTimestampMs });
}

export const refused = () => new DependencyError('refused', { code: 'K', retry: 'backoff' });

export const neverAborted = new AbortController().signal;
