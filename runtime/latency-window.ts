/**
 * How fast, lately: p50, p99 and rate of the last requests for `/status`, in a fixed amount of
 * memory. Exact over the newest samples, where a histogram would only know its buckets.
 */

export interface LatencySummary {
  /** Over the newest samples that are within the window. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all calls of the window's whole seconds, also those whose samples were overwritten. */
  readonly perSecond: number;
  /** Samples behind p50 and p99. */
  readonly samples: number;
}

/** What one window knows, to be put together with others. */
export interface LatencySamples {
  /** The newest within the window, in no order. */
  readonly latenciesMs: Float64Array;
  readonly perSecond: number;
}

export interface LatencyWindowOptions {
  /** Samples kept; older ones are overwritten. 16 bytes each. Default 4,096. */
  readonly samplesMax?: number;
  /** Samples older than this do not count. Default 10. */
  readonly windowSeconds?: number;
}

export interface LatencyWindow {
  /** Takes no memory and no lock: two stores and an addition. */
  record(nowMs: number, latencyMs: number): void;
  /** A copy of the window. */
  recent(nowMs: number): LatencySamples;
  /** Sorts a copy of the window. All zero when nothing was recorded within it. */
  summarize(nowMs: number): LatencySummary;
}

/** Of several windows of the same time, as if they were one. */
export function summarize(windows: readonly LatencySamples[]): LatencySummary {
  const all = new Float64Array(windows.reduce((sum, one) => sum + one.latenciesMs.length, 0));
  let at = 0;
  for (const { latenciesMs } of windows) {
    all.set(latenciesMs, at);
    at += latenciesMs.length;
  }
  all.sort();
  return {
    p50Ms: quantile(all, 0.5),
    p99Ms: quantile(all, 0.99),
    perSecond: windows.reduce((sum, { perSecond }) => sum + perSecond, 0),
    samples: all.length,
  };
}

/** `nowMs` of all calls is one monotonic clock's. */
export function createLatencyWindow(options: LatencyWindowOptions = {}): LatencyWindow {
  const samplesMax = options.samplesMax ?? 4_096;
  const windowSeconds = options.windowSeconds ?? 10;
  const latenciesMs = new Float64Array(samplesMax);
  const timesMs = new Float64Array(samplesMax).fill(-Infinity);
  // One slot more than the window: the running second is counted but not yet part of the rate.
  const slots = windowSeconds + 1;
  const slotCounts = new Float64Array(slots);
  const slotSeconds = new Float64Array(slots).fill(-Infinity);
  let next = 0;
  let firstSecond = Infinity;

  const recent = (nowMs: number): LatencySamples => {
    const oldestMs = nowMs - windowSeconds * 1000;
    const thisSecond = Math.floor(nowMs / 1000);
    const calls = slotCounts.reduce((sum, count, slot) => {
      const age = thisSecond - (slotSeconds[slot] ?? 0);
      return age >= 1 && age <= windowSeconds ? sum + count : sum;
    }, 0);
    return {
      latenciesMs: latenciesMs.filter((_, at) => (timesMs[at] ?? 0) >= oldestMs),
      perSecond: calls / Math.min(windowSeconds, Math.max(1, thisSecond - firstSecond)),
    };
  };

  return {
    recent,
    record(nowMs, latencyMs) {
      latenciesMs[next] = latencyMs;
      timesMs[next] = nowMs;
      next = next + 1 === samplesMax ? 0 : next + 1;
      const second = Math.floor(nowMs / 1000);
      firstSecond = Math.min(firstSecond, second);
      const slot = second % slots;
      if (slotSeconds[slot] !== second) {
        slotSeconds[slot] = second;
        slotCounts[slot] = 0;
      }
      slotCounts[slot] = (slotCounts[slot] ?? 0) + 1;
    },

    summarize: (nowMs) => summarize([recent(nowMs)]),
  };
}

/** The smallest value that at least `fraction` of the sorted values do not exceed; 0 if none. */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  const rank = Math.max(1, Math.ceil(fraction * sorted.length));
  return sorted[rank - 1] ?? 0;
}
