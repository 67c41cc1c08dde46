/** Long work lets others have their turns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '#runtime/clock.ts';
import { inTurns } from './in-turns.ts';

test('work goes on over many turns, in order, and its result is answered', async () => {
  let nowMs = 0;
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  const stepsDone: number[] = [];
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  function* work(): Generator<undefined, string, undefined> {
    for (let step = 0; step < 100; step += 1) {
      stepsDone.push(step);
      nowMs += 1;
      yield undefined;
    }
    return 'done';
  }
  assert.equal(await inTurns(work(), clock), 'done');
  isOver = true;
  assert.deepEqual(
    stepsDone,
    Array.from({ length: 100 }, (_, index) => index),
  );
  assert.ok(turns >= 40, `${turns} turns`);
});

test('what a step throws is what comes of it', async () => {
  const clock: Clock = { nowMs: () => 0, monotonicMs: () => 0 };
  // oxlint-disable-next-line require-yield -- it fails before
  function* broken(): Generator<undefined, never, undefined> {
    throw new Error('broken');
  }
  await assert.rejects(inTurns(broken(), clock), /broken/);
});
