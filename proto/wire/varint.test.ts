/**
 * Varints of every length, cut and overlong ones too.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  highHalf,
  isMinimalVarint,
  toSignedNumber,
  VARINT_BYTES_MAX,
  varintHigh,
  varintLength,
  varintLow,
  writeVarint,
} from './varint.ts';

const values = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.nat(64).chain((bits) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })),
);

test('any 64-bit value comes back from its shortest encoding', () => {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = new Uint8Array(VARINT_BYTES_MAX + 1);
      const hi = Number(value >> 32n);
      const lo = Number(value & 0xffffffffn);
      const length = writeVarint(hi, lo, bytes, 1) - 1;
      assert.equal(varintLength(bytes, 1, 1 + length), length);
      assert.equal(varintLength(bytes, 1, length), 0);
      assert.deepEqual([varintHigh(bytes, 1, length), varintLow(bytes, 1, length)], [hi, lo]);
      assert.equal(length, Math.max(1, Math.ceil(value.toString(2).length / 7)));
      assert.ok(isMinimalVarint(bytes, 1, length));
    }),
    { numRuns: 1_000 },
  );
});

test('a varint of eleven bytes is none, and one with a needless byte is not minimal', () => {
  const long = new Uint8Array(11).fill(0x80);
  assert.equal(varintLength(long, 0, 11), 0);
  assert.equal(isMinimalVarint(Uint8Array.of(0x81, 0), 0, 2), false);
  assert.equal(isMinimalVarint(Uint8Array.of(0), 0, 1), true);
});

test('whole numbers to 2^53 either way keep their value in halves', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      assert.equal(toSignedNumber(highHalf(value), value >>> 0), value);
    }),
  );
});
