/** How what kafkajs delivers is judged against our positions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord } from '#runtime/kafka/record-view.ts';
import { KafkaPositions } from './kafka-group-positions.ts';

function record(offset: number): LogRecord {
  return { offset, timestampMs: 0, value: null };
}

function positionsAt(position: number): KafkaPositions {
  const positions = new KafkaPositions();
  positions.begin(new Map([[0, position]]), [{ partition: 0, start: 0, end: 100 }]);
  return positions;
}

test('a batch that begins at, before or after the position is told apart', () => {
  const positions = positionsAt(10);
  assert.equal(positions.judge(0, 10, 20).kind, 'follows');
  assert.equal(positions.judge(0, 5, 11).kind, 'follows');
  assert.deepEqual(positions.judge(0, 11, 20), { kind: 'ahead', position: 10 });
  assert.deepEqual(positions.judge(0, 5, 10), { kind: 'behind', position: 10 });
});

test('records before the position are dropped, whole batches are not copied', () => {
  const positions = positionsAt(10);
  const overlapping = [8, 9, 10, 11].map(record);
  assert.deepEqual(
    positions.fresh(0, overlapping).map(({ offset }) => offset),
    [10, 11],
  );
  const fresh = [10, 12].map(record);
  assert.equal(positions.fresh(0, fresh), fresh);
});

test("a position that is the log's start takes a later start, until the first batch", () => {
  const positions = new KafkaPositions();
  positions.begin(new Map(), [{ partition: 0, start: 5, end: 100 }]);
  assert.equal(positions.of(0), 5);
  assert.equal(positions.judge(0, 50, 60).kind, 'follows');
  positions.advance(0, 60);
  assert.equal(positions.judge(0, 61, 62).kind, 'ahead');
});

test('a partition that was not there when reading began starts at its beginning', () => {
  const positions = positionsAt(10);
  assert.equal(positions.of(7), 0);
  assert.equal(positions.judge(7, 3, 4).kind, 'follows');
});

test('a given position before the log start is known to have lost records', () => {
  const positions = new KafkaPositions();
  positions.begin(new Map([[0, 2]]), [{ partition: 0, start: 5, end: 9 }]);
  assert.equal(positions.judge(0, 5, 9).kind, 'ahead');
});
