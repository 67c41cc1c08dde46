/**
 * The rate that an ETA is made of.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { SmoothedRate } from './smoothed-rate.ts';

test('a steady rate is told from the first moments on', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 20, max: 2_000 }),
      (perStep, steps) => {
        const rate = new SmoothedRate(5_000, 1_000);
        for (let step = 1; step <= steps; step += 1) rate.add(perStep, 1_000 + step * 10);
        const told = rate.perSecond(1_000 + steps * 10);
        const truth = perStep * 100;
        assert.ok(Math.abs(told / truth - 1) < 0.03, `${told} for ${truth}`);
      },
    ),
  );
});

test('a rate of nothing yet is 0, and one that has stopped fades', () => {
  const rate = new SmoothedRate(5_000, 0);
  assert.equal(rate.perSecond(0), 0);
  rate.add(1_000, 0);
  assert.equal(rate.perSecond(0), 0);
  const early = rate.perSecond(1_000);
  assert.ok(early > 800 && early <= 1_000, `${early}`);
  assert.ok(rate.perSecond(60_000) < 1);
});
