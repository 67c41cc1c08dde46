/**
 * Serving threads, seen from the main thread: they listen on one port, of which the kernel gives each
 * its share of the connections. A thread that ends before it is told to ends the process.
 */
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { ConfigurationError } from '#runtime/errors.ts';
import { createLatencyWindow, type LatencySummary, summarize } from '#runtime/latency-window.ts';
import type { Lifecycle } from '#runtime/lifecycle.ts';
import { addValues } from '#runtime/metric-cells.ts';
import { type Front, finishCallsMs } from './front.ts';
import type {
  FromFrontThread,
  FrontReport,
  FrontThreadData,
  ToFrontThread,
} from './front-messages.ts';
import { frontCells, type ServingMetrics } from './metrics.ts';
import { unitsInFlight } from './serve/admission.ts';
import { describeListenError } from './serve/grpc-server.ts';
import type { ServingSettings } from './settings/serving-settings.ts';
import type { StoreMemory } from './store/columns/store-memory.ts';

/** How long a thread may take to say what it has measured; then what it said last counts. */
const reportMs = 1_000;

export interface FrontThreadsOptions {
  readonly settings: ServingSettings;
  readonly memory: StoreMemory;
  readonly admissionWords: Int32Array;
  readonly factsMemory: Float64Array;
  readonly threads: number;
  /** The process's: what the threads measured is put here. */
  readonly metrics: ServingMetrics;
  readonly lifecycle: Lifecycle;
}

export interface FrontThreads extends Front {
  /** Asks every thread what it has measured, and puts the sums into the metrics. */
  collect(): Promise<void>;
  /** As of the last `collect`. */
  latencies(): LatencySummary;
}

/** Rejects with ConfigurationError for files or ports that cannot be used. */
export async function startFrontThreads(options: FrontThreadsOptions): Promise<FrontThreads> {
  const { settings, memory, admissionWords, factsMemory, lifecycle, metrics, threads } = options;
  const port = await freePort(settings.grpcHost, settings.grpcPort);
  const start = (reader: number): Promise<FrontThread> =>
    lifecycle.start(
      `serving thread ${reader}`,
      () =>
        FrontThread.start(
          { settings, memory, admissionWords, factsMemory, port, reader },
          lifecycle,
        ),
      (thread) => thread.stop('the process is stopping'),
      { stopTimeoutMs: finishCallsMs + 3_000 },
    );
  // The first alone: what is wrong with the settings is then said once.
  const first = await start(0);
  const others = Array.from({ length: threads - 1 }, (_, index) => start(index + 1));
  const started = [first, ...(await Promise.all(others))];
  const reports: (FrontReport | null)[] = started.map(() => null);
  return {
    port,
    setServing(serving) {
      for (const thread of started) thread.say({ kind: 'serving', serving });
    },
    async collect() {
      await Promise.all(
        started.map(async (thread, index) => {
          reports[index] = (await thread.report()) ?? reports[index]!;
        }),
      );
      addValues(
        metrics,
        frontCells,
        reports.flatMap((report) => (report === null ? [] : [report.cells])),
      );
      metrics.inFlightUnits.value = unitsInFlight(admissionWords);
    },
    latencies: () => summarize(reports.map((report) => report?.latencies ?? noSamples)),
  };
}

const noSamples = createLatencyWindow({ samplesMax: 1 }).recent(0);

class FrontThread {
  readonly #worker: Worker;
  #waiting: ((report: FrontReport | null) => void)[] = [];
  readonly #stopped = Promise.withResolvers<void>();
  #isStopping = false;

  private constructor(data: FrontThreadData) {
    this.#worker = new Worker(new URL('./front-thread.ts', import.meta.url), { workerData: data });
  }

  /** Resolves when the thread listens. Later failures end the lifecycle. */
  static async start(data: FrontThreadData, lifecycle: Lifecycle): Promise<FrontThread> {
    const thread = new FrontThread(data);
    const listening = Promise.withResolvers<void>();
    let failure: unknown = new Error('A serving thread ended without being told to');
    thread.#worker.on('message', (message: FromFrontThread) => {
      switch (message.kind) {
        case 'started':
          return listening.resolve();
        case 'report':
          return thread.#settle(message);
        case 'failed':
          failure = message.isConfiguration
            ? new ConfigurationError(message.message)
            : new Error(message.message);
          return undefined;
        case 'stopped':
          if (message.troubled.length > 0) {
            failure = new Error(`did not stop in time: ${message.troubled.join(', ')}`);
          } else {
            failure = undefined;
          }
          return undefined;
      }
    });
    thread.#worker.on('error', (error) => {
      failure = error;
    });
    thread.#worker.on('exit', () => {
      if (failure !== undefined) {
        thread.#stopped.reject(failure);
        listening.reject(failure);
        if (!thread.#isStopping) void lifecycle.fail(failure);
      }
      thread.#stopped.resolve();
    });
    // Whoever stops it asks; nobody may.
    thread.#stopped.promise.catch(() => undefined);
    await listening.promise;
    return thread;
  }

  say(message: ToFrontThread): void {
    this.#worker.postMessage(message);
  }

  /** Null when the thread does not answer in time. */
  async report(): Promise<FrontReport | null> {
    const { promise, resolve } = Promise.withResolvers<FrontReport | null>();
    this.#waiting.push(resolve);
    const timer = setTimeout(() => resolve(null), reportMs);
    this.say({ kind: 'report' });
    const report = await promise;
    clearTimeout(timer);
    return report;
  }

  #settle(report: FrontReport): void {
    for (const resolve of this.#waiting) resolve(report);
    this.#waiting = [];
  }

  stop(reason: string): Promise<void> {
    this.#isStopping = true;
    this.say({ kind: 'stop', reason });
    return this.#stopped.promise;
  }
}

/**
 * The port, or a free one for 0. Those who share a port do not notice when somebody else has it too: so
 * it is taken for a moment without sharing.
 */
async function freePort(host: string, port: number): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error) => reject(describeListenError(error, host, port)));
  server.listen(port, host, resolve);
  await promise;
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : port;
}
