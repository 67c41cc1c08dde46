/** Views hold what was put in, as many records as fit, and say which record comes next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillView, type LogRecord, RecordView, viewOf } from './record-view.ts';

const record = (offset: number, text: string | null): LogRecord => ({
  offset,
  timestampMs: offset * 10,
  value: text === null ? null : Buffer.from(text),
});

function textsOf(view: RecordView): (string | null)[] {
  return Array.from({ length: view.count }, (_, index) => {
    const [start = -1, end = -1] = [view.valueStarts[index], view.valueEnds[index]];
    return start < 0 ? null : Buffer.from(view.bytes.subarray(start, end)).toString();
  });
}

test('a view keeps offsets, times and values, and tells an absent value from an empty one', () => {
  const view = viewOf([record(4, 'abc'), record(6, null), record(9, ''), record(10, 'd')]);
  assert.deepEqual(textsOf(view), ['abc', null, '', 'd']);
  assert.deepEqual([...view.offsets], [4, 6, 9, 10]);
  assert.deepEqual([...view.timestampsMs], [40, 60, 90, 100]);
  assert.equal(view.isFull, true);
});

test('more records than a view holds come in several fills, each from where the last one ended', () => {
  const records = Array.from({ length: 7 }, (_, index) => record(index, `r${index}`));
  const view = new RecordView(3);
  const fills: (string | null)[][] = [];
  for (let index = 0; index < records.length; ) {
    index = fillView(view, records, index);
    fills.push(textsOf(view));
  }
  assert.deepEqual(fills, [['r0', 'r1', 'r2'], ['r3', 'r4', 'r5'], ['r6']]);
});

test('large values are copied a few at a time, and one that is larger than that alone', () => {
  const large = { offset: 0, timestampMs: 0, value: new Uint8Array(3 << 20) };
  const records = [large, { ...large, offset: 1 }, record(2, 'small')];
  const view = new RecordView();
  assert.equal(fillView(view, records), 1);
  assert.equal(fillView(view, records, 1), 2);
  assert.equal(fillView(view, records, 2), 3);
  assert.deepEqual(textsOf(view), ['small']);
});
