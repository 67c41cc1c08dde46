/** What an outcome means for its key. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createController } from './controller.ts';
import { KubeError } from './errors.ts';
import { ManualClock, settle } from './manual-clock.ts';
import { createKubeMetrics } from './metrics.ts';
import type { Reconcile } from './ports.ts';
import { silentLog } from './silent-log.ts';

function arrange(reconcile: Reconcile, workers = 1) {
  const clock = new ManualClock();
  const metrics = createKubeMetrics();
  const options = { name: 'c', clock, random: () => 1, log: silentLog, metrics, workers };
  const controller = createController({ ...options, reconcile });
  const ending = new AbortController();
  const running = controller.run(ending.signal);
  const end = async (): Promise<void> => {
    ending.abort();
    await running;
    assert.equal(clock.timers, 0);
  };
  return { clock, metrics, queue: controller.queue, end };
}

describe('a controller', () => {
  it('looks again when the result says so, and else only when asked', async () => {
    const seen: string[] = [];
    const { clock, metrics, queue, end } = arrange(async (key) => {
      seen.push(key);
      return key === 'again' && seen.length < 3 ? { requeueAfterMs: 5_000 } : undefined;
    });
    queue.add('once');
    queue.add('again');
    await clock.advance(4_999);
    assert.deepEqual(seen, ['once', 'again']);
    await clock.advance(60_000);
    assert.deepEqual(seen, ['once', 'again', 'again']);
    assert.equal(metrics.reconciles.get('c', 'success'), 2);
    assert.equal(metrics.reconciles.get('c', 'requeue_after'), 1);
    await end();
  });

  it('tries a failing key again, later each time, and not before the server wants it', async () => {
    const times: number[] = [];
    const errors = [
      new KubeError('CONFLICT', 'changed'),
      new Error('a bug'),
      new KubeError('TOO_MANY_REQUESTS', 'busy', { retryAfterMs: 9_000 }),
    ];
    const { clock, metrics, queue, end } = arrange(async () => {
      times.push(clock.monotonicMs());
      const error = errors[times.length - 1];
      if (error !== undefined) throw error;
      return undefined;
    });
    queue.add('a');
    await clock.advance(60_000);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert.deepEqual(waits, [50, 100, 9_000]);
    assert.equal(metrics.reconcileErrors.get('c'), 3);
    assert.equal(queue.retries('a'), 0);
    await end();
  });

  it('works on several keys at a time, never twice on one, and ends when all have ended', async () => {
    let active = 0;
    let activeMax = 0;
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    const reconcile: Reconcile = async (key) => {
      seen.push(key);
      active += 1;
      activeMax = Math.max(activeMax, active);
      await gate.promise;
      active -= 1;
      return undefined;
    };
    const { queue, metrics, end } = arrange(reconcile, 2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settle();
    queue.add('a');
    await settle();
    assert.deepEqual(seen, ['a', 'b']);
    assert.equal(metrics.activeWorkers.get('c'), 2);
    const ended = end();
    gate.resolve();
    await ended;
    assert.equal(activeMax, 2);
    assert.equal(active, 0);
    assert.deepEqual(seen, ['a', 'b']);
  });
});
