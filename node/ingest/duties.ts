/**
 * Things to be done now and then beside the real work. Which are due is judged by the injected
 * clock; a duty that takes long delays no other and is never run twice at once.
 */
import type { Clock } from '#runtime/clock.ts';

export interface Duty {
  /** Milliseconds between two starts, asked at every tick; 0 for as soon as possible. */
  readonly intervalMs: () => number;
  readonly run: () => void | Promise<void>;
}

export interface Duties {
  /** No duty starts after this. One that is under way ends when it ends. */
  stop(): void;
}

/**
 * Looks every `tickMs` for duties that are due, first `intervalMs` from now. A duty that throws or
 * rejects is handed to `onError` and runs again when it is due.
 */
export function startDuties(
  duties: readonly Duty[],
  options: {
    readonly clock: Clock;
    readonly tickMs: number;
    readonly onError: (error: unknown) => void;
  },
): Duties {
  const { clock, tickMs, onError } = options;
  const startedAtMs = duties.map(() => clock.monotonicMs());
  const running = new Set<number>();

  async function run(index: number, duty: Duty): Promise<void> {
    running.add(index);
    try {
      await duty.run();
    } catch (error) {
      onError(error);
    } finally {
      running.delete(index);
    }
  }

  const timer = setInterval(() => {
    const nowMs = clock.monotonicMs();
    for (const [index, duty] of duties.entries()) {
      if (running.has(index) || nowMs - (startedAtMs[index] ?? 0) < duty.intervalMs()) continue;
      startedAtMs[index] = nowMs;
      void run(index, duty);
    }
  }, tickMs);
  return { stop: () => clearInterval(timer) };
}
