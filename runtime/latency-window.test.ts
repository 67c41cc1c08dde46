/**
 * The window against sorting and counting by hand.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { createLatencyWindow } from './latency-window.ts';

describe('createLatencyWindow', () => {
  it('agrees with sorting the newest samples of the window', () => {
    const call = fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      latencyMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 80 }), (calls) => {
        const window = createLatencyWindow({ samplesMax: 32, windowSeconds: 5 });
        let nowMs = 1_000_000;
        const recorded = calls.map(({ afterMs, latencyMs }) => {
          nowMs += afterMs;
          window.record(nowMs, latencyMs);
          return { atMs: nowMs, latencyMs };
        });
        const expected = recorded
          .slice(-32)
          .filter(({ atMs }) => atMs >= nowMs - 5_000)
          .map(({ latencyMs }) => latencyMs)
          .toSorted((one, other) => one - other);
        const at = (fraction: number): number =>
          expected[Math.max(0, Math.ceil(fraction * expected.length) - 1)] ?? 0;
        const { p50Ms, p99Ms, samples } = window.summarize(nowMs);
        assert.deepEqual(
          { p50Ms, p99Ms, samples },
          { p50Ms: at(0.5), p99Ms: at(0.99), samples: expected.length },
        );
      }),
    );
  });

  it('counts the rate of whole seconds, beyond the samples it keeps', () => {
    const window = createLatencyWindow({ samplesMax: 8, windowSeconds: 10 });
    for (let ms = 0; ms < 20_000; ms += 10) {
      window.record(ms, 1);
    }
    assert.equal(window.summarize(20_000).perSecond, 100);
    assert.equal(window.summarize(19_995).perSecond, 100, 'the running second does not count');
    assert.equal(window.summarize(25_000).perSecond, 50);
    assert.deepEqual(window.summarize(60_000), { p50Ms: 0, p99Ms: 0, perSecond: 0, samples: 0 });
  });

  it('knows the rate before the window is full, and is zero when nothing came', () => {
    const window = createLatencyWindow();
    assert.deepEqual(window.summarize(5), { p50Ms: 0, p99Ms: 0, perSecond: 0, samples: 0 });
    for (let ms = 0; ms < 2_000; ms += 100) {
      window.record(ms, 1);
    }
    assert.equal(window.summarize(2_000).perSecond, 10);
  });
});
