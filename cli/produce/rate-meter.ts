/**
 * How fast something has been going lately: a count over a window of a few seconds.
 */
const windowMs = 3_000;
const sampleEveryMs = 100;

export interface RateMeter {
  /** Notes the count so far at a moment of a clock that never goes back. */
  note(count: number, atMs: number): void;
  /** Per second over the last few seconds; null before there is anything to compare. */
  perSecond(): number | null;
}

/** Holds some thirty samples, however often it is told. */
export function createRateMeter(): RateMeter {
  const samples: { readonly count: number; readonly atMs: number }[] = [];
  let newest = { count: 0, atMs: 0 };
  return {
    note(count, atMs) {
      newest = { count, atMs };
      const last = samples.at(-1);
      if (last !== undefined && atMs - last.atMs < sampleEveryMs) return;
      samples.push(newest);
      while (samples.length > 2 && atMs - (samples[1]?.atMs ?? atMs) >= windowMs) samples.shift();
    },
    perSecond() {
      const oldest = samples[0];
      if (oldest === undefined || newest.atMs <= oldest.atMs) return null;
      return ((newest.count - oldest.count) * 1000) / (newest.atMs - oldest.atMs);
    },
  };
}
