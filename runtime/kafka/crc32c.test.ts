/** The checksum's published examples, and the plain algorithm bit by bit as its judge. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c } from './crc32c.ts';

function slowly(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test('the examples of RFC 3720 come out', () => {
  const examples: [Uint8Array, number][] = [
    [Buffer.from('123456789'), 0xe3069283],
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    [Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
    [new Uint8Array(0), 0],
  ];
  for (const [bytes, crc] of examples) assert.equal(crc32c(bytes, 0, bytes.length), crc);
});

test('any part of any bytes has the checksum that the plain algorithm gives it', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(200),
      fc.nat(200),
      (bytes, one, other) => {
        const start = Math.min(one, bytes.length);
        const end = Math.min(bytes.length, start + other);
        assert.equal(crc32c(bytes, start, end), slowly(bytes.subarray(start, end)));
        // A view that does not begin where its memory does.
        assert.equal(
          crc32c(bytes.subarray(start), 0, end - start),
          slowly(bytes.subarray(start, end)),
        );
      },
    ),
  );
});
