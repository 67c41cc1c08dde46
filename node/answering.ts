/**
 * The answering half of a serving node: in the thread that reads the log, or in threads of its own that
 * read the same store.
 */
import { availableParallelism } from 'node:os';
import { ConfigurationError } from '#runtime/errors.ts';
import { createLatencyWindow, type LatencySummary } from '#runtime/latency-window.ts';
import { type Front, type FrontOptions, startFront } from './front.ts';
import { startFrontThreads } from './front-threads.ts';
import { createAdmissionWords } from './serve/admission.ts';
import { createFactsMemory, publishFacts } from './serve/catch-up-facts.ts';

/** More processors than this are used when told to: a node rarely has them for itself. */
const threadsByDefaultMax = 8;
/** Where the kernel spreads connections over those who listen on a port. */
const canSharePort = process.platform === 'linux';
/** How often serving threads are told how far the log is read. What changes readiness they hear at once. */
const publishIntervalMs = 100;
/** How often the threads are asked what they measured, besides by who wants to know. */
const collectIntervalMs = 1_000;

export type AnsweringOptions = Pick<
  FrontOptions,
  'settings' | 'memory' | 'facts' | 'metrics' | 'lifecycle' | 'clock' | 'logger'
>;

export interface Answering extends Front {
  /** Threads of the node, the one that reads the log included. */
  readonly threads: number;
  /** After `everReady` has changed, or is about to: nobody answers differently once this returns. */
  publish(): void;
  /** Brings metrics and latencies up to date. */
  collect(): Promise<void>;
  latencies(): LatencySummary;
}

/** Starts to answer; the lifecycle stops it. Rejects with ConfigurationError for what a user has to correct. */
export async function startAnswering(options: AnsweringOptions): Promise<Answering> {
  const { threads = canSharePort ? Math.min(threadsByDefaultMax, availableParallelism()) : 1 } =
    options.settings;
  if (threads > 1 && !canSharePort) {
    throw new ConfigurationError(
      `--threads ${threads} needs a system whose threads can listen on one port, such as Linux; on ${process.platform} it can only be 1`,
    );
  }
  return threads === 1 ? answerHere(options) : answerInThreads(options, threads);
}

async function answerHere(options: AnsweringOptions): Promise<Answering> {
  const latencies = createLatencyWindow();
  const front = await startFront({
    ...options,
    reader: 0,
    admissionWords: createAdmissionWords(),
    port: options.settings.grpcPort,
    sharesPort: false,
    latencies,
  });
  return {
    threads: 1,
    port: front.port,
    setServing: (serving) => front.setServing(serving),
    publish: () => undefined,
    collect: async () => undefined,
    latencies: () => latencies.summarize(options.clock.monotonicMs()),
  };
}

async function answerInThreads(options: AnsweringOptions, threads: number): Promise<Answering> {
  const { facts, lifecycle, clock } = options;
  const factsMemory = createFactsMemory();
  const publish = (): void => publishFacts(factsMemory, facts, clock.monotonicMs());
  publish();
  const front = await startFrontThreads({
    ...options,
    factsMemory,
    admissionWords: createAdmissionWords(),
    threads: threads - 1,
  });
  await lifecycle.start(
    'news for the serving threads',
    () => [
      setInterval(publish, publishIntervalMs),
      setInterval(
        () => void front.collect().catch((error: unknown) => lifecycle.fail(error)),
        collectIntervalMs,
      ),
    ],
    (timers) => timers.forEach((timer) => clearInterval(timer)),
  );
  return {
    threads,
    port: front.port,
    setServing: (serving) => front.setServing(serving),
    publish,
    collect: () => front.collect(),
    latencies: () => front.latencies(),
  };
}
