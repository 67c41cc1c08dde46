/**
 * Who takes turns in the long run, with which seeds, how long, and what a failure says.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '#runtime/clock.ts';
import type { LongRun } from './long-run.ts';
import { rotate } from './rotate.ts';

/** A run of steps that take so long each, on a clock that only they move. */
function world() {
  let nowMs = 0;
  const clock: Clock = { monotonicMs: () => nowMs, nowMs: () => nowMs };
  const rounds: string[] = [];
  const lines: string[] = [];
  const run = (name: string, stepMs: number, failingSeed = -1): LongRun => ({
    name,
    shows: `${name} is well`,
    unit: 'steps',
    stepsPerRound: 10,
    async round(seed, steps, step) {
      let done = 0;
      let goesOn = true;
      while (goesOn && done < steps) {
        nowMs += stepMs;
        done += 1;
        if (seed === failingSeed && done === 3) throw new Error('wrong', { cause: 'this' });
        goesOn = step(done);
      }
      rounds.push(`${name} ${seed}: ${done}`);
    },
  });
  const write = (line: string): void => {
    lines.push(line);
  };
  return { run, rounds, lines, options: { clock, write } };
}

test('runs take turns until the time is up, each round with the next seed', async () => {
  const { run, rounds, lines, options } = world();
  const runs = [run('a', 1_000), run('b', 2_000)];
  assert.equal(await rotate(runs, { ...options, seed: 7, minutes: 1 }), true);
  assert.deepEqual(rounds, ['a 7: 10', 'b 8: 10', 'a 9: 10', 'b 10: 10']);
  assert.ok(lines.includes('a: 5 of 10 steps'));
  assert.deepEqual(lines.slice(-2), [
    'a: 20 steps in 2 rounds: a is well',
    'b: 20 steps in 2 rounds: b is well',
  ]);
});

test('no round takes more than its share, and with no time at all each takes a step', async () => {
  const slow = world();
  const runs = [slow.run('a', 10_000), slow.run('b', 10_000)];
  assert.equal(await rotate(runs, { ...slow.options, seed: 0, minutes: 1 }), true);
  assert.deepEqual(slow.rounds, ['a 0: 3', 'b 1: 3']);
  const none = world();
  const both = [none.run('a', 10), none.run('b', 10)];
  assert.equal(await rotate(both, { ...none.options, seed: 0, minutes: 0 }), true);
  assert.deepEqual(none.rounds, ['a 0: 1', 'b 1: 1']);
});

test('a failure ends the run, shows its causes and says how to replay it', async () => {
  const { run, rounds, lines, options } = world();
  const runs = [run('a', 10), run('b', 10, 6)];
  assert.equal(await rotate(runs, { ...options, seed: 5, minutes: 2 }), false);
  assert.deepEqual(rounds, ['a 5: 10']);
  assert.match(lines.join('\n'), /Error: wrong[\s\S]*cause\]: 'this'/);
  assert.deepEqual(lines.slice(-2), [
    'b: failed after 2 steps of round 2',
    'To replay it: npm run test:long -- --only b --seed 6 --minutes 2',
  ]);
});
