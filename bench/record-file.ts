/**
 * Records in a plain file, so that processes can apply them without having made them. For each:
 * u32 length, f64 timestamp, the value.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { EncodedRecord } from '#cli/generator/event-encoder.ts';

const headBytes = 12;
const chunkBytes = 1 << 20;
/** Of a block in memory: offsets in it stay small integers. */
const blockBytes = 1 << 26;

export interface RecordWriter {
  write(record: Pick<EncodedRecord, 'value' | 'timestampMs'>): void;
  /** Answers how many bytes the file has. */
  close(): number;
}

/** Replaces the file. */
export function createRecordWriter(file: string): RecordWriter {
  const target = openSync(file, 'w');
  const chunk = Buffer.alloc(chunkBytes);
  let used = 0;
  let written = 0;
  const flush = (): void => {
    writeSync(target, chunk, 0, used);
    written += used;
    used = 0;
  };
  return {
    write({ value, timestampMs }) {
      if (used + headBytes + value.length > chunkBytes) flush();
      chunk.writeUInt32LE(value.length, used);
      chunk.writeDoubleLE(timestampMs, used + 4);
      value.copy(chunk, used + headBytes);
      used += headBytes + value.length;
    },
    close() {
      try {
        flush();
      } finally {
        closeSync(target);
      }
      return written;
    },
  };
}

/** Gets the value `bytes[start, end)`, which is only valid during the call. */
export type RecordVisitor = (
  bytes: Uint8Array,
  start: number,
  end: number,
  timestampMs: number,
) => void;

/** Whole records that are in memory. */
export interface RecordBlock {
  readonly bytes: Buffer;
  readonly count: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly timestampsMs: Float64Array;
}

/** Visits every record; memory stays at a megabyte. Throws for a file that was cut off. */
export function readRecordFile(file: string, visit: RecordVisitor): void {
  readChunks(file, chunkBytes, (chunk, used) => {
    let position = 0;
    for (;;) {
      const end = endOfRecord(chunk, position, used);
      if (end < 0) return position;
      visit(chunk, position + headBytes, end, chunk.readDoubleLE(position + 4));
      position = end;
    }
  });
}

/** All records in memory, so that applying them can be timed without reading. */
export function loadRecordFile(file: string): RecordBlock[] {
  const blocks: RecordBlock[] = [];
  readChunks(file, blockBytes, (chunk, used) => {
    const block = toBlock(chunk, used);
    blocks.push(block);
    return block.ends[block.count - 1] ?? 0;
  });
  return blocks;
}

/** Visits the records from one index up to another. */
export function visitBlock(
  block: RecordBlock,
  visit: RecordVisitor,
  from = 0,
  to: number = block.count,
): void {
  const { bytes, starts, ends, timestampsMs } = block;
  for (let index = from; index < to; index += 1) {
    // oxlint-disable-next-line no-non-null-assertion -- within the block
    visit(bytes, starts[index]!, ends[index]!, timestampsMs[index]!);
  }
}

function toBlock(chunk: Buffer, used: number): RecordBlock {
  let count = 0;
  for (let end = endOfRecord(chunk, 0, used); end >= 0; end = endOfRecord(chunk, end, used)) {
    count += 1;
  }
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const timestampsMs = new Float64Array(count);
  let position = 0;
  for (let index = 0; index < count; index += 1) {
    const end = endOfRecord(chunk, position, used);
    starts[index] = position + headBytes;
    ends[index] = end;
    timestampsMs[index] = chunk.readDoubleLE(position + 4);
    position = end;
  }
  return { bytes: Buffer.from(chunk.subarray(0, position)), count, starts, ends, timestampsMs };
}

/** Where the record that begins at `position` ends; -1 when it is not whole. */
function endOfRecord(chunk: Buffer, position: number, used: number): number {
  if (position + headBytes > used) return -1;
  const end = position + headBytes + chunk.readUInt32LE(position);
  return end <= used ? end : -1;
}

/** `take` answers how much of the chunk it took; the rest comes again, with more behind it. */
function readChunks(
  file: string,
  size: number,
  take: (chunk: Buffer, used: number) => number,
): void {
  const source = openSync(file, 'r');
  const chunk = Buffer.alloc(size);
  let held = 0;
  try {
    for (;;) {
      const read = readSync(source, chunk, held, size - held, null);
      if (read === 0) break;
      held += read;
      const taken = take(chunk, held);
      chunk.copyWithin(0, taken, held);
      held -= taken;
    }
  } finally {
    closeSync(source);
  }
  if (held > 0) throw new Error(`${file} is cut short`);
}
