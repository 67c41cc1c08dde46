/** What is written is what is read, across the edges of chunks, streamed or as blocks. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  createRecordWriter,
  loadRecordFile,
  type RecordVisitor,
  readRecordFile,
  visitBlock,
} from './record-file.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'thunder-records-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = path.join(directory, 'records');
const records = Array.from({ length: 30_000 }, (_, index) => ({
  value: Buffer.alloc(index % 100, index),
  timestampMs: index * 1_000_000_007,
}));

function write(count: number): number {
  const writer = createRecordWriter(file);
  for (const record of records.slice(0, count)) writer.write(record);
  return writer.close();
}

function assertAllVisited(read: (visit: RecordVisitor) => void): void {
  let index = 0;
  read((bytes, start, end, timestampMs) => {
    const value = Buffer.from(bytes.subarray(start, end));
    assert.ok(value.equals(records[index]?.value ?? Buffer.from('none')));
    assert.equal(timestampMs, records[index]?.timestampMs);
    index += 1;
  });
  assert.equal(index, records.length);
}

test('records survive the file', () => {
  const bytes = write(records.length);
  assert.equal(
    bytes,
    records.reduce((sum, { value }) => sum + 12 + value.length, 0),
  );
  assertAllVisited((visit) => readRecordFile(file, visit));
  assertAllVisited((visit) => {
    for (const block of loadRecordFile(file)) visitBlock(block, visit);
  });
});

test('a file that is cut short is refused', () => {
  truncateSync(file, write(10) - 1);
  assert.throws(() => readRecordFile(file, () => undefined), /cut short/);
  assert.throws(() => loadRecordFile(file), /cut short/);
});
