/**
 * Snappy, raw as most clients write it or in the framing of the xerial library, as Java's does: a
 * header of 16 bytes, then blocks, each with its length before it. A block begins with the length it
 * inflates to, which the library believes; so it is looked at before.
 */
import { compress, uncompress } from 'snappy';
import { tooLargeError } from './too-large-error.ts';

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
/** The magic and two version numbers. */
const xerialHeaderBytes = 16;

/** Rejects with `ERR_BUFFER_TOO_LARGE` before too much is inflated, or with the library's error. */
export async function inflateSnappy(
  input: Buffer,
  { maxOutputLength }: { readonly maxOutputLength: number },
): Promise<Buffer> {
  if (!input.subarray(0, xerialMagic.length).equals(xerialMagic)) {
    return await inflateBlock(input, maxOutputLength);
  }
  const inflated: Buffer[] = [];
  let bytesLeft = maxOutputLength;
  for (let at = xerialHeaderBytes; at < input.length; ) {
    const end = at + 4 + input.readUInt32BE(at);
    if (end > input.length) throw new Error('a block is cut off');
    const block = await inflateBlock(input.subarray(at + 4, end), bytesLeft);
    inflated.push(block);
    bytesLeft -= block.length;
    at = end;
  }
  return Buffer.concat(inflated);
}

export function deflateSnappy(input: Buffer): Promise<Buffer> {
  return compress(input);
}

async function inflateBlock(block: Buffer, bytesMax: number): Promise<Buffer> {
  if (declaredBytes(block) > bytesMax) throw tooLargeError(bytesMax);
  const inflated = await uncompress(block, { asBuffer: true });
  return typeof inflated === 'string' ? Buffer.from(inflated) : inflated;
}

/** The varint a block begins with; one that does not end is too large for anything. */
function declaredBytes(block: Buffer): number {
  let bytes = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block[index] ?? 0x80;
    bytes += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return bytes;
  }
  throw new Error('no length');
}
