/**
 * The compression codecs of record batches, with a cap on what a batch may inflate to, so that a
 * small hostile batch cannot take the process's memory. kafkajs keeps its codecs in one table for the
 * whole process, brings gzip without any cap, and nothing else.
 */
import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { DependencyError } from '../errors.ts';
import { deflateLz4, inflateLz4 } from './lz4-frame.ts';
import { deflateSnappy, inflateSnappy } from './snappy-blocks.ts';
import { isTooLarge } from './too-large-error.ts';

/**
 * A batch may inflate to this at most, bytes; Kafka's own default for a compressed batch is 1 MB.
 * There is no cap on the ratio beside it: a batch of equal records compresses a thousandfold and is
 * harmless, and memory is bounded by this alone.
 */
export const inflatedBytesMax = 64 * 1024 * 1024;

/** The bits of a batch's attributes that say how it is compressed. */
const codecMask = 0x7;

type Inflate = (input: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;
type Deflate = (input: Buffer) => Promise<Buffer>;

export interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(input: Buffer): Promise<Buffer>;
}

export const gzipCodec: Codec = cappedCodec('gzip', promisify(gunzip), promisify(gzip));
export const zstdCodec: Codec = cappedCodec(
  'zstd',
  promisify(zstdDecompress),
  promisify(zstdCompress),
);

export const snappyCodec: Codec = cappedCodec('snappy', inflateSnappy, deflateSnappy);
export const lz4Codec: Codec = cappedCodec('lz4', inflateLz4, deflateLz4);

/** By Kafka's numbers. */
const codecs: ReadonlyMap<number, Codec> = new Map([
  [kafkajs.CompressionTypes.GZIP, gzipCodec],
  [kafkajs.CompressionTypes.Snappy, snappyCodec],
  [kafkajs.CompressionTypes.LZ4, lz4Codec],
  [kafkajs.CompressionTypes.ZSTD, zstdCodec],
]);

/** The codec of a batch with these attributes; undefined for one that is not compressed. Throws for an unknown one. */
export function codecOf(attributes: number): Codec | undefined {
  const type = attributes & codecMask;
  if (type === 0) return undefined;
  const codec = codecs.get(type);
  if (codec !== undefined) return codec;
  throw new DependencyError(`a record batch is compressed with codec ${type}, which nobody knows`, {
    code: 'KAFKA_CODEC_UNSUPPORTED',
    retry: 'never',
  });
}

/** Puts our codecs into kafkajs's table. Done for every connection; doing it again changes nothing. */
export function registerCodecs(): void {
  const table: Record<number, () => Codec> = kafkajs.CompressionCodecs;
  for (const [type, codec] of codecs) table[type] = () => codec;
}

function cappedCodec(name: string, inflate: Inflate, deflate: Deflate): Codec {
  return {
    compress: (encoder) => deflate(encoder.buffer),
    async decompress(input) {
      try {
        return await inflate(input, { maxOutputLength: inflatedBytesMax });
      } catch (error) {
        const tooLarge = isTooLarge(error);
        const what = tooLarge
          ? `inflates beyond its cap of ${inflatedBytesMax} bytes (${input.length} compressed)`
          : 'cannot be inflated';
        throw new DependencyError(`a ${name} batch ${what}`, {
          code: tooLarge ? 'KAFKA_BATCH_TOO_LARGE' : 'KAFKA_BATCH_CORRUPT',
          retry: 'never',
          cause: error,
        });
      }
    },
  };
}
