/** What kafkajs's encoder wrote is read into views; what must not be seen is not; hostile bytes end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  batchOf,
  codecNumbers,
  firstTimestamp,
  markerOf,
  type PlainRecord,
  plain,
  withChecksum,
} from './batch-encoder.suite.ts';
import type { AbortedTransaction } from './fetch-request.ts';
import { endOfSet } from './record-batch-header.ts';
import { RecordSetReader } from './record-set-reader.ts';
import { RecordView } from './record-view.ts';

interface Read {
  readonly records: { offset: number; timestampMs: number; text: string | null }[];
  readonly reasons: string[];
  readonly nextOffset: number;
}

interface Options {
  readonly offset?: number;
  readonly aborted?: readonly AbortedTransaction[];
  readonly viewRecords?: number;
  readonly checksCrc?: boolean;
}

/** Reads a set to its end, passing by what cannot be read, and checks each step on the way. */
async function readAll(set: Buffer, options: Options = {}): Promise<Read> {
  const reader = new RecordSetReader({ checksCrc: options.checksCrc ?? true });
  const view = new RecordView(options.viewRecords);
  const read = { records: [], reasons: [], nextOffset: 0 } as Read;
  reader.begin(set, options.offset ?? 0, options.aborted ?? []);
  for (let steps = 0; ; steps += 1) {
    assert.ok(steps <= set.length + 10, 'it ends');
    const before = reader.nextOffset;
    const result = reader.read(view);
    if (result === 'end') return { ...read, nextOffset: reader.nextOffset };
    if (result === 'records') {
      assert.ok(reader.nextOffset > before, 'it moves on');
      collect(view, read.records);
    } else if (result === 'compressed') {
      try {
        reader.inflated(await reader.compressed.codec.inflate(reader.compressed.bytes));
      } catch (error) {
        reader.notInflated(error);
      }
    } else {
      read.reasons.push(reader.unreadable.reason);
      reader.passBy();
    }
  }
}

function collect(view: RecordView, records: Read['records']): void {
  for (let index = 0; index < view.count; index += 1) {
    const [start = -1, end = -1] = [view.valueStarts[index], view.valueEnds[index]];
    const text = start < 0 ? null : Buffer.from(view.bytes.subarray(start, end)).toString('hex');
    const [offset = -1, timestampMs = -1] = [view.offsets[index], view.timestampsMs[index]];
    records.push({ offset, timestampMs, text });
  }
}

const hex = (text: string): string => Buffer.from(text).toString('hex');
const textsOf = ({ records }: Read): (string | null)[] =>
  records.map(({ text }) => (text === null ? null : Buffer.from(text, 'hex').toString()));

const bytes = fc.option(fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)));
const anyRecord = fc.record({
  gap: fc.nat(3),
  timestampDelta: fc.integer({ min: -1_000_000, max: 2 ** 40 }),
  key: bytes,
  value: bytes,
  headers: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 8 }),
    fc.uint8Array({ maxLength: 9 }).map((some) => Buffer.from(some)),
    { maxKeys: 3 },
  ),
});
const anyBatch = fc.record({
  codec: fc.constantFrom(...Object.values(codecNumbers)),
  records: fc.array(anyRecord, { minLength: 1, maxLength: 12 }),
});

test('batches of every codec, mixed in one set, are read as they were written, from any offset on', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyBatch, { minLength: 1, maxLength: 5 }),
      fc.nat(2 ** 40),
      fc.nat(40),
      fc.integer({ min: 1, max: 9 }),
      async (some, firstOffset, skipped, viewRecords) => {
        const written: Read['records'] = [];
        const batches: Buffer[] = [];
        let next = firstOffset;
        for (const { codec, records } of some) {
          const base = next;
          const placed = records.map(({ gap, ...record }): PlainRecord => {
            const offset = next + gap;
            next = offset + 1;
            const text = record.value === null ? null : record.value.toString('hex');
            written.push({ offset, timestampMs: firstTimestamp + record.timestampDelta, text });
            return { ...record, offsetDelta: offset - base };
          });
          batches.push(await batchOf(base, placed, { compression: codec }));
        }
        const set = Buffer.concat(batches);
        const offset = firstOffset + skipped;
        const read = await readAll(set, { offset, viewRecords });
        assert.deepEqual(
          read.records,
          written.filter((record) => record.offset >= offset),
        );
        assert.equal(read.nextOffset, Math.max(next, offset));
        assert.equal(endOfSet(set, offset, -1).nextOffset, read.nextOffset);
      },
    ),
    { numRuns: 100 },
  );
});

test('E1: a batch that cannot be read fails alone, with its reason', async () => {
  const broken = await batchOf(10, [plain('x'), plain('y', 1)], { compression: codecNumbers.gzip });
  broken.writeUInt8((broken.at(-7) ?? 0) ^ 0xff, broken.length - 7);
  const set = [await batchOf(9, [plain('before')]), broken, await batchOf(12, [plain('after')])];
  const flipped = await readAll(Buffer.concat(set));
  assert.deepEqual(textsOf(flipped), ['before', 'after']);
  assert.deepEqual(flipped.reasons, ['its checksum does not match']);
  withChecksum(broken);
  const notInflated = await readAll(Buffer.concat(set));
  assert.deepEqual(notInflated.reasons, ['a gzip batch cannot be inflated']);
  assert.deepEqual(textsOf(notInflated), ['before', 'after']);
});

