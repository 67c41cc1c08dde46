/**
 * Chores that keep time: each on its own, none twice at once.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Duty, startDuties } from './duties.ts';

async function until(state: () => boolean): Promise<void> {
  const deadline = performance.now() + 2_000;
  while (!state()) {
    assert.ok(performance.now() < deadline, 'not within two seconds');
    await pause(1);
  }
}

test('a duty that takes long delays no other and is not run twice at once', async () => {
  let nowMs = 0;
  let quick = 0;
  let slow = 0;
  const release = Promise.withResolvers<void>();
  const duties: Duty[] = [
    {
      intervalMs: () => 10,
      run: () => {
        slow += 1;
        return release.promise;
      },
    },
    { intervalMs: () => 10, run: () => void (quick += 1) },
  ];
  const clock = { nowMs: () => 0, monotonicMs: () => nowMs };
  const started = startDuties(duties, { clock, tickMs: 1, onError: assert.ifError });
  for (const count of [1, 2, 3]) {
    nowMs += 10;
    await until(() => quick === count);
    assert.equal(slow, 1);
  }
  release.resolve();
  nowMs += 10;
  await until(() => slow === 2);
  started.stop();
  const before = quick;
  nowMs += 1_000;
  await pause(5);
  assert.equal(quick, before, 'nothing starts after the stop');
});

test('a duty that fails is reported and runs again when it is due', async () => {
  let nowMs = 0;
  const errors: unknown[] = [];
  const duties: Duty[] = [
    { intervalMs: () => 10, run: () => Promise.reject(new Error('later')) },
    {
      intervalMs: () => 10,
      run: () => {
        throw new Error('at once');
      },
    },
  ];
  const clock = { nowMs: () => 0, monotonicMs: () => nowMs };
  const started = startDuties(duties, {
    clock,
    tickMs: 1,
    onError: (error) => errors.push(error),
  });
  for (const count of [2, 4]) {
    nowMs += 10;
    await until(() => errors.length === count);
  }
  started.stop();
  assert.deepEqual(new Set(errors.map(String)), new Set(['Error: later', 'Error: at once']));
});
