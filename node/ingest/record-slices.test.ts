/** How much is applied in one turn of the event loop, however it is delivered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '#runtime/clock.ts';
import { sliceClockRecords, sliceMsMax, sliceRecordsMax } from './ingest-limits.ts';
import { RecordSlices } from './record-slices.ts';

function createClock(): Clock & { passedMs: number } {
  const clock = { passedMs: 0, nowMs: () => 0, monotonicMs: () => clock.passedMs };
  return clock;
}

test('a turn has room for so many records, in one delivery or in many', async () => {
  const slices = new RecordSlices(createClock());
  let applied = 0;
  const applyOne = (): void => {
    applied += 1;
  };
  assert.equal(slices.apply(sliceRecordsMax * 3, 0, applyOne), sliceRecordsMax);
  assert.equal(slices.isUsedUp, true);
  assert.equal(slices.apply(10, 0, applyOne), 0, 'nothing more in this turn');
  await slices.nextTurn();
  assert.equal(slices.isUsedUp, false);
  for (let delivery = 0; delivery < sliceRecordsMax; delivery += 1) slices.apply(2, 0, applyOne);
  assert.equal(applied, sliceRecordsMax * 2);
  await slices.nextTurn();
  assert.equal(slices.apply(5, 3, applyOne), 5);
});

test('a turn ends early when its time is over', () => {
  const clock = createClock();
  const slices = new RecordSlices(clock);
  const index = slices.apply(sliceRecordsMax, 0, () => {
    clock.passedMs = sliceMsMax;
  });
  assert.equal(index, sliceClockRecords);
  assert.equal(slices.isUsedUp, true);
});

test('deliveries that wait have a turn each', async () => {
  const slices = new RecordSlices(createClock());
  const turns: string[] = [];
  const wait = async (name: string): Promise<void> => {
    await slices.nextTurn();
    turns.push(name);
    slices.apply(sliceRecordsMax, 0, () => undefined);
    assert.equal(slices.isUsedUp, true);
  };
  await Promise.all([wait('a'), wait('b'), wait('c')]);
  assert.deepEqual(turns, ['a', 'b', 'c']);
});
