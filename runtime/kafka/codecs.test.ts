/** The codecs give back what they were given and refuse what would inflate without bound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { DependencyError } from '../errors.ts';
import {
  codecOf,
  gzipCodec,
  inflatedBytesMax,
  inflateRatioMax,
  inflatesFreelyBytes,
  lz4Codec,
  registerCodecs,
  snappyCodec,
  zstdCodec,
} from './codecs.ts';

const allCodecs = { gzip: gzipCodec, snappy: snappyCodec, lz4: lz4Codec, zstd: zstdCodec };

for (const [name, codec] of Object.entries(allCodecs)) {
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
    const cap = Math.max(
      inflatesFreelyBytes,
      Math.min(inflatedBytesMax, bomb.length * inflateRatioMax),
    );
    const refusal = {
      code: 'KAFKA_BATCH_TOO_LARGE',
      retry: 'never',
      message: new RegExp(`${name}.*cap of ${cap} bytes`),
    };
    await assert.rejects(codec.decompress(bomb), refusal);
    await assert.rejects(async () => codec.inflate(bomb), refusal);
  });

  test(`${name} inflates a small batch at once, and one that is larger than it seems all the same`, async () => {
    const small = await codec.compress({ buffer: Buffer.from('some text '.repeat(40)) });
    const atOnce = codec.inflate(small);
    assert.ok(Buffer.isBuffer(atOnce));
    assert.equal(atOnce.toString(), 'some text '.repeat(40));
    const zeros = Buffer.alloc(8 * 1024 * 1024);
    const large = await codec.compress({ buffer: zeros });
    assert.deepEqual(await codec.inflate(large), zeros);
    await assert.rejects(async () => codec.inflate(Buffer.from('not compressed at all')), {
      code: 'KAFKA_BATCH_CORRUPT',
    });
  });

  test(`${name} refuses bytes that are not its own with an error of ours`, async () => {
    await assert.rejects(codec.decompress(Buffer.from('not compressed at all')), {
      code: 'KAFKA_BATCH_CORRUPT',
    });
  });
}

test('lz4 and snappy: sizes that are declared are checked before anything is inflated', async () => {
  // 4 GiB - 1 in a varint, then one byte of it.
  const snappy = Buffer.from('ffffffff0f0061', 'hex');
  await assert.rejects(snappyCodec.decompress(snappy), { code: 'KAFKA_BATCH_TOO_LARGE' });
  // A frame of blocks of 4 MiB at most, each of which says that it is 64 KiB.
  const block = Buffer.alloc(4 + 65_536, 0xff);
  block.writeUInt32LE(65_536);
  const blocks = Array.from({ length: inflatedBytesMax / (4 * 1024 * 1024) + 1 }, () => block);
  const head = Buffer.from('04224d18607073', 'hex');
  const lz4 = Buffer.concat([head, ...blocks, Buffer.alloc(4)]);
  await assert.rejects(lz4Codec.decompress(lz4), { code: 'KAFKA_BATCH_TOO_LARGE' });
});

test('snappy in xerial framing is put together from its blocks', async () => {
  const header = Buffer.from('82534e41505059000000000100000001', 'hex');
  const texts = ['first ', 'second ', ''].map((text) => Buffer.from(text));
  const parts: Buffer[] = [header];
  for (const buffer of texts) {
    const block = await snappyCodec.compress({ buffer });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  const framed = Buffer.concat(parts);
  assert.equal((await snappyCodec.decompress(framed)).toString(), 'first second ');
  await assert.rejects(snappyCodec.decompress(framed.subarray(0, -1)), {
    code: 'KAFKA_BATCH_CORRUPT',
  });
});

test('bytes at random are refused or inflated within the cap, in every codec', async () => {
  for (const codec of Object.values(allCodecs)) {
    const good = await codec.compress({ buffer: Buffer.from('some text '.repeat(40)) });
    const anySpoilt = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length))
      .map(([at, byte, length]) => {
        const spoilt = Buffer.from(good);
        spoilt[at] = byte;
        return spoilt.subarray(0, length);
      });
    await fc.assert(
      fc.asyncProperty(anySpoilt, async (spoilt) => {
        try {
          assert.ok((await codec.decompress(spoilt)).length <= inflatedBytesMax);
        } catch (error) {
          assert.ok(error instanceof DependencyError);
        }
      }),
      { numRuns: 200 },
    );
  }
});

test('an unknown codec still says which one it is', () => {
  registerCodecs();
  assert.equal(kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP](), gzipCodec);
  assert.equal(kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4](), lz4Codec);
  assert.throws(() => codecOf(0x10 | 7), { code: 'KAFKA_CODEC_UNSUPPORTED', message: /codec 7/ });
  assert.equal(codecOf(0x10), undefined);
  assert.equal(codecOf(0x11), gzipCodec);
});
