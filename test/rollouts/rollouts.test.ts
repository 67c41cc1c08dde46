/**
 * Users, pods, the API server and the operator's own deaths in random order, in 200 interleavings:
 * what must never happen does not, and when it is quiet each fleet is what its last spec says.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { skipWithoutControlPlane } from '#test/components/control-plane/control-plane.ts';
import { seedOf } from '#test/seed-of.ts';
import { groupsAtOnceDefault, runRollouts, runsDefault } from './run-rollouts.ts';

/** For a machine that is as slow as it may be; alone on two cores it takes less than half of it. */
const timeoutMs = 10 * 60_000;

describe('fleets among random events', {
  skip: await skipWithoutControlPlane({ own: true }),
}, () => {
  it(`criteria 1, 2 and 6 hold in ${runsDefault} random interleavings`, {
    timeout: timeoutMs,
  }, async (t) => {
    const { failedSeeds, ...figures } = await runRollouts({
      seed: seedOf(t),
      runs: runsDefault,
      minutes: Number.POSITIVE_INFINITY,
      atOnce: groupsAtOnceDefault,
      say: (line) => t.diagnostic(line),
      signal: t.signal,
    });
    t.diagnostic(JSON.stringify(figures));
    assert.deepEqual(failedSeeds, []);
    assert.equal(figures.interleavings, runsDefault);
    // Of what it is about there was enough to see.
    const { events, strictRemovals } = figures;
    for (const what of ['operators killed', 'requests spoilt', 'image', 'scale', 'lose', 'hand']) {
      assert.ok((events[what] ?? 0) >= 10, what);
    }
    assert.ok(strictRemovals >= 100, `${strictRemovals} removals were judged strictly`);
  });
});
