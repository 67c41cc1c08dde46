/**
 * The order, the limits and the failures of starting and stopping.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from './clock.ts';
import { createLifecycle, type Lifecycle, StoppingError } from './lifecycle.ts';
import { silentLogger } from './logger.ts';

function create(stopTimeoutMs = 10_000): Lifecycle {
  return createLifecycle({ logger: silentLogger, clock: systemClock, stopTimeoutMs });
}

const never = new Promise<never>(() => {});

describe('createLifecycle', () => {
  it('stops in reverse order, each step once, however often it is asked', async () => {
    const events: string[] = [];
    const lifecycle = create();
    for (const name of ['one', 'two', 'three']) {
      const made = await lifecycle.start(
        name,
        () => `${name}!`,
        (started) => events.push(`stop ${started}`),
      );
      assert.equal(made, `${name}!`);
    }
    const outcomes = await Promise.all([lifecycle.stop('first'), lifecycle.stop('second')]);
    await lifecycle.stop('third');
    assert.deepEqual(events, ['stop three!', 'stop two!', 'stop one!']);
    assert.deepEqual(outcomes[0], { reason: 'first', error: undefined, troubled: [] });
    assert.equal(outcomes[1], outcomes[0]);
    assert.equal(await lifecycle.stopped, outcomes[0]);
  });

  it('waits for one step before it stops the next', async () => {
    const events: string[] = [];
    const lifecycle = create();
    await lifecycle.start(
      'first',
      () => 1,
      () => events.push('first'),
    );
    const slow = Promise.withResolvers<void>();
    await lifecycle.start(
      'slow',
      () => 2,
      async () => {
        await slow.promise;
        events.push('slow');
      },
    );
    const stopped = lifecycle.stop('asked');
    await new Promise(setImmediate);
    assert.deepEqual(events, []);
    slow.resolve();
    await stopped;
    assert.deepEqual(events, ['slow', 'first']);
  });

  it('a failure while starting stops what had started and is thrown on', async () => {
    const events: string[] = [];
    const lifecycle = create();
    const broken = new Error('broken');
    await lifecycle.start(
      'one',
      () => 1,
      () => events.push('stop one'),
    );
    const start = lifecycle.start(
      'two',
      () => Promise.reject(broken),
      () => events.push('stop two'),
    );
    await assert.rejects(start, broken);
    assert.deepEqual(events, ['stop one']);
    const outcome = await lifecycle.stopped;
    assert.equal(outcome.error, broken);
    assert.equal(outcome.reason, 'two: broken');
    await assert.rejects(
      lifecycle.start(
        'three',
        () => 3,
        () => {},
      ),
      StoppingError,
    );
  });

  it('goes on past a step that fails or exceeds its limit, and names it', async () => {
    const events: string[] = [];
    const lifecycle = create();
    await lifecycle.start(
      'good',
      () => 1,
      () => events.push('good'),
    );
    await lifecycle.start(
      'hangs',
      () => 2,
      () => never,
      { stopTimeoutMs: 5 },
    );
    await lifecycle.start(
      'throws',
      () => 3,
      () => {
        throw new Error('no');
      },
    );
    const outcome = await lifecycle.stop('asked');
    assert.deepEqual(events, ['good']);
    assert.deepEqual(outcome.troubled, ['throws', 'hangs']);
  });

  it('a stop during a start aborts its signal and stops what it still makes', async () => {
    const events: string[] = [];
    const lifecycle = create();
    const start = lifecycle.start(
      'replay',
      async (signal) => {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
        return 'made';
      },
      (made) => events.push(`stop ${made}`),
    );
    const rejected = assert.rejects(start, StoppingError);
    await lifecycle.stop('asked');
    await rejected;
    assert.deepEqual(events, ['stop made']);
  });

  it('a start that ignores the signal cannot hold up the stop', async () => {
    const lifecycle = create(5);
    const rejected = assert.rejects(
      lifecycle.start(
        'deaf',
        () => never,
        () => {},
      ),
      StoppingError,
    );
    const outcome = await lifecycle.stop('asked');
    await rejected;
    assert.deepEqual(outcome.troubled, ['deaf']);
  });

  it('fail decides the outcome only when nothing else began the stop', async () => {
    const error = new Error('reset');
    const failed = create();
    assert.equal((await failed.fail(error)).error, error);
    const asked = create();
    const first = asked.stop('SIGTERM');
    await asked.fail(error);
    assert.equal((await first).error, undefined);
  });
});
