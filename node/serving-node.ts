/**
 * A serving node, built from its settings: log -> ingest -> store -> query -> gRPC, with an admin
 * port beside. Everything it starts goes through the lifecycle, which stops it in reverse: drain,
 * gRPC, ingest, admin (L4).
 */
import { randomUUID } from 'node:crypto';
import { totalmem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type AdminServer, startAdminServer } from '#runtime/admin/admin-server.ts';
import { type Clock, nowSeconds } from '#runtime/clock.ts';
import { DependencyError, messageOf } from '#runtime/errors.ts';
import { createLatencyWindow } from '#runtime/latency-window.ts';
import type { Lifecycle } from '#runtime/lifecycle.ts';
import type { Logger } from '#runtime/logger.ts';
import { createMetricsRegistry, metricsText } from '#runtime/metrics.ts';
import type { NodeStatus, ResetStatus } from '#runtime/node-status.ts';
import { fillServingGauges, toServingStatus } from './admin/serving-status.ts';
import { createEventApplier } from './ingest/apply-event.ts';
import type { EventSource } from './ingest/event-source.ts';
import { createIngest, type Ingest } from './ingest/ingest.ts';
import { createKafkaEventSource, type KafkaEventSource } from './ingest/kafka-event-source.ts';
import { defaultGrpcLimits } from './limits.ts';
import { createServingMetrics } from './metrics.ts';
import { createColumnarQuery } from './query/columns/columnar-query.ts';
import { defaultQueryLimits } from './query/query-engine.ts';
import { BlockedAuthors } from './serve/blocked-authors.ts';
import { FollowGraph } from './serve/follow-graph.ts';
import { type GrpcServer, startGrpcServer } from './serve/grpc-server.ts';
import { PostsService } from './serve/posts-service.ts';
import { servingGroup } from './settings/consumer-groups.ts';
import { kafkaConnectionOf } from './settings/kafka-settings.ts';
import { nodeName } from './settings/process-settings.ts';
import type { ServingSettings } from './settings/serving-settings.ts';

import { ColumnarStore } from './store/columns/columnar-store.ts';
import { storeBoundsOf } from './store/store-bounds.ts';
import { version } from './version.ts';

/** L4: how long calls may take to finish once clients were told to go. */
const finishCallsMs = 10_000;
/** L1: lag that is always small enough, as time in the log. */
const readyLagMs = 1_000;
/** Positions are published this often, for other tools to see. */
const commitIntervalMs = 10_000;
/** Resets that `/status` lists, the newest. */
const resetsKept = 16;
/** How often chores are looked at. */
const tickMs = 100;
/** How often certificate, token and id files are looked at. */
const reloadIntervalMs = 5_000;

export interface ServingNodeOptions {
  readonly settings: ServingSettings;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In place of Kafka, for tests. Called again when the store is rebuilt. */
  readonly createSource?: () => EventSource;
}

export interface ServingNode {
  readonly grpcPort: number;
  readonly httpPort: number;
  ready(): boolean;
  status(options?: { readonly hash: boolean }): NodeStatus;
}

/**
 * Resolves when the ports are open; readiness comes later. Rejects with a ConfigurationError for
 * settings that cannot work. What fails after that ends the lifecycle.
 */
