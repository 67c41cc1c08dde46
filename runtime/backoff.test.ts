/**
 * Waits stay within their bounds; retries end when they should.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { createBackoff, retry } from './backoff.ts';
import { DependencyError, ThunderError } from './errors.ts';

const noWait = async (): Promise<void> => {};

describe('createBackoff', () => {
  it('stays between the floor and the growing bound, for any randomness', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(random, { minLength: 1, maxLength: 40 }), (numbers) => {
        let at = 0;
        const backoff = createBackoff({
          firstMs: 100,
          ceilingMs: 5_000,
          floorMs: 10,
          random: () => numbers[at++] ?? 0,
        });
        numbers.forEach((_, attempt) => {
          const waitMs = backoff.nextMs();
          assert.ok(waitMs >= 10 && waitMs <= Math.min(5_000, 100 * 2 ** attempt), `${waitMs}`);
        });
      }),
    );
  });

  it('starts again after a reset', () => {
    const backoff = createBackoff({
      firstMs: 100,
      ceilingMs: 1_000,
      floorMs: 0,
      random: () => 0.5,
    });
    assert.deepEqual([backoff.nextMs(), backoff.nextMs(), backoff.nextMs()], [50, 100, 200]);
    backoff.reset();
    assert.equal(backoff.nextMs(), 50);
  });
});

describe('retry', () => {
  const away = new DependencyError('away', { code: 'AWAY', retry: 'backoff' });

  it('calls until it succeeds', async () => {
    const waits: number[] = [];
    const answer = await retry((attempt) => (attempt < 3 ? Promise.reject(away) : attempt), {
      attemptsMax: 5,
      sleep: noWait,
      onRetry: (_error, attempt) => waits.push(attempt),
    });
    assert.equal(answer, 3);
    assert.deepEqual(waits, [1, 2]);
  });

  it('throws the last error when the attempts are used up', async () => {
    let calls = 0;
    const call = () => {
      calls++;
      throw away;
    };
    await assert.rejects(retry(call, { attemptsMax: 3, sleep: noWait }), away);
    assert.equal(calls, 3);
  });

  it('does not repeat what cannot help', async () => {
    let calls = 0;
    const refused = new ThunderError('refused', { code: 'REFUSED', retry: 'never' });
    const call = () => {
      calls++;
      throw refused;
    };
    await assert.rejects(retry(call, { attemptsMax: 3, sleep: noWait }), refused);
    assert.equal(calls, 1);
  });

  it('ends a wait when the signal aborts, with its reason', async () => {
    const ending = new AbortController();
    const reason = new Error('stopping');
    const waiting = retry(() => Promise.reject(away), {
      attemptsMax: Infinity,
      backoff: { firstMs: 3_600_000, ceilingMs: 3_600_000, random: () => 1 },
      signal: ending.signal,
      onRetry: () => setImmediate(() => ending.abort(reason)),
    });
    await assert.rejects(waiting, reason);
  });
});
