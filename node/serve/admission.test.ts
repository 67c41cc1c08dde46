/**
 * Admission by cost: rule Q9 on its own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '#runtime/clock.ts';
import { createManualClock } from '#test/integration/serve-fixture.ts';
import { Admission, costOf, createAdmissionWords } from './admission.ts';

test('Q9: a request costs one unit for each hundred ids begun, and at least one', () => {
  assert.deepEqual([0, 1, 100, 101, 500, 10_000, 20_000].map(costOf), [1, 1, 1, 2, 5, 100, 200]);
});

test('Q9: units in flight never pass the bound, and what is given back can be had again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 120 }), fc.constant('release' as const))),
      (unitsMax, steps) => {
        const admission = new Admission({
          unitsMax,
          unitsPerSecond: null,
          clock: createManualClock(),
          words: createAdmissionWords(),
        });
        const unitsOf = (cost: number) => Math.min(cost, Math.ceil(unitsMax / 4));
        const inside: number[] = [];
        for (const step of steps) {
          const used = inside.reduce((sum, cost) => sum + unitsOf(cost), 0);
          assert.equal(admission.inFlightUnits, used);
          assert.ok(used <= unitsMax);
          if (step === 'release') {
            const cost = inside.shift();
            if (cost !== undefined) {
              admission.release(cost);
            }
          } else {
            const fits = used + unitsOf(step) <= unitsMax;
            assert.equal(admission.admit(step), fits ? null : 'concurrency');
            if (fits) {
              inside.push(step);
            }
          }
        }
        for (const cost of inside) {
          admission.release(cost);
        }
        assert.equal(admission.inFlightUnits, 0);
      },
    ),
  );
});

test('Q9: the heaviest request leaves three quarters of the capacity to others', () => {
  const admission = new Admission({
    unitsMax: 10,
    unitsPerSecond: 10,
    clock: createManualClock(),
    words: createAdmissionWords(),
  });
  assert.equal(admission.admit(1_000), null, 'heavier than a whole bound, and let in');
  assert.equal(admission.inFlightUnits, 3);
  assert.equal(admission.isFull, false);
  assert.equal(admission.admit(1), 'rate', 'of the rate it takes all');
  admission.release(1_000);
  assert.equal(admission.inFlightUnits, 0);
});

test('Q9: the rate is kept over any stretch of time, with one second’s worth at once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 700 }))),
      (unitsPerSecond, steps) => {
        const clock = createManualClock();
        const admission = new Admission({
          unitsMax: 1_000,
          unitsPerSecond,
          clock,
          words: createAdmissionWords(),
        });
        let taken = 0;
        for (const [cost, waitMs] of steps) {
          if (admission.admit(cost) === null) {
            taken += Math.min(cost, unitsPerSecond);
            admission.release(cost);
          }
          const earned = (unitsPerSecond * (clock.monotonicMs() - 1_000)) / 1_000;
          assert.ok(taken <= unitsPerSecond + earned + 1e-6, `${taken} taken, ${earned} earned`);
          clock.advance(waitMs);
        }
        clock.advance(1_000);
        assert.equal(admission.admit(1), null, 'a second later there is room again');
      },
    ),
  );
});

test('Q9: threads that share the words share the bound and the rate', () => {
  const clock = createManualClock();
  const words = createAdmissionWords();
  const options = { unitsMax: 8, unitsPerSecond: 5, clock, words };
  const [one, other] = [new Admission(options), new Admission(options)];
  assert.deepEqual([one.admit(2), other.admit(2), one.admit(1)], [null, null, null]);
  assert.equal(other.admit(1), 'rate');
  clock.advance(1_000);
  assert.deepEqual([other.admit(2), one.admit(1)], [null, null]);
  assert.equal(other.admit(1), 'concurrency');
  assert.equal(one.inFlightUnits, 8);
});

test('Q9: threads whose clocks differ by a moment share the rate all the same', () => {
  const clock = createManualClock();
  const behind: Clock = { nowMs: clock.nowMs, monotonicMs: () => clock.monotonicMs() - 1 };
  const words = createAdmissionWords();
  const options = { unitsMax: 1_000, unitsPerSecond: 100, words };
  const both = [new Admission({ ...options, clock }), new Admission({ ...options, clock: behind })];
  let taken = 0;
  for (let step = 0; step < 10_000; step += 1) {
    for (const admission of both) {
      if (admission.admit(1) === null) {
        taken += 1;
        admission.release(1);
      }
    }
    if (step % 10 === 0) clock.advance(1);
  }
  assert.ok(taken >= 190 && taken <= 201, `${taken} taken in a second`);
});
