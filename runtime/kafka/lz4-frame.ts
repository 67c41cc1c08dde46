/**
 * LZ4 frames, as Kafka's producers write them. The library takes the memory a frame needs without a
 * limit, so what a frame can inflate to is summed up over its block headers first.
 *
 *     magic u32 | flags u8 | block size u8 | content size u64? | dictionary id u32? | header check u8 |
 *     (block length u32, data, block check u32?)… | 0 u32 | content check u32?
 */
import { compressFrame, decompressFrame, decompressFrameSync } from 'lz4-napi';
import { tooLargeError } from './too-large-error.ts';

const magic = 0x184d2204;
/** An LZ4 block cannot grow by more than this factor. */
const growthMax = 255;
const storedFlag = 0x8000_0000;

/** Rejects with `ERR_BUFFER_TOO_LARGE` before anything is inflated, or with the library's error. */
export async function inflateLz4(
  input: Buffer,
  { maxOutputLength }: { readonly maxOutputLength: number },
): Promise<Buffer> {
  if (inflatedBound(input) > maxOutputLength) throw tooLargeError(maxOutputLength);
  return await decompressFrame(input);
}

/** The same at once; throws. */
export function inflateLz4Sync(
  input: Buffer,
  { maxOutputLength }: { readonly maxOutputLength: number },
): Buffer {
  if (inflatedBound(input) > maxOutputLength) throw tooLargeError(maxOutputLength);
  return decompressFrameSync(input);
}

export function deflateLz4(input: Buffer): Promise<Buffer> {
  return compressFrame(input);
}

/** What a frame inflates to at most. Throws for bytes that are no frame, or one that is cut off. */
function inflatedBound(frame: Buffer): number {
  if (frame.readUInt32LE(0) !== magic) throw new Error('no LZ4 frame');
  const flags = frame.readUInt8(4);
  const blockBytesMax = 2 ** (8 + 2 * ((frame.readUInt8(5) >> 4) & 7));
  const hasBlockCheck = (flags & 0x10) !== 0;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  let at = 7 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  let bound = 0;
  for (;;) {
    const header = frame.readUInt32LE(at);
    if (header === 0) return bound;
    const isStored = header >= storedFlag;
    const length = isStored ? header - storedFlag : header;
    bound += isStored ? length : Math.min(blockBytesMax, length * growthMax);
    at += 4 + length + (hasBlockCheck ? 4 : 0);
  }
}
