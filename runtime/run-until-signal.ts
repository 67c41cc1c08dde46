/**
 * The life of a process between `start` and its exit code (rule L4). The first SIGTERM or SIGINT
 * begins the orderly stop, a second one ends the process at once. What nobody caught ends it too:
 * after an unhandled error no promise about the state holds.
 */
import { exitCodeOf, exitCodeOfSignal, exitCodes } from './exit-codes.ts';
import { type Lifecycle, StoppingError } from './lifecycle.ts';
import type { Logger } from './logger.ts';

export type EndSignal = 'SIGTERM' | 'SIGINT';

/** The part of Node's `process` that is needed here. */
export interface ProcessLike {
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
  exit(code: number): unknown;
}

export interface RunOptions {
  readonly logger: Logger;
  /** Node's `process`, or a stand-in. */
  readonly process: ProcessLike;
  /** Default both. */
  readonly signals?: readonly EndSignal[];
}

/**
 * Runs `start` (everything it starts goes through the lifecycle), then waits for a signal or for
 * `lifecycle.stop` or `fail`. Resolves with the exit code after the orderly stop: 0 when asked to
 * end and all steps stopped in time, 1 when some did not, else that of the error. The caller exits
 * with it. Never rejects.
 */
export async function runUntilSignal(
  lifecycle: Lifecycle,
  start: () => Promise<void>,
  options: RunOptions,
): Promise<number> {
  const { logger, process } = options;
  let signalsSeen = 0;
  const listeners = new Map<string, (...values: unknown[]) => void>();

  for (const signal of options.signals ?? (['SIGTERM', 'SIGINT'] as const)) {
    listeners.set(signal, () => {
      signalsSeen++;
      if (signalsSeen === 1) {
        void lifecycle.stop(signal);
      } else {
        logger.warn({ signal }, 'second signal, exiting at once');
        process.exit(exitCodeOfSignal(signal));
      }
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    listeners.set(event, (error) => {
      logger.fatal({ event, err: error }, 'unhandled error, exiting');
      process.exit(exitCodes.failure);
    });
  }
  for (const [event, listener] of listeners) {
    process.on(event, listener);
  }
  try {
    // Whatever the start is waiting for, it does not outlast the stop.
    await Promise.race([start(), lifecycle.stopped]);
  } catch (error) {
    // A start that the stop overtook is not a failure; what began the stop decides.
    if (!(error instanceof StoppingError)) {
      await lifecycle.fail(error);
    }
  }
  const outcome = await lifecycle.stopped;
  for (const [event, listener] of listeners) {
    process.off(event, listener);
  }
  logger.info({ reason: outcome.reason, troubled: outcome.troubled }, 'stopped');
  if (outcome.error !== undefined) {
    return exitCodeOf(outcome.error);
  }
  return outcome.troubled.length === 0 ? exitCodes.ok : exitCodes.failure;
}