export async function startServingNode(options: ServingNodeOptions): Promise<ServingNode> {
  const { settings, lifecycle, clock, logger } = options;
  const node = nodeName(settings);
  const registry = createMetricsRegistry({ version, role: 'serve' });
  const metrics = createServingMetrics(registry);
  const store = new ColumnarStore({
    retentionSeconds: settings.postRetentionSeconds,
    maxFutureSkewSeconds: settings.maxFutureSkewSeconds,
    ...storeBoundsOf({
      maxPosts: settings.maxPosts,
      maxTombstones: settings.maxTombstones,
      memoryBytesMax: memoryBytesMax(),
    }),
  });
  const latencies = createLatencyWindow();
  let grpc: GrpcServer | undefined;
  let hasStarted = false;

  const startedAt = new Date(clock.nowMs()).toISOString();
  const resets: ResetStatus[] = [];
  let resetsSeen = 0;
  let warnings: readonly string[] = [];
  const createSource =
    options.createSource ??
    (() => {
      const source = kafkaSourceOf(settings, node, logger);
      checkTopic = () => source.checkTopic(settings.postRetentionSeconds);
      return source;
    });
  let checkTopic: () => Promise<readonly string[]> = async () => [];
  const warnAboutTopic = async (): Promise<void> => {
    try {
      warnings = await checkTopic();
      for (const warning of warnings) {
        logger.warn({ topic: settings.inNetworkEventsTopic, warning }, 'topic should be changed');
      }
    } catch (error) {
      // Only the advice is missing; reading may need fewer rights than describing.
      logger.warn({ error: messageOf(error) }, 'topic settings could not be read');
    }
  };
  const startIngest = (): Ingest =>
    createIngest({
      source: createSource(),
      applier: createEventApplier({
        target: store,
        retentionSeconds: settings.postRetentionSeconds,
      }),
      clock,
      logger,
      recorder: metrics,
      readyLagEvents: settings.readyLag,
      readyLagMs,
      maxStalenessMs:
        settings.maxStalenessSeconds === undefined ? null : settings.maxStalenessSeconds * 1000,
      boundsIntervalMs: settings.lagMonitorIntervalSecs * 1000,
      commitIntervalMs,
      statsIntervalMs: settings.statsIntervalSecs * 1000,
      reclaimIntervalMs: settings.reclaimIntervalSecs * 1000,
      reclaim: (now) => {
        const reclaimed = store.reclaim(now);
        logger.debug(reclaimed, 'memory reclaimed');
      },
      tickMs,
      statsFields: () => ({
        posts: store.stats(nowSeconds(clock)).posts,
        inFlight: metrics.inFlightRequests.value,
        p99Ms: latencies.summarize(clock.monotonicMs()).p99Ms,
      }),
      onStage: (stage) => {
        grpc?.setServing(stage === 'ready');
        if (stage === 'replaying') {
          void warnAboutTopic();
        }
      },
      onReset,
    });
  const run = (started: Ingest): void => {
    // Opening waits for Kafka as long as it takes; the ports are open meanwhile.
    started.start(lifecycle.signal).catch((error: unknown) => lifecycle.fail(error));
  };
  const onReset = (reset: ResetStatus): void => {
    resetsSeen += 1;
    resets.push(reset);
    resets.splice(0, resets.length - resetsKept);
    // A node that was never ready serves nothing worth keeping: it begins anew.
    if (settings.onReset === 'rebuild' || !ingest.everReady()) {
      rebuild().catch((error: unknown) => lifecycle.fail(error));
    } else if (settings.onReset === 'exit') {
      void lifecycle.fail(
        new DependencyError(`the log was reset: ${reset.detail}`, {
          code: 'LOG_RESET',
          retry: 'never',
        }),
      );
    }
  };
  const rebuild = async (): Promise<void> => {
    grpc?.setServing(false);
    await ingest.stop();
    if (lifecycle.signal.aborted) {
      return;
    }
    store.clear();
    ingest = startIngest();
    run(ingest);
  };
  let ingest = startIngest();

  const status = ({ hash } = { hash: false }): NodeStatus => {
    const now = nowSeconds(clock);
    const made = toServingStatus({
      version,
      node,
      fleet: settings.fleet,
      startedAt,
      ingest: ingest.status(),
      store: store.stats(now),
      resets,
      warnings,
      latencies,
      metrics,
      monotonicMs: clock.monotonicMs(),
    });
    return hash ? { ...made, stateHash: store.stateHash(now) } : made;
  };
  metrics.onScrape(() =>
    fillServingGauges(metrics, ingest.status(), store.stats(nowSeconds(clock)), resetsSeen),
  );

  const admin: AdminServer = await lifecycle.start(
    'admin server',
    () =>
      startAdminServer({
        provider: {
          hasStarted: () => hasStarted,
          readiness: () => {
            const { stage, ready, reason, progress, etaSeconds, lagEvents } = ingest.status();
            return { ready, stage, reason, progress, etaSeconds, details: { lagEvents } };
          },
          status,
          metrics: () => metricsText(registry),
        },
        logger,
        host: settings.httpHost,
        port: settings.httpPort,
      }),
    (server) => server.close(),
  );
  await lifecycle.start(
    'ingest',
    () => run(ingest),
    () => ingest.stop(),
  );
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
  const service = new PostsService({
    engine: createColumnarQuery(store, {
      limits,
      blockedAuthors: () => blockedAuthors.authors,
      strictLimits: settings.strictLimits,
    }),
    limits,
    node,
    requestBytesMax: defaultGrpcLimits.requestBytesMax,
    maxConcurrentRequests: settings.maxConcurrentRequests,
    qpsLimit: settings.qpsLimit ?? null,
    requestTimeoutMs: settings.requestTimeoutMs,
    statisticsEvery: settings.statisticsSampling,
    followGraph,
    fillFollowing: settings.fillFollowing,
    everReady: () => ingest.everReady(),
    progress: () => ingest.progress(),
    serveWhileCatchingUp: false,
    stalenessMs: () => ingest.stalenessMs(),
    latencies,
    metrics,
    clock,
    logger,
  });
  const server = await lifecycle.start(
    'gRPC server',
    () =>
      startGrpcServer({
        handler: service,
        host: settings.grpcHost,
        port: settings.grpcPort,
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
  grpc = server;
  server.setServing(ingest.ready());
  await lifecycle.start(
    'drain',
    () => undefined,
    async () => {
      const wasReady = ingest.ready();
      ingest.drain();
      server.setServing(false);
      // Nobody was sent here before the node was ready, so nobody needs time to leave.
      if (wasReady) {
        await pause(settings.drainDelayMs);
      }
    },
    { stopTimeoutMs: settings.drainDelayMs + 1_000 },
  );
  hasStarted = true;
  logger.info(
    { grpcPort: server.port, httpPort: admin.port, tls: settings.grpcTlsCertFile !== undefined },
    'serving node started',
  );
  return { grpcPort: server.port, httpPort: admin.port, ready: () => ingest.ready(), status };
}

function kafkaSourceOf(settings: ServingSettings, node: string, logger: Logger): KafkaEventSource {
  return createKafkaEventSource({
    connection: kafkaConnectionOf(
      settings.inNetworkEventsConsumerDest,
      `thunder-${node}`,
      settings,
      logger,
    ),
    topic: settings.inNetworkEventsTopic,
    topicFlag: '--in-network-events-topic',
    groupId: servingGroup(
      settings.kafkaGroupId,
      settings.fleetUid ?? settings.fleet,
      settings.podUid ?? randomUUID(),
    ),
    rack: settings.kafkaRack,
    startAt: settings.skipToLatest ? 'latest' : settings.autoOffsetReset,
    logger,
    limits: { partitionBytesMax: settings.kafkaBatchSize, fetchWaitMs: settings.fetchTimeoutMs },
  });
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

/** What the container lets this process use, or else the machine has. */
function memoryBytesMax(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
