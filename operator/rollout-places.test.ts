/** Who rolls, whoever asks first, and who is woken when a place is free. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RolloutState } from './rollout/rollout-state.ts';
import { RolloutPlaces } from './rollout-places.ts';

const idle: RolloutState = { kind: 'idle', sinceMs: 0 };
const rolling: RolloutState = {
  ...{ kind: 'rolling', sinceMs: 0, revision: 'r', progress: { mark: 0, markAtMs: 0 } },
  ...{ continueSeen: null, isReleased: true },
};
const waiting = (sinceMs: number): RolloutState => ({ kind: 'waiting', sinceMs, revision: 'r' });

describe('places for rollouts', () => {
  it('are never given to two, though both ask before either has settled', () => {
    const places = new RolloutPlaces(1);
    assert.equal(places.ask({ key: 'a', state: idle, wantsToRoll: true }), true);
    places.settle('a', rolling);
    assert.equal(places.ask({ key: 'b', state: idle, wantsToRoll: true }), false);
  });

  it('go to who waits longest, and waiters are woken when one is free', () => {
    const places = new RolloutPlaces(1);
    places.settle('a', rolling);
    places.settle('b', waiting(20));
    places.settle('c', waiting(10));
    assert.deepEqual(places.settle('a', idle).toSorted(), ['b', 'c']);
    assert.equal(places.ask({ key: 'b', state: waiting(20), wantsToRoll: true }), false);
    assert.equal(places.ask({ key: 'c', state: waiting(10), wantsToRoll: true }), true);
  });

  it('are taken over from an earlier leader, and freed with the fleet', () => {
    const places = new RolloutPlaces(1);
    const report = { state: 'rolling' as const, revision: 'r', since: '2026-11-23T00:00:00Z' };
    places.remember('a', { rollout: report }, 0);
    assert.equal(places.ask({ key: 'b', state: idle, wantsToRoll: true }), false);
    places.settle('b', waiting(1));
    assert.deepEqual(places.forget('a'), ['b']);
    assert.equal(places.ask({ key: 'b', state: waiting(1), wantsToRoll: true }), true);
  });

  it('wake nobody while nothing has changed', () => {
    const places = new RolloutPlaces(2);
    assert.deepEqual(places.settle('a', idle), []);
    assert.deepEqual(places.settle('a', rolling), []);
    assert.deepEqual(places.settle('a', rolling), []);
    assert.deepEqual(places.forget('b'), []);
  });
});
