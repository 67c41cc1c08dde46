/** The codecs give back what they were given and refuse what would inflate without bound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { codecOf, gzipCodec, inflatedBytesMax, registerCodecs, zstdCodec } from './codecs.ts';

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
    const bomb = await codec.compress({ buffer: Buffer.alloc(inflatedBytesMax + 1) });
    await assert.rejects(codec.decompress(bomb), {
      code: 'KAFKA_BATCH_TOO_LARGE',
      retry: 'never',
      message: new RegExp(`${name}.*${inflatedBytesMax} bytes`),
    });
  });

  test(`${name} refuses bytes that are not its own with an error of ours`, async () => {
    await assert.rejects(codec.decompress(Buffer.from('not compressed at all')), {
      code: 'KAFKA_BATCH_CORRUPT',
    });
  });
}

test('an unknown codec still says which one it is', () => {
  registerCodecs();
  assert.equal(kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP](), gzipCodec);
  assert.throws(() => kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4](), /LZ4/);
  assert.throws(() => codecOf(0x10 | 7), { code: 'KAFKA_CODEC_UNSUPPORTED', message: /codec 7/ });
  assert.equal(codecOf(0x10), undefined);
  assert.equal(codecOf(0x11), gzipCodec);
});
