/**
 * The reader of tweet events, judged by the generated code and by records of another implementation.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readEventEnvelope, readTweetEvent } from './read-tweet-event.ts';
import { T_I64, T_LIST, T_MAP, T_SET, T_STOP, T_STRING, T_STRUCT } from './thrift-binary.ts';
import { createTweetEventFields } from './tweet-event-fields.ts';
import {
  type PlainTweetEvent,
  plainFromFields,
  readWithGeneratedCode,
} from './tweet-event-oracle.ts';

interface Fixture {
  readonly name: string;
  readonly format: 'tweet-event' | 'event';
  readonly hex: string;
  readonly expected: PlainTweetEvent;
}

const fixtures: readonly Fixture[] = JSON.parse(
  readFileSync(new URL('../fixtures/tweet-events.json', import.meta.url), 'utf8'),
);
const runs = 2_000;

/** Reads into fields that are full of another event, from the middle of a larger array. */
function readFast(bytes: Uint8Array, format: Fixture['format']): PlainTweetEvent {
  const padded = new Uint8Array(bytes.length + 40).fill(0xff);
  padded.set(bytes, 20);
  const fields = createTweetEventFields();
  const full = Buffer.from(fixtures[0]?.hex ?? '', 'hex');
  readTweetEvent(full, 0, full.length, fields);
  const read = format === 'event' ? readEventEnvelope : readTweetEvent;
  const kind = read(padded, 20, 20 + bytes.length, fields);
  assert.equal(kind, fields.kind);
  return plainFromFields(fields);
}

function isMalformed(bytes: Uint8Array, format: Fixture['format'] = 'tweet-event'): boolean {
  return readFast(bytes, format).kind === 'malformed';
}

/** The generated code knows nothing of members that are skipped. */
function asStrictOracleSees(event: PlainTweetEvent): PlainTweetEvent {
  const plain: PlainTweetEvent = JSON.parse(
    JSON.stringify(event, (key, value: unknown) =>
      key === 'kind' && value === 'other' ? 'none' : value,
    ),
  );
  return event.kind === 'other' ? { ...plain, kind: 'no_variant', variantField: 0 } : plain;
}

function assertAgrees(bytes: Uint8Array, format: Fixture['format']): void {
  const fast = readFast(bytes, format);
  const oracle = readWithGeneratedCode(bytes, format, true);
  if (oracle === null) {
    assert.equal(fast.kind, 'malformed');
  } else {
    assert.deepEqual(asStrictOracleSees(fast), oracle);
  }
}

function bytesOf(...parts: (number | number[])[]): Uint8Array {
  return Uint8Array.from(parts.flat());
}

function header(type: number, field: number): number[] {
  return [type, (field >> 8) & 0xff, field & 0xff];
}

function repeat(count: number, part: number[]): number[] {
  return Array.from({ length: count }, () => part).flat();
}

function size(value: number): number[] {
  return [value >> 24, value >> 16, value >> 8, value].map((byte) => byte & 0xff);
}

for (const { name, format, hex, expected } of fixtures) {
  test(`reads what Apache Thrift for Python wrote: ${name}`, () => {
    const bytes = Buffer.from(hex, 'hex');
    assert.deepEqual(readFast(bytes, format), expected);
    assert.deepEqual(readWithGeneratedCode(bytes, format, false), expected);
  });
}

test('a record cut short at any byte is malformed', () => {
  for (const { hex, format } of fixtures) {
    const bytes = Buffer.from(hex, 'hex');
    for (let length = 0; length < bytes.length; length += 1) {
      assert.ok(isMalformed(bytes.subarray(0, length), format));
    }
  }
});

test('bytes after the struct are ignored, as the generated code does', () => {
  const { hex, expected } = fixtures[0] ?? assert.fail();
  const bytes = Buffer.from(`${hex}ff00`, 'hex');
  assert.deepEqual(readFast(bytes, 'tweet-event'), expected);
  assert.deepEqual(readWithGeneratedCode(bytes, 'tweet-event', false), expected);
});

test('random bytes never throw, and are refused or read as the generated code does', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('tweet-event' as const, 'event' as const),
      assertAgrees,
    ),
    { numRuns: runs },
  );
});

test('damaged records never throw, and are refused or read as the generated code does', () => {
  const edit = fc.record({
    at: fc.nat(4_000),
    remove: fc.nat(6),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc
        .tuple(fc.constantFrom(2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15, 16), fc.nat(16))
        .map(([type, field]) => Uint8Array.from(header(type, field))),
    ),
  });
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...fixtures),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      ({ hex, format }, edits) => {
        let bytes = Buffer.from(hex, 'hex');
        for (const { at, remove, insert } of edits) {
          const start = at % bytes.length;
          bytes = Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]);
        }
        assertAgrees(bytes, format);
        accepted += isMalformed(bytes, format) ? 0 : 1;
      },
    ),
    { numRuns: runs },
  );
  assert.ok(accepted > 0, 'some damage must leave a record that can be read');
});

