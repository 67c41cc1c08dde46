/** Record batches as kafkajs's own encoder writes them are read alike; broken ones fail alone, in place. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { inflatedBytesMax, registerCodecs } from './codecs.ts';
import {
  answerBytesMax,
  batchRecordsMax,
  type FetchedMessage,
  readRecordBatches,
} from './record-batch.ts';
import { unreadableBatch } from './unreadable-batch.ts';

interface Encoder {
  readonly buffer: Buffer;
}
interface PlainRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}
const load = createRequire(import.meta.url);
const encodeRecord: (record: PlainRecord) => Encoder = load(
  'kafkajs/src/protocol/recordBatch/record/v0',
);
const { RecordBatch: encodeBatch }: { RecordBatch: (batch: object) => Promise<Encoder> } = load(
  'kafkajs/src/protocol/recordBatch/v0',
);
registerCodecs();

const codecNumbers = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
const firstTimestamp = 1_700_000_000_000;

async function batchOf(
  firstOffset: number,
  records: readonly PlainRecord[],
  compression = 0,
): Promise<Buffer> {
  const { buffer } = await encodeBatch({
    compression,
    firstOffset,
    firstTimestamp,
    lastOffsetDelta: records.at(-1)?.offsetDelta ?? 0,
    records: records.map(encodeRecord),
  });
  return buffer;
}

function plain(value: string | null, offsetDelta = 0): PlainRecord {
  const bytes = value === null ? null : Buffer.from(value);
  return { offsetDelta, timestampDelta: 0, key: null, value: bytes, headers: {} };
}

const read = (...batches: readonly Buffer[]): Promise<FetchedMessage[]> =>
  readRecordBatches(Buffer.concat(batches), { bytesLeft: answerBytesMax });

const textsOf = (messages: readonly FetchedMessage[]): (string | undefined)[] =>
  messages.map((message) => message[unreadableBatch]?.reason ?? message.value?.toString());

const bytes = fc.option(fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some)));
const anyRecord = fc.record({
  timestampDelta: fc.integer({ min: -1_000_000, max: 2 ** 40 }),
  key: bytes,
  value: bytes,
  headers: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 8 }),
    fc.uint8Array({ maxLength: 9 }).map((some) => Buffer.from(some)),
    { maxKeys: 3 },
  ),
});

for (const [name, codec] of Object.entries(codecNumbers)) {
  test(`batches of kafkajs in ${name} are read as they were written`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { minLength: 1, maxLength: 30 }),
        fc.nat(2 ** 40),
        async (some, firstOffset) => {
          const records = some.map((record, offsetDelta) => ({ ...record, offsetDelta }));
          const messages = await read(await batchOf(firstOffset, records, codec));
          assert.deepEqual(
            messages.map(({ offset, timestamp, key, value, headers }) => {
              const names = Object.entries(headers);
              return { offset, timestamp, key, value, headers: names };
            }),
            records.map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
              offset: String(firstOffset + offsetDelta),
              timestamp: String(firstTimestamp + timestampDelta),
              key,
              value,
              headers: Object.entries(headers),
            })),
          );
        },
      ),
      { numRuns: 100 },
    );
  });
}

test('E1: a batch that cannot be read stands in its place, and its neighbours are read', async () => {
  const broken = await batchOf(10, [plain('x'), plain('y', 1), plain('z', 2)], codecNumbers.gzip);
  broken.writeUInt8((broken.at(-7) ?? 0) ^ 0xff, broken.length - 7);
  const messages = await read(
    await batchOf(9, [plain('before')]),
    broken,
    await batchOf(13, [plain('after')]),
  );
  assert.deepEqual(
    messages.map(({ offset }) => offset),
    ['9', '12', '13'],
  );
  assert.deepEqual(textsOf(messages), ['before', 'a gzip batch cannot be inflated', 'after']);
  const { firstOffset, lastOffset } = messages[1]?.[unreadableBatch] ?? {};
  assert.deepEqual([firstOffset, lastOffset], [10, 12]);
});

test('equal records above any ratio are read; what inflates beyond the cap is not', async () => {
  const zeros = (length: number): PlainRecord => ({ ...plain(null), value: Buffer.alloc(length) });
  const harmless = await batchOf(0, [zeros(8 * 1024 * 1024)], codecNumbers.gzip);
  assert.ok(harmless.length < 10_000);
  assert.equal((await read(harmless))[0]?.value?.length, 8 * 1024 * 1024);
  const bomb = await batchOf(0, [zeros(inflatedBytesMax + 1)], codecNumbers.gzip);
  assert.match(String(textsOf(await read(bomb))[0]), /inflates beyond its cap/);
});

test('counts, lengths, formats and codecs that are not true are reasons, not exceptions', async () => {
  const spoil = async (change: (batch: Buffer) => void): Promise<string | undefined> => {
    const batch = await batchOf(5, [plain('a'), plain('b', 1)]);
    change(batch);
    const messages = await read(batch);
    assert.equal(messages.length, 1);
    return textsOf(messages)[0];
  };
  assert.match(String(await spoil((batch) => batch.writeInt32BE(2 ** 31 - 1, 57))), /2147483647/);
  assert.match(String(await spoil((batch) => batch.writeInt32BE(-1, 57))), /-1 records/);
  assert.match(String(await spoil((batch) => batch.writeInt32BE(3, 57))), /cut off/);
  assert.match(String(await spoil((batch) => batch.writeInt32BE(1, 57))), /not as long/);
  assert.match(String(await spoil((batch) => batch.writeInt8(1, 16))), /older/);
  assert.match(String(await spoil((batch) => batch.writeInt16BE(7, 21))), /codec 7/);
  assert.ok(batchRecordsMax < 2 ** 31 - 1);
});

test('bytes at random never throw, and offsets never go back behind the batch', async () => {
  const batch = await batchOf(100, [plain('aaaa'), plain(null, 1), plain('bbbb', 2)]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(batch.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(batch.length),
      async (changes, length) => {
        const spoilt = Buffer.from(batch);
        for (const [at, byte] of changes) spoilt[at] = byte;
        const messages = await read(spoilt.subarray(0, length));
        assert.ok(messages.length <= 4);
      },
    ),
    { numRuns: 500 },
  );
});

test('offsets that compaction emptied at the end of a batch are a message nobody is shown', async () => {
  const batch = await batchOf(0, [plain('a'), plain('b', 1)]);
  batch.writeInt32BE(9, 23);
  const last = (await read(batch)).at(-1);
  assert.deepEqual([last?.offset, last?.isControlRecord], ['9', true]);
});

test('what is beyond the budget of an answer is left for the next', async () => {
  const batches = await Promise.all([0, 1, 2].map((offset) => batchOf(offset, [plain('value')])));
  const messages = await readRecordBatches(Buffer.concat(batches), { bytesLeft: 150 });
  assert.deepEqual(
    messages.map(({ offset }) => offset),
    ['0', '1'],
  );
  assert.deepEqual(await readRecordBatches(batches[0] ?? Buffer.alloc(0), { bytesLeft: 0 }), []);
});

test('thousands of headers in one record take no more than their bytes', async () => {
  const headers = Object.fromEntries(
    Array.from({ length: 50_000 }, (_, index) => [`h${index}`, Buffer.alloc(1)]),
  );
  const [message] = await read(await batchOf(0, [{ ...plain('a'), headers }]));
  assert.equal(Object.keys(message?.headers ?? {}).length, 50_000);
});
