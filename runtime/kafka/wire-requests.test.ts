/**
 * Requests of our own beside kafkajs's encoders, which write the same versions, and their answers;
 * and answers that are cut off or spoilt, which are refused, not misread.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FetchOptions, fetchRequest } from './fetch-request.ts';
import { listOffsetsRequest, logEnd } from './list-offsets-request.ts';
import { metadataRequest } from './metadata-request.ts';
import { WireReader } from './wire-reader.ts';
import type { BrokerVersions, WireRequest } from './wire-request.ts';
import { WireWriter } from './wire-writer.ts';

type Encode = (options: object) => { encode(): Promise<{ readonly buffer: Buffer }> };
const load = createRequire(import.meta.url);
const theirs = (name: string): Encode => load(`kafkajs/src/protocol/requests/${name}/request`);

const old: BrokerVersions = { newest: () => 11 - 2 };
const now: BrokerVersions = { newest: () => 17 };

const fetchOptions: FetchOptions = {
  topic: 'in_network',
  topicId: '00112233445566778899aabbccddeeff',
  positions: [
    { partition: 3, offset: 2 ** 40 + 1, lastEpoch: 7 },
    { partition: 0, offset: 0, lastEpoch: -1 },
  ],
  waitMs: 500,
  bytesMax: 1 << 23,
  partitionBytesMax: 1 << 20,
  rack: 'rack-1',
};

test('Fetch 11, ListOffsets 2 and Metadata 5 are the bytes that kafkajs writes', async () => {
  const { topic, positions, waitMs, bytesMax, partitionBytesMax, rack } = fetchOptions;
  const fetch = await theirs('fetch/v11')({
    replicaId: -1,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes: bytesMax,
    rackId: rack,
    topics: [
      {
        topic,
        partitions: positions.map(({ partition, offset }) => ({
          partition,
          fetchOffset: String(offset),
          maxBytes: partitionBytesMax,
        })),
      },
    ],
  }).encode();
  const ours = fetchRequest(fetchOptions, old);
  assert.equal(ours.apiVersion, 11);
  assert.deepEqual(ours.body, fetch.buffer);

  const partitions = [0, 5];
  const offsets = await theirs('listOffsets/v2')({
    replicaId: -1,
    isolationLevel: 1,
    topics: [
      {
        topic,
        partitions: partitions.map((partition) => ({ partition, timestamp: String(logEnd) })),
      },
    ],
  }).encode();
  assert.deepEqual(
    listOffsetsRequest({ topic, partitions, timestampMs: logEnd }).body,
    offsets.buffer,
  );

  const metadata = await theirs('metadata/v5')({
    topics: [topic],
    allowAutoTopicCreation: false,
  }).encode();
  assert.deepEqual(metadataRequest(topic, old).body, metadata.buffer);
});

test('the newest versions are used where a broker has them, by id only where a topic has one', () => {
  assert.equal(metadataRequest('t', now).apiVersion, 10);
  assert.equal(fetchRequest(fetchOptions, now).apiVersion, 13);
  assert.equal(fetchRequest({ ...fetchOptions, topicId: '' }, now).apiVersion, 11);
});

/** A Fetch 13 answer with one partition. */
function fetchAnswer(): Buffer {
  const writer = new WireWriter({ flexible: true });
  writer.int32(40);
  const int16 = (value: number): void => {
    writer.int8(value >> 8).int8(value & 0xff);
  };
  int16(0);
  writer.int32(0).array([fetchOptions.topicId], (id) => {
    writer.uuid(id).array([6], (partition) => {
      writer.int32(partition);
      int16(0);
      writer
        .int64(100)
        .int64(2 ** 45)
        .int64(0);
      writer.array([{ producerId: 9, firstOffset: 50 }], ({ producerId, firstOffset }) => {
        writer.int64(producerId).int64(firstOffset).tags();
      });
      // No replica, four bytes of records, one tagged field: the log diverges at 77.
      writer.int32(-1).int8(5).int32(0x01020304).int8(1).int8(0).int8(13);
      writer.int32(2).int64(77).tags();
    });
    writer.tags();
  });
  return writer.tags().done();
}

test('a Fetch 13 answer is read: aborted transactions, records, where the log diverges', () => {
  const { value, throttleMs } = fetchRequest(fetchOptions, now).read(fetchAnswer());
  assert.equal(throttleMs, 40);
  assert.deepEqual(value, {
    errorCode: 0,
    partitions: [
      {
        partition: 6,
        errorCode: 0,
        highWatermark: 100,
        lastStableOffset: 2 ** 45,
        aborted: [{ producerId: 9, firstOffset: 50 }],
        preferredReplica: -1,
        divergesAt: 77,
        records: Buffer.from([1, 2, 3, 4]),
      },
    ],
  });
});

test('answers that are cut off or spoilt are refused with a RangeError, or read; they never hang', () => {
  const requests: readonly WireRequest<unknown>[] = [
    fetchRequest(fetchOptions, now),
    fetchRequest(fetchOptions, old),
    metadataRequest('t', now),
    metadataRequest('t', old),
    listOffsetsRequest({ topic: 't', partitions: [0], timestampMs: logEnd }),
  ];
  const answer = fetchAnswer();
  const spoilt = fc
    .tuple(
      fc.array(fc.tuple(fc.nat(answer.length - 1), fc.nat(255)), { maxLength: 5 }),
      fc.nat(answer.length),
    )
    .map(([changes, length]) => {
      const bytes = Buffer.from(answer);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes.subarray(0, length);
    });
  const random = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(spoilt, random), fc.constantFrom(...requests), (bytes, request) => {
      try {
        request.read(bytes);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('every primitive that is written is read again, plain and compact', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(
        fc.record(
          {
            text: fc.string({ maxLength: 300 }),
            small: fc.integer({ min: -128, max: 127 }),
            whole: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
            large: fc.maxSafeInteger(),
            flag: fc.boolean(),
          },
          { noNullPrototype: true },
        ),
        { maxLength: 5 },
      ),
      (flexible, items) => {
        const writer = new WireWriter({ flexible });
        writer.array(items, ({ text, small, whole, large, flag }) => {
          writer.string(text).int8(small).int32(whole).int64(large).boolean(flag).tags();
        });
        const reader = new WireReader(writer.done(), { flexible });
        const read = reader.array(() => {
          const item = {
            text: reader.string(),
            small: reader.int8(),
            whole: reader.int32(),
            large: reader.int64(),
            flag: reader.boolean(),
          };
          reader.skipTags();
          return item;
        });
        assert.deepEqual(read, items);
      },
    ),
  );
});
