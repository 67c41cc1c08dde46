/**
 * The seed of a test that is random: another in every run, printed with it. To replay a run, give
 * the seed in `TEST_SEED`.
 */
import { randomInt } from 'node:crypto';
import type { TestContext } from 'node:test';

/** A whole number below 2^31. */
export function seedOf(context: TestContext): number {
  const given = process.env['TEST_SEED'];
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
  if (!Number.isSafeInteger(seed)) {
    throw new Error(`TEST_SEED must be a whole number, not ${JSON.stringify(given)}`);
  }
  context.diagnostic(`TEST_SEED=${seed}`);
  return seed;
}
