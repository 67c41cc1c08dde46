/** What is written is what is read, across the edges of chunks. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { readRecordFile, writeRecordFile } from './record-file.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'thunder-records-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = path.join(directory, 'records');
const records = Array.from({ length: 30_000 }, (_, index) => ({
  value: Buffer.alloc(index % 100, index),
  timestampMs: index * 1_000_000_007,
}));

test('records survive the file', () => {
  writeRecordFile(file, records);
  let index = 0;
  readRecordFile(file, ({ value, timestampMs }) => {
    assert.ok(value.equals(records[index]?.value ?? Buffer.from('none')));
    assert.equal(timestampMs, records[index]?.timestampMs);
    index += 1;
  });
  assert.equal(index, records.length);
});

test('a file that is cut short is refused', () => {
  writeRecordFile(file, records.slice(0, 10));
  truncateSync(file, 20);
  assert.throws(() => readRecordFile(file, () => undefined), /cut short/);
});
