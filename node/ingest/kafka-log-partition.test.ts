/** Where the next fetch of a partition begins, and which answers are what comes next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogPartition } from './kafka-log-partition.ts';

const anchor = { offset: 9, timestampMs: 1, valueHash: 'h' };

function at(position: number): LogPartition {
  const one = new LogPartition(0, 'earliest');
  one.moveTo(position);
  return one;
}

test('the next fetch runs ahead of the position while an answer is applied', () => {
  const one = at(10);
  one.fetchFrom = 20;
  one.fetchEpoch = 3;
  assert.deepEqual(one.nextFetch(), { offset: 20, epoch: 3 });
  assert.equal(one.isNext(10), true);
  assert.equal(one.isNext(20), false, 'not before what is applied now');
  one.fetchAgain();
  assert.deepEqual(one.nextFetch(), { offset: 10, epoch: -1 });
});

test('a partition in doubt is fetched from its anchor, and nothing else is what comes next', () => {
  const one = at(10);
  one.isUnverified = true;
  assert.deepEqual(one.nextFetch().offset, 10, 'without an anchor nothing can be compared');
  one.anchor = anchor;
  assert.deepEqual(one.nextFetch(), { offset: 9, epoch: -1 });
  assert.equal(one.isNext(10), false);
  assert.equal(one.isNext(9), true);
});

test('a replica is read from for a while, then the leader again', () => {
  const one = at(0);
  assert.equal(one.nodeAt(0), -1);
  one.leader = 1;
  one.replica = { nodeId: 3, untilMs: 100 };
  assert.equal(one.nodeAt(99), 3);
  assert.equal(one.nodeAt(100), 1);
  assert.equal(one.nodeAt(0), 1, 'until it is named anew');
});
