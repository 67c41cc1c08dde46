/** Long work of this thread in pieces, so that whatever else it serves has its turns in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '#runtime/clock.ts';

/** Of one turn of the event loop, milliseconds. */
const pieceMsMax = 2;

/** Answers what `steps` return in the end; each step should take well under a millisecond. */
export async function inTurns<T>(
  steps: Generator<undefined, T, undefined>,
  clock: Clock,
): Promise<T> {
  for (;;) {
    const untilMs = clock.monotonicMs() + pieceMsMax;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (clock.monotonicMs() < untilMs);
    await nextTurn();
  }
}
