/**
 * Record batches that no producer writes and no broker takes, put into a partition's log while its
 * broker is down: an unknown codec, a wrong checksum, a bomb.
 */
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface CraftedBatch {
  readonly baseOffset: number;
  /** The codec bits of the attributes: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number;
  /** The records as they are in the batch, so already compressed. */
  readonly records: Buffer;
  /** How many records it says it has. Default 1. */
  readonly count?: number;
  /** Default: now. */
  readonly timestampMs?: number;
  /** Default false: the checksum is right. */
  readonly wrongChecksum?: boolean;
}

const headerBytes = 61;
/** What the checksum covers begins here. */
const checkedFrom = 21;

/** Format 2, as Kafka stores it. */
export function craftBatch(batch: CraftedBatch): Buffer {
  const { baseOffset, codec, records, count = 1, timestampMs = Date.now() } = batch;
  const bytes = Buffer.alloc(headerBytes + records.length);
  bytes.writeBigInt64BE(BigInt(baseOffset), 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt32BE(0, 12);
  bytes.writeInt8(2, 16);
  bytes.writeInt16BE(codec, 21);
  bytes.writeInt32BE(count - 1, 23);
  bytes.writeBigInt64BE(BigInt(timestampMs), 27);
  bytes.writeBigInt64BE(BigInt(timestampMs), 35);
  bytes.writeBigInt64BE(-1n, 43);
  bytes.writeInt16BE(-1, 51);
  bytes.writeInt32BE(-1, 53);
  bytes.writeInt32BE(count, 57);
  records.copy(bytes, headerBytes);
  const checksum = crc32c(bytes.subarray(checkedFrom));
  bytes.writeUInt32BE(batch.wrongChecksum === true ? (checksum ^ 1) >>> 0 : checksum, 17);
  return bytes;
}

/** One record without key, headers or time of its own. */
export function craftRecord(value: Uint8Array): Buffer {
  const head = recordHead(value.length);
  return Buffer.concat([head, value, Buffer.from([0])]);
}

/** What stands before a value of this length; after it comes one byte: no headers. */
export function recordHead(valueLength: number): Buffer {
  // Attributes, timestamp delta, offset delta, and -1 for no key.
  const body = Buffer.concat([Buffer.from([0, 0, 0, 1]), zigzag(valueLength)]);
  return Buffer.concat([zigzag(body.length + valueLength + 1), body]);
}

/** To the end of the newest segment. The broker must have stopped cleanly, or it would check it. */
export async function appendToLog(
  dataFolder: string,
  topic: string,
  partition: number,
  batches: readonly Buffer[],
): Promise<void> {
  const folder = join(dataFolder, `${topic}-${partition}`);
  const segments = (await readdir(folder)).filter((name) => name.endsWith('.log')).toSorted();
  const newest = segments.at(-1);
  if (newest === undefined) throw new Error(`${folder} has no segment`);
  await appendFile(join(folder, newest), Buffer.concat(batches));
}

function zigzag(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value * 2;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** Castagnoli's polynomial, reflected. */
const polynomial = 0x82f63b78;
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = (value & 1) === 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  }
  return value >>> 0;
});

function crc32c(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (const byte of bytes) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0);
  return (value ^ 0xffff_ffff) >>> 0;
}
