/**
 * Starting and stopping in order. What was started last is stopped first, each exactly once, each
 * within a time limit; a failure while starting stops what had started.
 *
 *     starting / running --stop(), fail() or a failed start--> stopping --every step done--> stopped
 */
import type { Clock } from './clock.ts';
import { messageOf, ThunderError } from './errors.ts';
import type { Logger } from './logger.ts';

/** Longest that one stop step may take unless it asks for more (a drain, a snapshot being sent). */
export const defaultStopTimeoutMs = 15_000;

export interface LifecycleOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** For steps that name no limit of their own; default `defaultStopTimeoutMs`. */
  readonly stopTimeoutMs?: number;
}

export interface StepOptions {
  readonly stopTimeoutMs?: number;
}

export interface StopOutcome {
  /** As given to `stop`, or the message of the error. */
  readonly reason: string;
  /** What ended the process, when it was not asked to end. */
  readonly error: unknown;
  /** The names of steps that failed to stop, or did not stop in time. */
  readonly troubled: readonly string[];
}

/** What starts and loops see once the process is ending. */
export class StoppingError extends ThunderError {
  constructor(message: string) {
    super(message, { code: 'STOPPING', retry: 'never' });
  }
}

export interface Lifecycle {
  /**
   * Starts one thing and remembers how to stop it; answers what `startIt` made. If `startIt`
   * fails, everything started before is stopped and the error is thrown on. While the process is
   * stopping it throws StoppingError, after having stopped what `startIt` made.
   */
  start<T>(
    name: string,
    startIt: (signal: AbortSignal) => T | Promise<T>,
    stopIt: (started: T) => unknown,
    options?: StepOptions,
  ): Promise<T>;
  /** Begins the orderly stop, or joins the one under way. Never rejects. */
  stop(reason: string): Promise<StopOutcome>;
  /** The same, because of an error that the process cannot outlive; decides the exit code. */
  fail(error: unknown): Promise<StopOutcome>;
  /** Aborted when the stop begins: long starts and loops watch it. */
  readonly signal: AbortSignal;
  /** Settles when everything is stopped. */
  readonly stopped: Promise<StopOutcome>;
}

interface Step {
  readonly name: string;
  readonly stopTimeoutMs: number;
  /** Waits for the start if it is still under way; nothing to stop if that failed. */
  readonly stop: () => Promise<void>;
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { logger, clock } = options;
  const steps: Step[] = [];
  const stopping = new AbortController();
  const done = Promise.withResolvers<StopOutcome>();

  const stopStep = async (step: Step, troubled: string[]): Promise<void> => {
    const fields = { step: step.name };
    const startedMs = clock.monotonicMs();
    const limit = timeLimit(step.stopTimeoutMs);
    try {
      const outcome = await Promise.race([step.stop(), limit.reached]);
      const durationMs = Math.round(clock.monotonicMs() - startedMs);
      if (outcome === limitReached) {
        troubled.push(step.name);
        logger.error(
          { ...fields, limitMs: step.stopTimeoutMs },
          'stop step exceeded its time limit',
        );
      } else {
        logger.debug({ ...fields, durationMs }, 'stopped');
      }
    } catch (error) {
      troubled.push(step.name);
      logger.error({ ...fields, ...shown(error) }, 'stop step failed');
    } finally {
      limit.cancel();
    }
  };

  const stopAll = async (reason: string, error: unknown): Promise<void> => {
    const troubled: string[] = [];
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      await stopStep(step, troubled);
    }
    done.resolve({ reason, error, troubled });
  };

  const begin = (reason: string, error: unknown): Promise<StopOutcome> => {
    if (!stopping.signal.aborted) {
      stopping.abort(new StoppingError('the process is stopping'));
      logger.info({ reason }, 'stopping');
      void stopAll(reason, error);
    } else if (error !== undefined) {
      logger.warn(shown(error), 'error while stopping');
    }
    return done.promise;
  };

  return {
    async start(name, startIt, stopIt, stepOptions) {
      if (stopping.signal.aborted) {
        throw tooLate(name);
      }
      const starting = (async () => startIt(stopping.signal))();
      steps.push({
        name,
        stopTimeoutMs: stepOptions?.stopTimeoutMs ?? options.stopTimeoutMs ?? defaultStopTimeoutMs,
        stop: async () => {
          const [result] = await Promise.allSettled([starting]);
          if (result.status === 'fulfilled') {
            await stopIt(result.value);
          }
        },
      });
      const startedMs = clock.monotonicMs();
      // A start that ignores the signal must not outlast the stop.
      const settled = await Promise.race([Promise.allSettled([starting]), done.promise]);
      if (!Array.isArray(settled) || stopping.signal.aborted) {
        await done.promise;
        throw tooLate(name);
      }
      const [result] = settled;
      if (result.status === 'rejected') {
        logger.error({ step: name, ...shown(result.reason) }, 'start failed');
        await begin(`${name}: ${messageOf(result.reason)}`, result.reason);
        throw result.reason;
      }
      const durationMs = Math.round(clock.monotonicMs() - startedMs);
      logger.debug({ step: name, durationMs }, 'started');
      return result.value;
    },
    stop: (reason) => begin(reason, undefined),
    fail: (error) => begin(messageOf(error), error),
    signal: stopping.signal,
    stopped: done.promise,
  };
}

/** For the log: where a bug is takes a stack; what was foreseen says it all in its sentence. */
function shown(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof ThunderError ? { error: error.message } : { err: error };
}

function tooLate(name: string): StoppingError {
  return new StoppingError(`${name} was not started: the process is stopping`);
}

const limitReached = Symbol('limit reached');

function timeLimit(limitMs: number): {
  readonly reached: Promise<typeof limitReached>;
  readonly cancel: () => void;
} {
  const { promise, resolve } = Promise.withResolvers<typeof limitReached>();
  const timer = setTimeout(() => {
    resolve(limitReached);
  }, limitMs);
  return {
    reached: promise,
    cancel: () => {
      clearTimeout(timer);
    },
  };
}
