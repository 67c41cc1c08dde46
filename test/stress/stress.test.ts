/**
 * Readers in other threads while one writes: `npm run test:long` runs the same for longer.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedOf } from '#test/seed-of.ts';
import { runStress } from './stress.ts';

for (const boundBy of ['age', 'room'] as const) {
  test(`P1, S2, S4: no thread sees a torn, reused, deleted or missing post while ${boundBy} ends their time`, async (context) => {
    const seed = seedOf(context);
    const result = await runStress({ seed, seconds: 6, readers: 2, boundBy });
    context.diagnostic(JSON.stringify(result));
    assert.ok(result.answers > 20 && result.posts > 1_000, 'hardly anything was asked');
    assert.equal(result.evicted > 0, boundBy === 'room');
  });
}
