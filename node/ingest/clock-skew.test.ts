/**
 * How a clock that is wrong is told from records that are late.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClockSkew } from './clock-skew.ts';
import { clockSkewMsMax, clockSkewWindowMs } from './ingest-limits.ts';

function setUp() {
  const time = { wallMs: 1_700_000_000_000, monotonicMs: 5 };
  const clock = { nowMs: () => time.wallMs, monotonicMs: () => time.monotonicMs };
  const pass = (milliseconds: number): void => {
    time.wallMs += milliseconds;
    time.monotonicMs += milliseconds;
  };
  return { time, pass, skew: new ClockSkew(clock) };
}

describe('the skew of the clock', () => {
  it('is unknown before any record with a stamp', () => {
    const { skew } = setUp();
    skew.noted(-1);
    assert.equal(skew.skewMs, null);
    assert.equal(skew.sentence, '');
  });

  it('shows as soon as the clock is set, either way, without another record', () => {
    const { time, pass, skew } = setUp();
    skew.noted(time.wallMs);
    pass(60_000);
    assert.equal(skew.skewMs, 0);
    time.wallMs -= 10_000;
    assert.equal(skew.skewMs, -10_000);
    assert.match(skew.sentence, /clock is 10 s behind/);
    time.wallMs += 10_000 + clockSkewMsMax;
    assert.equal(skew.sentence, '');
    time.wallMs += 1_000;
    assert.match(skew.sentence, /clock is 3 s ahead/);
  });

  it('is that of the record that was least late, as long as one is remembered', () => {
    const { time, pass, skew } = setUp();
    skew.noted(time.wallMs - 100);
    skew.noted(time.wallMs - 9_000);
    assert.equal(skew.skewMs, 100);
    for (let window = 0; window < 2; window += 1) {
      pass(clockSkewWindowMs + 1);
      skew.noted(time.wallMs - 9_000);
    }
    assert.equal(skew.skewMs, 9_000, 'all are late now');
  });
});
