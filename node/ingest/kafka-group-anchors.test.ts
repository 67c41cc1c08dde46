/** The last applied record tells after a join whether the log is still the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord } from '#runtime/kafka/record-view.ts';
import { KafkaAnchors } from './kafka-group-anchors.ts';

function record(offset: number, text: string | null, timestampMs = 1): LogRecord {
  return { offset, timestampMs, value: text === null ? null : Buffer.from(text) };
}

test('L2: another value or time at the anchor is another log, until it is the same again', () => {
  const anchors = new KafkaAnchors();
  anchors.applied(0, [record(1, 'a'), record(2, 'b')]);
  assert.equal(anchors.offsetToCheck(0), undefined);
  assert.equal(anchors.check(0, [record(3, 'c')]), 'none');
  assert.equal(anchors.check(0, [record(2, 'b'), record(3, 'c')]), 'none', 'nobody asked');
  anchors.joined();
  assert.equal(anchors.offsetToCheck(0), 2);
  assert.equal(anchors.check(0, [record(2, 'x')]), 'other');
  assert.equal(anchors.check(0, [record(2, 'b', 7)]), 'other');
  assert.equal(anchors.check(0, [record(2, null)]), 'other');
  assert.equal(anchors.check(0, [record(2, 'b'), record(3, 'c')]), 'same');
  assert.equal(anchors.offsetToCheck(0), undefined);
  assert.equal(anchors.check(0, [record(0, 'x'), record(2, 'y')]), 'other', 'nobody asked');
  assert.equal(anchors.offsetToCheck(0), 2);
});

test('L2: an anchor that is gone, and a partition without one, are not judged', () => {
  const anchors = new KafkaAnchors();
  anchors.applied(0, [record(2, 'b')]);
  anchors.joined();
  assert.equal(anchors.offsetToCheck(1), undefined);
  assert.equal(anchors.check(1, [record(0, 'a')]), 'none');
  assert.equal(anchors.check(0, [record(5, 'c')]), 'none');
  assert.equal(anchors.offsetToCheck(0), undefined);
});
