/** Backlogs and rates against a sink in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventEncoder, type EncodedRecord } from '#cli/generator/event-encoder.ts';
import { EventGenerator, generateBacklog } from '#cli/generator/event-generator.ts';
import { systemClock } from '#runtime/clock.ts';
import { DependencyError } from '#runtime/errors.ts';
import { batchesInFlightMax, batchRecordsMax } from './batch-sender.ts';
import { type ProduceProgress, type ProduceSource, produce } from './produce.ts';
import { createRateMeter } from './rate-meter.ts';
import type { RecordSink } from './record-sink.ts';

const nowMs = 1_790_000_000_000;
const windowMs = 172_800_000;

function generated(
  backlog: number,
  durationMs: number | null = null,
): Extract<ProduceSource, { kind: 'generated' }> {
  return {
    kind: 'generated',
    generator: { seed: 1, authors: 100 },
    backlog,
    windowMs,
    nowMs,
    durationMs,
  };
}

interface MemorySink extends RecordSink {
  readonly batches: (readonly EncodedRecord[])[];
  inFlightMost: number;
}

/** Takes batches one event-loop turn later; `onBatch` may throw for it. */
function memorySink(onBatch: (index: number) => void = () => undefined): MemorySink {
  let inFlight = 0;
  const sink: MemorySink = {
    batches: [],
    inFlightMost: 0,
    open: async () => undefined,
    close: async () => undefined,
    async send(records) {
      inFlight += 1;
      sink.inFlightMost = Math.max(sink.inFlightMost, inFlight);
      await new Promise(setImmediate);
      inFlight -= 1;
      onBatch(sink.batches.length);
      sink.batches.push(records);
    },
  };
  return sink;
}

test('a backlog arrives whole, in order, in bounded batches, as the generator made it', async () => {
  const sink = memorySink();
  const totals = await produce({
    source: generated(12_345),
    format: 'protobuf',
    sink,
    ratePerSecond: 0,
    clock: systemClock,
  });
  const generator = new EventGenerator({ seed: 1, authors: 100, startMs: nowMs - windowMs });
  const encode = createEventEncoder('protobuf');
  const wanted = [...generateBacklog(generator, 12_345, nowMs - windowMs, nowMs)]
    .map(encode)
    .filter((record) => record !== null);
  const sent = sink.batches.flat();
  assert.equal(sent.length, wanted.length);
  sent.forEach((record, index) => {
    assert.deepEqual(record, wanted[index]);
  });
  assert.equal(totals.records, sent.length);
  assert.equal(totals.records + totals.withoutRecord, 12_345);
  assert.ok(totals.withoutRecord > 0);
  const sum = Object.values(totals.recordsByLabel).reduce((all, count) => all + count, 0);
  assert.equal(sum, totals.records);
  assert.equal(totals.stopped, false);
  assert.ok(sink.batches.every((batch) => batch.length <= batchRecordsMax));
  assert.ok(sink.inFlightMost > 1 && sink.inFlightMost <= batchesInFlightMax);
});

test('thrift has a record for every event', async () => {
  const sink = memorySink();
  const source = generated(3_000);
  const options = { source, format: 'thrift', sink, ratePerSecond: 0, clock: systemClock } as const;
  const totals = await produce(options);
  assert.equal(totals.records, 3_000);
  assert.equal(totals.withoutRecord, 0);
});

test('a steady rate sends its number of events, stamped by schedule, in no less than its time', async () => {
  const sink = memorySink();
  const totals = await produce({
    source: generated(0, 300),
    format: 'thrift',
    sink,
    ratePerSecond: 1_000,
    clock: systemClock,
  });
  assert.equal(totals.records, 300);
  assert.ok(totals.seconds >= 0.299, `${totals.seconds} s`);
  const stamps = sink.batches.flat().map((record) => record.timestampMs);
  assert.deepEqual(
    stamps,
    Array.from({ length: 300 }, (_, index) => nowMs + index),
  );
  assert.ok(sink.batches.length > 3);
});

test('a slow rate does not wait for a full batch', async () => {
  const sink = memorySink();
  const source = generated(0, 150);
  await produce({ source, format: 'thrift', sink, ratePerSecond: 20, clock: systemClock });
  assert.equal(sink.batches.length, 3);
});

test('progress ends at the total of each phase', async () => {
  const seen: ProduceProgress[] = [];
  await produce({
    source: generated(2_500, 50),
    format: 'protobuf',
    sink: memorySink(),
    ratePerSecond: 1_000,
    clock: systemClock,
    onProgress: (progress) => seen.push(progress),
  });
  const last = (phase: string): ProduceProgress | undefined =>
    seen.findLast((progress) => progress.phase === phase);
  assert.equal(last('backlog')?.done, 2_500);
  assert.equal(last('backlog')?.total, 2_500);
  assert.equal(last('backlog')?.etaSeconds, 0);
  assert.equal(last('live')?.done, 50);
});

test('after an abort what was begun is acknowledged and counted', async () => {
  const stop = new AbortController();
  const sink = memorySink((index) => {
    if (index === 3) stop.abort();
  });
  const totals = await produce({
    source: generated(1_000_000, null),
    format: 'protobuf',
    sink,
    ratePerSecond: 10,
    clock: systemClock,
    signal: stop.signal,
  });
  assert.equal(totals.stopped, true);
  assert.equal(totals.records, sink.batches.flat().length);
  assert.ok(totals.records < 20_000);
});

test('an abort ends a wait for the next event at once', async () => {
  const stop = new AbortController();
  const totals = await produce({
    source: generated(0, null),
    format: 'protobuf',
    sink: memorySink(() => stop.abort()),
    ratePerSecond: 0.01,
    clock: systemClock,
    signal: stop.signal,
  });
  assert.equal(totals.stopped, true);
  assert.ok(totals.records + totals.withoutRecord === 1);
});

test('a failed batch ends the run with its error, after the others in flight', async () => {
  const lost = new DependencyError('gone', { code: 'KAFKA_UNREACHABLE', retry: 'backoff' });
  const sink = memorySink((index) => {
    if (index === 2) throw lost;
  });
  const source = generated(1_000_000);
  await assert.rejects(
    produce({ source, format: 'protobuf', sink, ratePerSecond: 0, clock: systemClock }),
    lost,
  );
  const batches = sink.batches.length;
  await new Promise(setImmediate);
  assert.equal(sink.batches.length, batches);
});

test('given events are sent as they are', async () => {
  const generator = new EventGenerator({ seed: 2, authors: 50, startMs: nowMs - windowMs });
  const events = [...generateBacklog(generator, 500, nowMs - windowMs, nowMs)];
  const sink = memorySink();
  const source = { kind: 'events', events, total: 500 } as const;
  await produce({ source, format: 'thrift', sink, ratePerSecond: 0, clock: systemClock });
  assert.deepEqual(sink.batches.flat(), events.map(createEventEncoder('thrift')));
});

test('the rate is that of the last seconds', () => {
  const meter = createRateMeter();
  assert.equal(meter.perSecond(), null);
  meter.note(0, 0);
  assert.equal(meter.perSecond(), null);
  for (let atMs = 10; atMs <= 10_000; atMs += 10) meter.note(atMs, atMs);
  assert.equal(Math.round(meter.perSecond() ?? 0), 1_000);
  for (let atMs = 10_010; atMs <= 14_000; atMs += 10) meter.note(10_000, atMs);
  assert.equal(meter.perSecond(), 0);
});
