/**
 * Records in a plain file, so that a process can apply them without having made them: what its
 * memory grows by is then the store's. For each: u32 length, f64 timestamp, the value.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { EncodedRecord } from '#cli/generator/event-encoder.ts';

const headBytes = 12;
const chunkBytes = 1 << 20;

export function writeRecordFile(
  file: string,
  records: Iterable<Pick<EncodedRecord, 'value' | 'timestampMs'>>,
): void {
  const target = openSync(file, 'w');
  const chunk = Buffer.alloc(chunkBytes);
  let used = 0;
  try {
    for (const { value, timestampMs } of records) {
      if (used + headBytes + value.length > chunkBytes) {
        writeSync(target, chunk, 0, used);
        used = 0;
      }
      chunk.writeUInt32LE(value.length, used);
      chunk.writeDoubleLE(timestampMs, used + 4);
      value.copy(chunk, used + headBytes);
      used += headBytes + value.length;
    }
    writeSync(target, chunk, 0, used);
  } finally {
    closeSync(target);
  }
}

/** `visit` gets views that are only valid during the call. */
export function readRecordFile(
  file: string,
  visit: (record: Pick<EncodedRecord, 'value' | 'timestampMs'>) => void,
): void {
  const source = openSync(file, 'r');
  const chunk = Buffer.alloc(chunkBytes);
  let held = 0;
  try {
    for (;;) {
      const read = readSync(source, chunk, held, chunkBytes - held, null);
      if (read === 0) break;
      held += read;
      let position = 0;
      while (position + headBytes <= held) {
        const end = position + headBytes + chunk.readUInt32LE(position);
        if (end > held) break;
        visit({
          value: chunk.subarray(position + headBytes, end),
          timestampMs: chunk.readDoubleLE(position + 4),
        });
        position = end;
      }
      chunk.copyWithin(0, position, held);
      held -= position;
    }
  } finally {
    closeSync(source);
  }
  if (held > 0) throw new Error(`${file} is cut short`);
}