test('the checksum is looked at unless told otherwise', async () => {
  const batch = await batchOf(0, [plain('abc')]);
  batch.writeUInt8(0x58, batch.length - 3);
  assert.deepEqual((await readAll(batch)).reasons, ['its checksum does not match']);
  assert.deepEqual(textsOf(await readAll(batch, { checksCrc: false })), ['aXc']);
});

test('counts, lengths, formats and codecs that are not true are reasons, not exceptions', async () => {
  const spoil = async (change: (batch: Buffer) => void): Promise<string> => {
    const batch = await batchOf(5, [plain('a'), plain('b', 1)]);
    change(batch);
    const read = await readAll(batch, { checksCrc: false });
    assert.equal(read.reasons.length, 1);
    return read.reasons.join();
  };
  assert.match(await spoil((batch) => batch.writeInt32BE(2 ** 31 - 1, 57)), /cut off/);
  assert.match(await spoil((batch) => batch.writeInt32BE(-1, 57)), /-1 records/);
  assert.match(await spoil((batch) => batch.writeInt32BE(3, 57)), /cut off/);
  assert.match(await spoil((batch) => batch.writeInt32BE(1, 57)), /not as long/);
  assert.match(await spoil((batch) => batch.writeInt8(1, 16)), /older than Kafka 0.11/);
  assert.match(await spoil((batch) => batch.writeInt8(7, 16)), /header is damaged/);
  assert.match(await spoil((batch) => batch.writeInt32BE(-100, 8)), /header is damaged/);
  assert.match(await spoil((batch) => batch.writeInt16BE(7, 21)), /codec 7/);
});

test('L1: records of aborted transactions and markers are passed, those between them are not', async () => {
  const inTransaction = (offset: number, text: string, producerId: number): Promise<Buffer> =>
    batchOf(offset, [plain(text)], { producerId, transactional: true });
  const set = Buffer.concat([
    await batchOf(0, [plain('plain')]),
    await inTransaction(1, 'aborted', 7),
    await inTransaction(2, 'committed', 8),
    await markerOf(3, 7, 'abort'),
    await inTransaction(4, 'again', 7),
    await markerOf(5, 8, 'commit'),
    await markerOf(6, 7, 'commit'),
  ]);
  const read = await readAll(set, { aborted: [{ producerId: 7, firstOffset: 1 }] });
  assert.deepEqual(textsOf(read), ['plain', 'committed', 'again']);
  assert.equal(read.nextOffset, 7);
  const fromWithin = await readAll(set, {
    offset: 2,
    aborted: [{ producerId: 7, firstOffset: 1 }],
  });
  assert.deepEqual(textsOf(fromWithin), ['committed', 'again']);
});

test('offsets that compaction emptied at the end of a batch are passed', async () => {
  const batch = await batchOf(0, [plain('a'), plain('b', 1)]);
  batch.writeInt32BE(9, 23);
  const read = await readAll(withChecksum(batch));
  assert.deepEqual([textsOf(read), read.nextOffset], [['a', 'b'], 10]);
});

test('log append time stands in for the time of the producer', async () => {
  const batch = await batchOf(0, [plain('a')]);
  batch.writeInt16BE(0x8, 21);
  batch.writeBigInt64BE(77n, 35);
  assert.equal((await readAll(withChecksum(batch))).records[0]?.timestampMs, 77);
});

test('a batch that is cut off is left for another fetch', async () => {
  const whole = await batchOf(3, [plain('whole')]);
  const cut = await batchOf(4, [plain('cut off')]);
  for (const length of [0, 5, 20, cut.length - 1]) {
    const read = await readAll(Buffer.concat([whole, cut.subarray(0, length)]));
    assert.deepEqual([textsOf(read), read.nextOffset, read.reasons], [['whole'], 4, []]);
  }
});

test('bytes at random never throw, never hang, and offsets never go back', async () => {
  const batches = [
    await batchOf(100, [plain('aaaa'), plain(null, 1), plain('bbbb', 2)]),
    await batchOf(103, [plain('cccc')], { compression: codecNumbers.zstd }),
    await markerOf(104, 3, 'abort'),
  ];
  const set = Buffer.concat(batches);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(set.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(set.length),
      fc.boolean(),
      async (changes, length, checksCrc) => {
        const spoilt = Buffer.from(set);
        for (const [at, byte] of changes) spoilt[at] = byte;
        const read = await readAll(spoilt.subarray(0, length), { offset: 100, checksCrc });
        const offsets = read.records.map(({ offset }) => offset);
        assert.deepEqual(
          offsets,
          offsets.toSorted((one, other) => one - other),
        );
        assert.ok(read.nextOffset >= 100);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('values of a large view lie where it says', async () => {
  const records = Array.from({ length: 5_000 }, (_, index) => plain(`v${index}`, index));
  const read = await readAll(await batchOf(0, records));
  assert.equal(read.records.length, 5_000);
  assert.equal(read.records[4_999]?.text, hex('v4999'));
});
