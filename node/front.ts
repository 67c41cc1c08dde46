/**
 * All of a serving node that is between a client and the store: blocklist, follow graph, admission,
 * query, gRPC. One for each serving thread; alone in its process, the thread that reads the log is it.
 */
import type { Clock } from '#runtime/clock.ts';
import type { LatencyWindow } from '#runtime/latency-window.ts';
import type { Lifecycle } from '#runtime/lifecycle.ts';
import type { Logger } from '#runtime/logger.ts';
import { defaultGrpcLimits } from './limits.ts';
import type { ServingMetrics } from './metrics.ts';
import { createColumnarQuery } from './query/columns/columnar-query.ts';
import { defaultQueryLimits } from './query/query-engine.ts';
import { BlockedAuthors } from './serve/blocked-authors.ts';
import type { CatchUpFacts } from './serve/catch-up-facts.ts';
import { FollowGraph } from './serve/follow-graph.ts';
import { startGrpcServer } from './serve/grpc-server.ts';
import { PostsService } from './serve/posts-service.ts';
import { nodeName } from './settings/process-settings.ts';
import type { ServingSettings } from './settings/serving-settings.ts';
import type { StoreMemory } from './store/columns/store-memory.ts';

/** L4: how long calls may take to finish once clients were told to go. */
export const finishCallsMs = 10_000;
/** How often certificate, token and id files are looked at. */
const reloadIntervalMs = 5_000;

export interface FrontOptions {
  readonly settings: ServingSettings;
  readonly memory: StoreMemory;
  /** Below `readersMax - 1`, one for each thread. */
  readonly reader: number;
  readonly admissionWords: Int32Array;
  readonly facts: CatchUpFacts;
  /** The gRPC port; 0 for any free one. */
  readonly port: number;
  /** Whether other threads listen on the same port. */
  readonly sharesPort: boolean;
  readonly metrics: ServingMetrics;
  readonly latencies: LatencyWindow;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What answers: here, or in other threads. */
export interface Front {
  /** The gRPC port. */
  readonly port: number;
  /** What health says, from NOT_SERVING at the start. */
  setServing(serving: boolean): void;
}

/**
 * Starts to answer; the lifecycle stops it. Rejects with ConfigurationError for files or ports that cannot
 * be used.
 */
export async function startFront(options: FrontOptions): Promise<Front> {
  const { settings, metrics, lifecycle, clock, logger, facts } = options;
  const blockedAuthors = await lifecycle.start(
    'blocked authors',
    () =>
      new BlockedAuthors({
        file: settings.blockedAuthors ?? null,
        reloadIntervalMs,
        metrics,
        logger,
      }),
    (list) => list.stop(),
  );
  const followGraph =
    settings.followingUrl === undefined
      ? null
      : await lifecycle.start(
          'follow graph',
          () => followGraphOf(settings, settings.followingUrl ?? '', { metrics, clock, logger }),
          (client) => client.close(),
        );
  const limits = { ...defaultQueryLimits, resultsMax: settings.maxResults };
  const engine = createColumnarQuery(
    options,
    {
      limits,
      blockedAuthors: () => blockedAuthors.authors,
      strictLimits: settings.strictLimits,
    },
    options.reader,
  );
  const service = new PostsService({
    engine,
    limits,
    node: nodeName(settings),
    requestBytesMax: defaultGrpcLimits.requestBytesMax,
    maxConcurrentRequests: settings.maxConcurrentRequests,
    qpsLimit: settings.qpsLimit ?? null,
    admissionWords: options.admissionWords,
    requestTimeoutMs: settings.requestTimeoutMs,
    statisticsEvery: settings.statisticsSampling,
    followGraph,
    fillFollowing: settings.fillFollowing,
    everReady: () => facts.everReady(),
    progress: () => facts.progress(),
    stalenessMs: () => facts.stalenessMs(),
    latencies: options.latencies,
    metrics,
    clock,
    logger,
  });
  return lifecycle.start(
    'gRPC server',
    () =>
      startGrpcServer({
        handler: service,
        host: settings.grpcHost,
        port: options.port,
        sharesPort: options.sharesPort,
        tls:
          settings.grpcTlsCertFile === undefined
            ? null
            : {
                certFile: settings.grpcTlsCertFile,
                keyFile: settings.grpcTlsKeyFile ?? null,
                caFile: settings.grpcTlsClientCaFile ?? null,
              },
        reloadIntervalMs,
        limits: defaultGrpcLimits,
        metrics,
        clock,
        logger,
      }),
    (started) => started.shutdown({ graceMs: finishCallsMs }),
    { stopTimeoutMs: finishCallsMs + 2_000 },
  );
}

function followGraphOf(
  settings: ServingSettings,
  baseUrl: string,
  parts: Pick<ConstructorParameters<typeof FollowGraph>[0], 'metrics' | 'clock' | 'logger'>,
): FollowGraph {
  return new FollowGraph({
    ...parts,
    baseUrl,
    api: settings.followingApi,
    timeoutMs: settings.followingTimeoutMs,
    tokenFile: settings.followingTokenFile ?? null,
    tls: {
      caFile: settings.followingCaFile ?? null,
      certFile: settings.followingCertFile ?? null,
      keyFile: settings.followingKeyFile ?? null,
    },
    reloadIntervalMs,
    random: Math.random,
  });
}
