/**
 * The compression codecs of record batches, with a cap on what a batch may inflate to, so that a
 * small hostile batch cannot take the process's memory. kafkajs keeps its codecs in one table for the
 * whole process, brings gzip without any cap, and nothing else.
 */
import { promisify } from 'node:util';
import {
  gunzip,
  gunzipSync,
  gzip,
  zstdCompress,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib';
import kafkajs from 'kafkajs';
import { DependencyError } from '../errors.ts';
import { deflateLz4, inflateLz4, inflateLz4Sync } from './lz4-frame.ts';
import { deflateSnappy, inflateSnappy, inflateSnappySync } from './snappy-blocks.ts';
import { isTooLarge } from './too-large-error.ts';

/** A batch may inflate to this at most, bytes; Kafka's own default for a compressed batch is 1 MB. */
export const inflatedBytesMax = 64 * 1024 * 1024;
/** …and to so many times its size… */
export const inflateRatioMax = 100;
/** …unless it stays below this: a batch of equal records compresses a thousandfold and is harmless. */
export const inflatesFreelyBytes = 16 * 1024 * 1024;

/** A batch of up to this size is inflated on the spot: handing it to a thread costs more… */
const onTheSpotBytesMax = 32 * 1024;
/** …if it inflates to no more than this, about a millisecond. */
const onTheSpotInflatedMax = 1024 * 1024;

/** The bits of a batch's attributes that say how it is compressed. */
const codecMask = 0x7;

/** Each rejects or throws, with the code of zlib, before it makes more than `maxOutputLength` bytes. */
interface Methods {
  readonly inflate: (input: Buffer, options: OutputLimit) => Promise<Buffer>;
  readonly inflateSync: (input: Buffer, options: OutputLimit) => Buffer;
  readonly deflate: (input: Buffer) => Promise<Buffer>;
}

interface OutputLimit {
  readonly maxOutputLength: number;
}

export interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(input: Buffer): Promise<Buffer>;
  /**
   * The same, but at once for a small batch: a promise is only returned for a large one, which is not
   * begun before `untilRoom` resolves.
   */
  inflate(input: Buffer, untilRoom?: () => Promise<void>): Buffer | Promise<Buffer>;
}

export const gzipCodec: Codec = cappedCodec('gzip', {
  inflate: promisify(gunzip),
  inflateSync: gunzipSync,
  deflate: promisify(gzip),
});
export const zstdCodec: Codec = cappedCodec('zstd', {
  inflate: promisify(zstdDecompress),
  inflateSync: zstdDecompressSync,
  deflate: promisify(zstdCompress),
});
export const snappyCodec: Codec = cappedCodec('snappy', {
  inflate: inflateSnappy,
  inflateSync: inflateSnappySync,
  deflate: deflateSnappy,
});
export const lz4Codec: Codec = cappedCodec('lz4', {
  inflate: inflateLz4,
  inflateSync: inflateLz4Sync,
  deflate: deflateLz4,
});

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

function cappedCodec(name: string, methods: Methods): Codec {
  async function decompress(input: Buffer): Promise<Buffer> {
    const maxOutputLength = inflatedMax(input.length);
    try {
      return await methods.inflate(input, { maxOutputLength });
    } catch (error) {
      throw inflateError(name, input.length, maxOutputLength, error);
    }
  }
  return {
    compress: (encoder) => methods.deflate(encoder.buffer),
    decompress,
    inflate(input, untilRoom = () => Promise.resolve()) {
      const later = (): Promise<Buffer> => untilRoom().then(() => decompress(input));
      if (input.length > onTheSpotBytesMax) return later();
      try {
        return methods.inflateSync(input, { maxOutputLength: onTheSpotInflatedMax });
      } catch (error) {
        if (isTooLarge(error)) return later();
        throw inflateError(name, input.length, onTheSpotInflatedMax, error);
      }
    },
  };
}

/** What a batch of this size may inflate to. */
function inflatedMax(compressedBytes: number): number {
  return Math.min(
    inflatedBytesMax,
    Math.max(inflatesFreelyBytes, compressedBytes * inflateRatioMax),
  );
}

function inflateError(
  name: string,
  compressedBytes: number,
  maxOutputLength: number,
  cause: unknown,
): DependencyError {
  const tooLarge = isTooLarge(cause);
  const what = tooLarge
    ? `inflates beyond its cap of ${maxOutputLength} bytes (${compressedBytes} compressed)`
    : 'cannot be inflated';
  const code = tooLarge ? 'KAFKA_BATCH_TOO_LARGE' : 'KAFKA_BATCH_CORRUPT';
  return new DependencyError(`a ${name} batch ${what}`, { code, retry: 'never', cause });
}
