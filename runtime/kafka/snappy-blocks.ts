/**
 * Snappy, raw as most clients write it or in the framing of the xerial library, as Java's does: a
 * header of 16 bytes, then blocks, each with its length before it. A block begins with the length it
 * inflates to, which the library believes; so it is looked at before.
 */
import { compress, uncompress, uncompressSync } from 'snappy';
import { tooLargeError } from './too-large-error.ts';

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
/** The magic and two version numbers. */
const xerialHeaderBytes = 16;

interface OutputLimit {
  readonly maxOutputLength: number;
}

/** Rejects with `ERR_BUFFER_TOO_LARGE` before too much is inflated, or with the library's error. */
export async function inflateSnappy(
  input: Buffer,
  { maxOutputLength }: OutputLimit,
): Promise<Buffer> {
  const inflated: Buffer[] = [];
  for (const block of checkedBlocks(input, maxOutputLength)) {
    inflated.push(toBuffer(await uncompress(block, { asBuffer: true })));
  }
  return joined(inflated);
}

/** The same at once; throws. */
export function inflateSnappySync(input: Buffer, { maxOutputLength }: OutputLimit): Buffer {
  const blocks = checkedBlocks(input, maxOutputLength);
  return joined(blocks.map((block) => toBuffer(uncompressSync(block, { asBuffer: true }))));
}

export function deflateSnappy(input: Buffer): Promise<Buffer> {
  return compress(input);
}

/** The blocks, which together say that they inflate to no more than this. */
function checkedBlocks(input: Buffer, bytesMax: number): Buffer[] {
  const blocks = blocksOf(input);
  const bytes = blocks.reduce((sum, block) => sum + declaredBytes(block), 0);
  if (bytes > bytesMax) throw tooLargeError(bytesMax);
  return blocks;
}

function blocksOf(input: Buffer): Buffer[] {
  if (!input.subarray(0, xerialMagic.length).equals(xerialMagic)) return [input];
  const blocks: Buffer[] = [];
  for (let at = xerialHeaderBytes; at < input.length; ) {
    const end = at + 4 + input.readUInt32BE(at);
    if (end > input.length) throw new Error('a block is cut off');
    blocks.push(input.subarray(at + 4, end));
    at = end;
  }
  return blocks;
}

function joined(blocks: readonly Buffer[]): Buffer {
  const [only] = blocks;
  return only !== undefined && blocks.length === 1 ? only : Buffer.concat(blocks);
}

function toBuffer(inflated: string | Buffer): Buffer {
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
