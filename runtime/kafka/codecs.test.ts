/** The codecs give back what they were given and refuse what would inflate without bound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import {
  gzipCodec,
  inflateCap,
  inflatedBytesMax,
  inflateRatioFreeBytes,
  inflateRatioMax,
  registerCodecs,
  zstdCodec,
} from './codecs.ts';

for (const [name, codec] of Object.entries({ gzip: gzipCodec, zstd: zstdCodec })) {
  test(`${name} gives back what it was given`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
        const buffer = Buffer.from(bytes);
        assert.deepEqual(await codec.decompress(await codec.compress({ buffer })), buffer);
      }),
      { numRuns: 30 },
    );
  });

  test(`${name} refuses a batch that inflates beyond its cap`, async () => {
    const bomb = await codec.compress({ buffer: Buffer.alloc(8 * 1024 * 1024) });
    assert.ok(inflateCap(bomb.length) < 8 * 1024 * 1024);
    await assert.rejects(codec.decompress(bomb), {
      code: 'KAFKA_BATCH_TOO_LARGE',
      retry: 'never',
      message: new RegExp(`${name}.*${inflateCap(bomb.length)} bytes`),
    });
  });

  test(`${name} refuses bytes that are not its own with an error of ours`, async () => {
    await assert.rejects(codec.decompress(Buffer.from('not compressed at all')), {
      code: 'KAFKA_BATCH_CORRUPT',
    });
  });
}

test('the cap follows the ratio between its two bounds', () => {
  assert.equal(inflateCap(10), inflateRatioFreeBytes);
  assert.equal(inflateCap(100_000), 100_000 * inflateRatioMax);
  assert.equal(inflateCap(10_000_000), inflatedBytesMax);
});

test('an unknown codec still says which one it is', () => {
  registerCodecs();
  assert.equal(kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP](), gzipCodec);
  assert.throws(() => kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4](), /LZ4/);
});
