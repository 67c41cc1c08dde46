/**
 * Patience with an API server at the start: for what passes, for so long, and for nothing else.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apiServerWaitMsMax } from './bounds.ts';
import { KubeError, type KubeErrorCode } from './kube/errors.ts';
import { silentLog } from './kube/silent-log.ts';
import { untilAnswered } from './preflight.ts';

describe('questions at the start', () => {
  it('are asked again while the server is away or not ready yet, and answered then', async () => {
    const passing: KubeErrorCode[] = ['CONNECTION', 'TIMEOUT', 'SERVER', 'TOO_MANY_REQUESTS'];
    const { ask, options } = arrange(passing);
    assert.equal(await untilAnswered(ask, options, new AbortController().signal), 'answer');
  });

  it('end at once with what only a person can mend', async () => {
    for (const code of ['FORBIDDEN', 'UNAUTHORIZED', 'CONFIGURATION'] as const) {
      const { ask, options, asked } = arrange([code]);
      await assert.rejects(untilAnswered(ask, options, new AbortController().signal), { code });
      assert.equal(asked(), 1);
    }
  });

  it('end with the last word of a server that does not come back', async () => {
    const { ask, options, clock } = arrange(Array.from({ length: 10_000 }, () => 'CONNECTION'));
    await assert.rejects(untilAnswered(ask, options, new AbortController().signal), {
      code: 'CONNECTION',
    });
    assert.ok(clock.monotonicMs() >= apiServerWaitMsMax);
    assert.ok(clock.monotonicMs() < apiServerWaitMsMax + 10_000);
  });

  it('end with the signal', async () => {
    const { ask, options } = arrange(['CONNECTION']);
    await assert.rejects(untilAnswered(ask, options, AbortSignal.abort()), { code: 'CONNECTION' });
  });
});

/** A server that fails so, and then answers; time passes as soon as somebody waits for it. */
function arrange(failures: readonly KubeErrorCode[]) {
  let asked = 0;
  let passedMs = 0;
  const clock = {
    nowMs: () => passedMs,
    monotonicMs: () => passedMs,
    setTimer(delayMs: number, callback: () => void) {
      passedMs += delayMs;
      queueMicrotask(callback);
      return () => undefined;
    },
  };
  return {
    clock,
    asked: () => asked,
    options: { clock, random: () => 0.5, log: silentLog },
    ask: (): Promise<string> => {
      const code = failures[asked];
      asked += 1;
      return code === undefined
        ? Promise.resolve('answer')
        : Promise.reject(new KubeError(code, 'no'));
    },
  };
}
