/** The queue against what it promises, for random orders of adds, takes and time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { ManualClock, settle } from './manual-clock.ts';
import { createKubeMetrics } from './metrics.ts';
import { createWorkQueue, type WorkQueueOptions } from './work-queue.ts';

function arrange(options: Partial<WorkQueueOptions> = {}) {
  const clock = new ManualClock();
  const metrics = createKubeMetrics();
  const queue = createWorkQueue({
    name: 'q',
    clock,
    random: () => 1,
    metrics,
    backoff: { firstMs: 100, ceilingMs: 1_000 },
    ...options,
  });
  const taken: string[] = [];
  const take = (): void => {
    void queue.next().then((key) => taken.push(key ?? 'stopped'));
  };
  return { clock, metrics, queue, taken, take };
}

const action = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), key: fc.integer({ min: 0, max: 3 }) }),
  fc.record({
    kind: fc.constant('after' as const),
    key: fc.integer({ min: 0, max: 3 }),
    ms: fc.integer({ min: 0, max: 500 }),
  }),
  fc.record({ kind: fc.constant('fail' as const), key: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('done' as const), which: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 300 }) }),
);

describe('a work queue', () => {
  it('hands every added key out, never one to two workers, whatever the order of things', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const { clock, queue } = arrange();
        const problems: string[] = [];
        const working = new Set<string>();
        /** Added since they were last handed out. */
        const owed = new Set<string>();
        const take = (): void => {
          void queue.next().then((key) => {
            if (key === undefined) return;
            if (working.has(key)) problems.push(`${key} was handed out twice`);
            if (!owed.has(key)) problems.push(`${key} was handed out, and nobody had added it`);
            owed.delete(key);
            working.add(key);
          });
        };
        for (const one of actions) {
          const key = 'key' in one ? `k${one.key}` : '';
          if (one.kind !== 'take' && one.kind !== 'done' && one.kind !== 'wait') owed.add(key);
          if (one.kind === 'add') queue.add(key);
          if (one.kind === 'after') queue.addAfter(key, one.ms);
          if (one.kind === 'fail') queue.addRateLimited(key);
          if (one.kind === 'take') take();
          if (one.kind === 'wait') await clock.advance(one.ms);
          if (one.kind === 'done') {
            const finished = [...working][one.which];
            if (finished !== undefined) {
              working.delete(finished);
              queue.done(finished);
            }
          }
          await settle();
        }
        // In the end everybody works and all delays pass: nothing may be left over.
        for (let round = 0; round < 10; round++) {
          for (let worker = 0; worker < 5; worker++) take();
          await clock.advance(2_000);
          for (const key of working) queue.done(key);
          working.clear();
        }
        assert.deepEqual(problems, []);
        assert.deepEqual([...owed], []);
        assert.equal(clock.timers, 0);
        queue.stop();
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the earliest of several delays, and forgets them when the key comes sooner', async () => {
    const { clock, queue, taken, take } = arrange();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    take();
    await clock.advance(199);
    assert.deepEqual(taken, []);
    await clock.advance(1);
    assert.deepEqual(taken, ['a']);
    queue.done('a');
    queue.addAfter('b', 500);
    queue.add('b');
    take();
    await settle();
    assert.deepEqual(taken, ['a', 'b']);
    assert.equal(clock.timers, 0);
  });

  it('lets a failing key wait twice as long each time, up to the ceiling, until it does well', async () => {
    const { clock, queue, taken, take, metrics } = arrange();
    for (const waitMs of [100, 200, 400, 800, 1_000, 1_000]) {
      queue.addRateLimited('a');
      take();
      await clock.advance(waitMs - 1);
      assert.deepEqual(taken, []);
      await clock.advance(1);
      assert.deepEqual(taken.splice(0), ['a']);
      queue.done('a');
    }
    assert.equal(queue.retries('a'), 6);
    assert.equal(metrics.queueRetries.get('q'), 6);
    queue.forget('a');
    queue.addRateLimited('a', 350);
    take();
    await clock.advance(349);
    assert.deepEqual(taken, []);
    await clock.advance(1);
    assert.deepEqual(taken, ['a']);
  });

  it('counts what waits and for how long', async () => {
    const { clock, queue, metrics, take } = arrange();
    queue.add('a');
    queue.add('b');
    queue.add('a');
    assert.equal(queue.depth, 2);
    assert.equal(metrics.queueDepth.get('q'), 2);
    assert.equal(metrics.queueAdds.get('q'), 2);
    await clock.advance(500);
    take();
    await clock.advance(1_000);
    take();
    await clock.advance(2_000);
    const valueOf = (family: { samples(): { value: number }[] }): unknown =>
      family.samples()[0]?.value;
    assert.equal(valueOf(metrics.unfinishedSeconds), 5);
    assert.equal(valueOf(metrics.longestSeconds), 3);
    queue.done('a');
    const sumOf = (family: { samples(): { name: string; value: number }[] }): unknown =>
      family.samples().find(({ name }) => name.endsWith('_sum'))?.value;
    assert.equal(sumOf(metrics.queueSeconds), 2);
    assert.equal(sumOf(metrics.workSeconds), 3);
    queue.stop();
    assert.deepEqual(metrics.longestSeconds.samples(), []);
  });

  it('refuses more keys than it may hold, and a key that nobody has', () => {
    const { queue } = arrange({ keysMax: 2 });
    queue.add('a');
    queue.addAfter('b', 10);
    queue.add('a');
    assert.throws(() => queue.add('c'), /holds its 2 keys/);
    assert.throws(() => queue.addAfter('c', 10), /holds its 2 keys/);
    assert.throws(() => queue.done('a'), /nobody had it/);
  });

  it('lets workers go when it is stopped, and drops what waits', async () => {
    const { clock, queue, taken, take } = arrange();
    take();
    queue.addAfter('a', 100);
    queue.stop();
    await settle();
    assert.deepEqual(taken, ['stopped']);
    assert.equal(clock.timers, 0);
    queue.add('b');
    take();
    await settle();
    assert.deepEqual(taken, ['stopped', 'stopped']);
  });
});
