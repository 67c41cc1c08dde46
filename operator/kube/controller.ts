/**
 * Workers that take keys from a queue and reconcile them, one worker a key at a time. What an error
 * means for the key is decided here and nowhere else.
 */
import type { Random } from './backoff.ts';
import { KubeError } from './errors.ts';
import type { KubeMetrics } from './metrics.ts';
import type { Clock, Controller, Log, Reconcile, WorkQueue } from './ports.ts';
import { createWorkQueue } from './work-queue.ts';

export interface ControllerOptions {
  /** Of its metrics and log lines. */
  readonly name: string;
  readonly reconcile: Reconcile;
  /** Keys worked on at the same time; default 4. */
  readonly workers?: number | undefined;
  /** Default: one of its own. */
  readonly queue?: WorkQueue | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: KubeMetrics;
}

const workersDefault = 4;

export function createController(options: ControllerOptions): Controller {
  const { name, log, metrics, clock } = options;
  const queue = options.queue ?? createWorkQueue(options);
  const workers = options.workers ?? workersDefault;

  const handle = async (key: string, signal: AbortSignal): Promise<void> => {
    const startedMs = clock.monotonicMs();
    metrics.activeWorkers.add(1, name);
    try {
      const result = await options.reconcile(key, signal);
      queue.forget(key);
      if (result?.requeueAfterMs === undefined) {
        metrics.reconciles.add(1, name, 'success');
      } else {
        metrics.reconciles.add(1, name, 'requeue_after');
        queue.addAfter(key, result.requeueAfterMs);
      }
    } catch (error) {
      if (signal.aborted) return;
      metrics.reconciles.add(1, name, 'error');
      metrics.reconcileErrors.add(1, name);
      requeue(queue, key, error);
      const fields = { controller: name, key, retries: queue.retries(key) };
      log.warn({ ...fields, ...shown(error) }, 'reconcile failed');
    } finally {
      metrics.activeWorkers.add(-1, name);
      metrics.reconcileSeconds.observe((clock.monotonicMs() - startedMs) / 1000, name);
      queue.done(key);
    }
  };

  const work = async (signal: AbortSignal): Promise<void> => {
    for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
      await handle(key, signal);
    }
  };

  return {
    queue,
    async run(signal) {
      metrics.workersMax.set(workers, name);
      const stop = (): void => queue.stop();
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      await Promise.all(Array.from({ length: workers }, () => work(signal)));
    },
  };
}

/**
 * Every error brings the key back, for the world may change without telling us; one that says when
 * is believed. `never` means that hurrying cannot help, and its back-off soon reaches the ceiling.
 */
function requeue(queue: WorkQueue, key: string, error: unknown): void {
  queue.addRateLimited(key, error instanceof KubeError ? error.retryAfterMs : undefined);
}

/** For the log: a bug takes a stack; what was foreseen says it all in its sentence. */
function shown(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof KubeError
    ? { code: error.code, error: error.message }
    : { err: error instanceof Error ? error : new Error(String(error)) };
}
