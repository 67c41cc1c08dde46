/** The partition of an author, against kafkajs's own Java-compatible partitioner as oracle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { authorKey, partitionOfKey } from './author-partition.ts';

test('T1: the key is the author id in 8 bytes big-endian, ids above 2^53 and 2^63 too', () => {
  assert.equal(authorKey(0, 1).toString('hex'), '0000000000000001');
  assert.equal(authorKey(0x00200000, 1).toString('hex'), '0020000000000001');
  assert.equal(authorKey(0x80000000, 1).toString('hex'), '8000000000000001');
});

test("T1: a key goes to the partition that Kafka's Java clients would choose", () => {
  const oracle = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.integer({ min: 1, max: 64 }),
      (bytes, partitionCount) => {
        const key = Buffer.from(bytes);
        const partitionMetadata = Array.from({ length: partitionCount }, (_, partitionId) => ({
          partitionErrorCode: 0,
          partitionId,
          leader: 1,
          replicas: [1],
          isr: [1],
        }));
        assert.equal(
          partitionOfKey(key, partitionCount),
          oracle({ topic: 't', partitionMetadata, message: { key, value: null } }),
        );
      },
    ),
    { numRuns: 500 },
  );
});
