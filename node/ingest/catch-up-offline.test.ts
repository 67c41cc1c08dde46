/** Partitions that nobody leads: what they keep from happening, and what they do not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CatchUp } from './catch-up.ts';
import type { PartitionBounds } from './event-source.ts';

const options = { readyLagEvents: 1_000, readyLagMs: 1_000, maxStalenessMs: null };
const online: PartitionBounds = { partition: 0, start: 0, end: 10 };
const offline: PartitionBounds = { partition: 1, start: 0, end: 0, isOffline: true };

function createOpened(bounds: readonly PartitionBounds[]): CatchUp {
  const catchUp = new CatchUp(options);
  catchUp.opened(bounds, 100, 100);
  return catchUp;
}

function answer(catchUp: CatchUp, bounds: readonly PartitionBounds[], nowMs: number): void {
  catchUp.asked(nowMs);
  catchUp.answered(bounds, nowMs);
}

test('L1: a partition without a leader since the start keeps a node from ready, and the others advance', () => {
  const catchUp = createOpened([online, offline]);
  catchUp.applied(0, 10, 200);
  answer(catchUp, [online, offline], 300);
  assert.equal(catchUp.ready, false);
  assert.equal(catchUp.stalenessMs(300), null, 'nobody knows what is in it');
  const { reason, partitions } = catchUp.status(300);
  assert.equal(reason, 'partitions without a leader: 1');
  assert.deepEqual(
    partitions.map(({ partition, position, state }) => [partition, position, state]),
    [
      [0, 10, 'live'],
      [1, 0, 'offline'],
    ],
  );
});

test('L1: when it has a leader its end is a target like any other', () => {
  const catchUp = createOpened([online, offline]);
  catchUp.applied(0, 10, 200);
  const led: PartitionBounds = { partition: 1, start: 3, end: 2_003 };
  answer(catchUp, [online, led], 300);
  assert.equal(catchUp.ready, false);
  assert.equal(catchUp.positionOf(1), 3);
  catchUp.applied(1, 2_003, 400);
  answer(catchUp, [online, led], 500);
  assert.equal(catchUp.ready, true);
  assert.equal(catchUp.stalenessMs(500), 0);
  assert.deepEqual(
    catchUp.status(500).partitions.map(({ state }) => state),
    ['live', 'live'],
  );
});

test('L1: what arrives before its bounds are known counts from there', () => {
  const catchUp = createOpened([offline]);
  catchUp.discovered(1, 5);
  assert.equal(catchUp.positionOf(1), 5);
  assert.equal(catchUp.stalenessMs(200), null);
  catchUp.applied(1, 8, 300);
  answer(catchUp, [{ partition: 1, start: 5, end: 8 }], 400);
  answer(catchUp, [{ partition: 1, start: 5, end: 8 }], 500);
  assert.equal(catchUp.ready, true);
});

test('L2: a partition that loses its leader takes no readiness away, and grows stale', () => {
  const catchUp = createOpened([online, { partition: 1, start: 0, end: 0 }]);
  catchUp.applied(0, 10, 200);
  answer(catchUp, [online, { partition: 1, start: 0, end: 0 }], 300);
  assert.equal(catchUp.ready, true);
  answer(catchUp, [online, offline], 5_300);
  assert.equal(catchUp.ready, true);
  assert.equal(catchUp.stalenessMs(5_300), 5_000);
  assert.equal(catchUp.reset, null, 'its bounds are unknown, not 0');
  assert.match(catchUp.status(5_300).reason, /without a leader: 1/);
});
