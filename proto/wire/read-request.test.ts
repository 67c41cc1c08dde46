/**
 * The reader of requests, judged by the generated code on valid, damaged and recorded bytes.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import Long from 'long';
import { thunder } from '../gen/thunder.js';
import {
  fieldBytes,
  type Plain,
  plainRequestFromFields,
  readRequestWithGeneratedCode,
  varintOf,
  varints,
} from './protobuf-oracle.ts';
import { readRequest } from './read-request.ts';
import { createIdList, createRequestFields, type RequestFields } from './request-fields.ts';
import { encodeRequest } from './write-request.ts';

const fixtures: readonly { name: string; kind: string; hex: string; expected: Plain }[] =
  JSON.parse(readFileSync(new URL('../fixtures/protobuf.json', import.meta.url), 'utf8'));
const requestFixtures = fixtures.filter(({ kind }) => kind === 'request');
const full = Buffer.from(requestFixtures[0]?.hex ?? '', 'hex');

/** Reads into fields that are full of another request; null when malformed. */
function read(bytes: Uint8Array): RequestFields | null {
  const fields = {
    ...createRequestFields(),
    following: createIdList(0),
    excluded: createIdList(1),
  };
  readRequest(full, fields);
  return readRequest(bytes, fields) ? fields : null;
}

function assertAgrees(bytes: Uint8Array): void {
  const fields = read(bytes);
  assert.deepEqual(
    fields && plainRequestFromFields(fields),
    readRequestWithGeneratedCode(bytes, true),
  );
}

for (const { name, hex, expected } of requestFixtures) {
  test(`reads what protobuf for Python wrote: ${name}`, () => {
    const bytes = Buffer.from(hex, 'hex');
    const fields = read(bytes);
    assert.deepEqual(fields && plainRequestFromFields(fields), expected);
    assert.deepEqual(readRequestWithGeneratedCode(bytes, false), expected);
  });
}

const ids = fc
  .oneof(
    fc.constantFrom(0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  )
  .map((id) => Long.fromString(id.toString(), true));

test('any request comes back as the generated code wrote it, and is written back alike', () => {
  const requests = fc.record(
    {
      userId: ids,
      followingUserIds: fc.array(ids, { maxLength: 40 }),
      maxResults: fc.nat(0xffffffff),
      excludeTweetIds: fc.array(ids, { maxLength: 40 }),
      algorithm: fc.string({ unit: 'grapheme' }),
      debug: fc.boolean(),
      isVideoRequest: fc.boolean(),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(requests, (request) => {
      const bytes = thunder.v1.GetInNetworkPostsRequest.encode(request).finish();
      assertAgrees(bytes);
      const fields = read(bytes);
      assert.ok(fields);
      const again = read(encodeRequest(fields));
      assert.ok(again);
      assert.deepEqual(plainRequestFromFields(again), plainRequestFromFields(fields));
    }),
    { numRuns: 1_000 },
  );
});

test('ids packed, unpacked, in several chunks and mixed keep their order', () => {
  const chunks = fc.array(
    fc.tuple(fc.constantFrom(2, 4), fc.boolean(), fc.array(varints, { maxLength: 5 })),
  );
  fc.assert(
    fc.property(chunks, (parts) => {
      const bytes = parts.flatMap(([field, packed, list]) =>
        packed
          ? [field * 8 + 2, ...varintOf(BigInt(list.flat().length)), ...list.flat()]
          : list.flatMap((varint) => [field * 8, ...varint]),
      );
      assertAgrees(Uint8Array.from(bytes));
    }),
    { numRuns: 1_000 },
  );
});

test('random fields, and random bytes, are refused or read as the generated code does', () => {
  const seen = { read: 0, malformed: 0 };
  fc.assert(
    fc.property(fc.oneof(fieldBytes(1), fc.uint8Array({ maxLength: 64 })), (bytes) => {
      assertAgrees(bytes);
      seen[read(bytes) === null ? 'malformed' : 'read'] += 1;
    }),
    { numRuns: 4_000 },
  );
  assert.ok(seen.read > 100 && seen.malformed > 100, JSON.stringify(seen));
});

test('a request cut short at any byte, or with any byte changed, does as the generated code does', () => {
  for (const { hex } of requestFixtures) {
    const bytes = Buffer.from(hex, 'hex');
    for (let index = 0; index < bytes.length; index += 1) {
      assertAgrees(bytes.subarray(0, index));
      for (const value of [0, 1, 0x12, 0x22, 0x2a, 0x3b, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[index] = value;
        assertAgrees(changed);
      }
    }
  }
});

test('a large list is read whole, and a malformed one leaves the fields fit for the next request', () => {
  const followingUserIds = Array.from(
    { length: 10_000 },
    (_, index) => new Long(index, -index, true),
  );
  const bytes = thunder.v1.GetInNetworkPostsRequest.encode({ followingUserIds }).finish();
  const fields = createRequestFields();
  assert.equal(readRequest(bytes.subarray(0, bytes.length - 1), fields), false);
  assert.equal(readRequest(bytes, fields), true);
  assert.equal(fields.following.length, 10_000);
  assertAgrees(bytes);
  assert.equal(readRequest(new Uint8Array(0), fields), true);
  assert.deepEqual(plainRequestFromFields(fields), {});
});

test('an algorithm that is not UTF-8 is malformed', () => {
  assertAgrees(Uint8Array.of(0x2a, 2, 0xc3, 0x28));
  assert.equal(read(Uint8Array.of(0x2a, 2, 0xc3, 0x28)), null);
});
