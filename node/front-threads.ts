/**
 * Serving threads, seen from the main thread: they listen on one port, of which the kernel gives each
 * its share of the connections. A thread that ends before it is told to ends the process.
 */
import { createServer, type ListenOptions, type Server } from 'node:net';
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
/** A thread that has not for this long hangs, and its share of the connections with it: the process ends. */
const hungMs = 60_000;

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
  await lifecycle.start(
    'hold of the gRPC port',
    () => holdPort(settings.grpcHost, port),
    (held) => held.close(),
  );
  const start = (reader: number): Promise<FrontThread> =>
    FrontThread.start({ settings, memory, admissionWords, factsMemory, port, reader }, lifecycle);
  // All of them stop at the same time: each may take as long as its calls do.
  const started = await lifecycle.start(
    'serving threads',
    () => startAll(threads, start),
    (all) => Promise.all(all.map((thread) => thread.stop('the process is stopping'))),
    { stopTimeoutMs: finishCallsMs + 3_000 },
  );
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

/** The first alone: what is wrong with the settings is then said once. Stops them all if one fails. */
async function startAll(
  threads: number,
  start: (reader: number) => Promise<FrontThread>,
): Promise<FrontThread[]> {
  const first = await start(0);
  const others = await Promise.allSettled(
    Array.from({ length: threads - 1 }, (_, index) => start(index + 1)),
  );
  const all = [first, ...others.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))];
  const failed = others.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await Promise.allSettled(all.map((thread) => thread.stop('another thread did not start')));
    throw failed.reason;
  }
  return all;
}

const noSamples = createLatencyWindow({ samplesMax: 1 }).recent(0);

class FrontThread {
  readonly #worker: Worker;
  /** Those who wait for the report that was asked for last; nobody asks again before it is there. */
  #waiting = new Set<(report: FrontReport | null) => void>();
  #askedAtMs: number | null = null;
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

  /** Null when the thread does not answer in time. Throws when it has not for so long that it never will. */
  async report(): Promise<FrontReport | null> {
    const nowMs = performance.now();
    if (this.#askedAtMs === null) {
      this.#askedAtMs = nowMs;
      this.say({ kind: 'report' });
    } else if (nowMs - this.#askedAtMs > hungMs) {
      throw new Error(`A serving thread has said nothing for ${hungMs / 1000} s`);
    }
    const { promise, resolve } = Promise.withResolvers<FrontReport | null>();
    this.#waiting.add(resolve);
    const timer = setTimeout(() => resolve(null), reportMs);
    const report = await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
    return report;
  }

  #settle(report: FrontReport): void {
    this.#askedAtMs = null;
    for (const resolve of this.#waiting) resolve(report);
  }

  stop(reason: string): Promise<void> {
    this.#isStopping = true;
    this.say({ kind: 'stop', reason });
    return this.#stopped.promise;
  }
}

/** The port, or a free one for 0, that nobody else listens on. */
async function freePort(host: string, port: number): Promise<number> {
  const server = createServer();
  await listen(server, { host, port }, (error) => describeListenError(error, host, port));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : port;
}

/**
 * Those who share a port do not notice when another process shares it too. So each holds, as long as it
 * lives, a name that only one can have.
 */
async function holdPort(host: string, port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  // A leading zero byte makes it a name that is no file, and gone with the process.
  await listen(server, { path: `\0thunder-grpc-${host}-${port}` }, (error) =>
    describeListenError(error, host, port),
  );
  return server;
}

function listen(
  server: Server,
  at: ListenOptions,
  toError: (error: NodeJS.ErrnoException) => Error,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(toError(error)));
    server.listen(at, resolve);
  });
}