test('every single-byte change of a full record is refused or read as the generated code does', () => {
  const { hex } = fixtures[0] ?? assert.fail();
  const bytes = Buffer.from(hex, 'hex');
  for (let index = 0; index < bytes.length; index += 1) {
    for (const value of [0, 1, 2, 7, 10, 11, 12, 13, 15, 16, 0x7f, 0x80, 0xff]) {
      const changed = Buffer.from(bytes);
      changed[index] = value;
      assertAgrees(changed, 'tweet-event');
    }
  }
});

test('sizes that are negative or larger than what is left are malformed', () => {
  for (const length of [-1, -2_147_483_648, 2_147_483_647, 1_000]) {
    for (const container of [
      [...header(T_LIST, 50), T_I64, ...size(length)],
      [...header(T_SET, 50), T_STRUCT, ...size(length)],
      [...header(T_MAP, 50), T_STRING, T_STRING, ...size(length)],
      [...header(T_STRING, 50), ...size(length)],
    ]) {
      const bytes = bytesOf(container, repeat(16, [0]), T_STOP);
      assert.ok(isMalformed(bytes));
    }
  }
});

/** A field of structs, lists or maps in each other, this many levels. */
function nested(levels: number): Uint8Array[] {
  return [
    bytesOf(
      header(T_STRUCT, 50),
      repeat(levels - 1, header(T_STRUCT, 1)),
      repeat(levels, [T_STOP]),
      T_STOP,
    ),
    bytesOf(
      header(T_LIST, 50),
      repeat(levels - 1, [T_LIST, ...size(1)]),
      [T_I64, ...size(0)],
      T_STOP,
    ),
    bytesOf(
      header(T_MAP, 50),
      repeat(levels - 1, [T_MAP, T_MAP, ...size(1)]),
      repeat(levels, [T_I64, T_I64, ...size(0)]),
      T_STOP,
    ),
  ];
}

test('nesting to 64 levels is skipped, deeper is malformed, and 10,000 levels do no harm', () => {
  for (const bytes of nested(64)) {
    assertAgrees(bytes, 'tweet-event');
    assert.equal(readFast(bytes, 'tweet-event').kind, 'no_variant');
  }
  for (const levels of [65, 10_000]) {
    for (const bytes of nested(levels)) {
      assertAgrees(bytes, 'tweet-event');
      assert.ok(isMalformed(bytes));
    }
  }
});

test('a union with two members is malformed, where the generated code takes both', () => {
  const data = bytesOf(
    header(T_STRUCT, 1),
    [...header(T_STRUCT, 1), T_STOP],
    [...header(T_STRUCT, 10), T_STOP],
    T_STOP,
    T_STOP,
  );
  assert.ok(isMalformed(data));
  assert.notEqual(readWithGeneratedCode(data, 'tweet-event', false), null);
});

test('a list of negative size is malformed, where the generated code takes it for an empty one', () => {
  const bytes = bytesOf(header(T_LIST, 50), T_I64, size(-1), T_STOP);
  assert.ok(isMalformed(bytes));
  assert.notEqual(readWithGeneratedCode(bytes, 'tweet-event', false), null);
});

test('media that are not structs are malformed, where the generated code reads them as structs', () => {
  const bytes = bytesOf(
    [...header(T_STRUCT, 1), ...header(T_STRUCT, 1), ...header(T_STRUCT, 1)],
    [...header(T_LIST, 7), 2, ...size(1), T_STOP],
    [T_STOP, T_STOP, T_STOP, T_STOP],
  );
  assert.ok(isMalformed(bytes));
  assert.notEqual(readWithGeneratedCode(bytes, 'tweet-event', false), null);
});

test('a field that occurs twice counts as its last, with nothing left of the first', () => {
  const user = (id: number[]): number[] => [...header(T_STRUCT, 2), ...id, T_STOP];
  const create = (...users: number[][]): Uint8Array =>
    bytesOf(header(T_STRUCT, 1), header(T_STRUCT, 1), users.flat(), [T_STOP, T_STOP, T_STOP]);
  const id = [...header(T_I64, 1), 0, 0, 0, 0, 0, 0, 0, 5];
  assert.equal(readFast(create(user([]), user(id)), 'tweet-event')['userId'], '5');
  assert.equal(readFast(create(user(id), user([])), 'tweet-event')['userId'], undefined);
  assertAgrees(create(user(id), user([])), 'tweet-event');
});
