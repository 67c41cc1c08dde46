/**
 * A clock that runs faster than the machine's, so that minutes of resyncs, looks and deadlines pass
 * in seconds. What waits for others, sockets and processes, does not get faster: keep the pace low.
 */
import type { Clock } from '#operator/kube/ports.ts';

export function fastClock(pace: number): Clock {
  const startMs = Date.now();
  const startMonotonicMs = performance.now();
  const passedMs = (): number => (performance.now() - startMonotonicMs) * pace;
  return {
    nowMs: () => startMs + passedMs(),
    monotonicMs: passedMs,
    setTimer(delayMs, callback) {
      const timer = setTimeout(callback, delayMs / pace);
      return () => clearTimeout(timer);
    },
  };
}
