/**
 * The compression codecs of record batches, with a cap on what a batch may inflate to, so that a
 * small hostile batch cannot take the process's memory. kafkajs keeps its codecs in one table for the
 * whole process, brings gzip without any cap, and nothing else.
 */
import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { DependencyError } from '../errors.ts';

/** A batch may inflate to this at most, bytes. Kafka's own default for a batch is 1 MB. */
export const inflatedBytesMax = 64 * 1024 * 1024;
/** A batch may inflate to this many times its compressed size … */
export const inflateRatioMax = 100;
/** … but always to this much, bytes: small batches of equal records compress better than the ratio. */
export const inflateRatioFreeBytes = 1024 * 1024;

type Inflate = (input: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;
type Deflate = (input: Buffer) => Promise<Buffer>;

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(input: Buffer): Promise<Buffer>;
}

/** What a batch of this many compressed bytes may inflate to. */
export function inflateCap(compressedBytes: number): number {
  const byRatio = Math.max(compressedBytes * inflateRatioMax, inflateRatioFreeBytes);
  return Math.min(byRatio, inflatedBytesMax);
}

export const gzipCodec: Codec = cappedCodec('gzip', promisify(gunzip), promisify(gzip));
export const zstdCodec: Codec = cappedCodec(
  'zstd',
  promisify(zstdDecompress),
  promisify(zstdCompress),
);

/** Puts our codecs into kafkajs's table. Done for every connection; doing it again changes nothing. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.GZIP] = () => gzipCodec;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstdCodec;
}

function cappedCodec(name: string, inflate: Inflate, deflate: Deflate): Codec {
  return {
    compress: (encoder) => deflate(encoder.buffer),
    async decompress(input) {
      const cap = inflateCap(input.length);
      try {
        return await inflate(input, { maxOutputLength: cap });
      } catch (error) {
        const tooLarge =
          error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
        const what = tooLarge
          ? `inflates beyond its cap of ${cap} bytes (${input.length} compressed)`
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
