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
import type { LatencySummary } from '#runtime/latency-window.ts';
import type { Lifecycle } from '#runtime/lifecycle.ts';
import type { Logger } from '#runtime/logger.ts';
import { createMetricsRegistry, metricsText } from '#runtime/metrics.ts';
import type { NodeStatus, ResetStatus } from '#runtime/node-status.ts';
import { fillServingGauges, toServingStatus } from './admin/serving-status.ts';
import { type Answering, startAnswering } from './answering.ts';
import { reclaimGraceSeconds, tombstoneGraceSeconds } from './grace-periods.ts';
import { inTurns } from './in-turns.ts';
import { createEventApplier } from './ingest/apply-event.ts';
import type { EventSource } from './ingest/event-source.ts';
import { createIngest, type Ingest } from './ingest/ingest.ts';
import { createKafkaEventSource, type KafkaEventSource } from './ingest/kafka-event-source.ts';
import { createServingMetrics } from './metrics.ts';
import { servingGroup } from './settings/consumer-groups.ts';
import { kafkaConnectionOf } from './settings/kafka-settings.ts';
import { nodeName } from './settings/process-settings.ts';
import type { ServingSettings } from './settings/serving-settings.ts';
import { ColumnarStore } from './store/columns/columnar-store.ts';
import { storeBoundsOf } from './store/store-bounds.ts';
import { version } from './version.ts';

/** L1: lag that is always small enough, as time in the log. */
const readyLagMs = 1_000;
/** Positions are published this often, for other tools to see. */
const commitIntervalMs = 10_000;
/** Resets that `/status` lists, the newest. */
const resetsKept = 16;
/** Between two passes that give memory back, while there is more: each takes a few milliseconds at most. */
const reclaimPauseMs = 50;
/** How often chores are looked at. */
const tickMs = 100;
/** Before anything answers. */
const noLatency: LatencySummary = { p50Ms: 0, p99Ms: 0, perSecond: 0, samples: 0 };

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
  status(): NodeStatus;
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
  let answering: Answering | undefined;
  /** Between emptying the store and reading anew. */
  let isEmptied = false;
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
  let moreToReclaim: NodeJS.Timeout | undefined;
  /** While it goes on nothing may be written. */
  let hashing: Promise<unknown> | null = null;
  const reclaim = (now: number): void => {
    clearTimeout(moreToReclaim);
    if (hashing !== null) {
      moreToReclaim = setTimeout(() => reclaim(nowSeconds(clock)), reclaimPauseMs).unref();
      return;
    }
    const reclaimed = store.reclaim(now);
    logger.debug(reclaimed, 'memory reclaimed');
    if (reclaimed.isMore) {
      moreToReclaim = setTimeout(() => reclaim(nowSeconds(clock)), reclaimPauseMs).unref();
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
      retentionSeconds: settings.postRetentionSeconds,
      readyLagEvents: settings.readyLag,
      readyLagMs,
      maxStalenessMs:
        settings.maxStalenessSeconds === undefined ? null : settings.maxStalenessSeconds * 1000,
      decodeFailurePercentMax: settings.decodeFailureMax,
      boundsIntervalMs: settings.lagMonitorIntervalSecs * 1000,
      commitIntervalMs,
      statsIntervalMs: settings.statsIntervalSecs * 1000,
      reclaimIntervalMs: settings.reclaimIntervalSecs * 1000,
      reclaim,
      tickMs,
      statsFields: () => ({
        posts: store.stats(nowSeconds(clock)).posts,
        inFlight: metrics.inFlightRequests.value,
        p99Ms: answering?.latencies().p99Ms ?? 0,
      }),
      onStage: (stage) => {
        answering?.publish();
        answering?.setServing(stage === 'ready');
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
    answering?.setServing(false);
    await ingest.stop();
    if (lifecycle.signal.aborted) {
      return;
    }
    await hashing;
    isEmptied = true;
    answering?.publish();
    store.clear();
    ingest = startIngest();
    isEmptied = false;
    run(ingest);
  };
  let ingest = startIngest();

  const status = (): NodeStatus =>
    toServingStatus({
      version,
      node,
      fleet: settings.fleet,
      startedAt,
      ingest: ingest.status(),
      store: store.stats(nowSeconds(clock)),
      resets,
      warnings,
      latency: answering?.latencies() ?? noLatency,
      threads: answering?.threads ?? 1,
      metrics,
    });
  /** S6: the hash is of the positions beside it. Queries and probes are answered meanwhile. */
  const hashedStatus = (): Promise<NodeStatus> =>
    ingest.hold(async () => {
      const made = status();
      const hashed = inTurns(store.hashSteps(nowSeconds(clock)), clock);
      hashing = hashed;
      try {
        return { ...made, stateHash: await hashed };
      } finally {
        hashing = null;
      }
    });
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
            const { stage, progress, etaSeconds, lagEvents, ...status } = ingest.status();
            const ready = status.ready && hasStarted;
            const reason = hasStarted ? status.reason : 'the gRPC port is not open yet';
            return { ready, stage, reason, progress, etaSeconds, details: { lagEvents } };
          },
          status: async ({ hash }) => {
            await answering?.collect();
            return hash ? hashedStatus() : status();
          },
          metrics: async () => {
            await answering?.collect();
            return metricsText(registry);
          },
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
  const front = await startAnswering({
    settings,
    memory: store.memory,
    facts: {
      everReady: () => !isEmptied && ingest.everReady(),
      progress: () => ingest.progress(),
      stalenessMs: () => ingest.stalenessMs(),
    },
    metrics,
    lifecycle,
    clock,
    logger,
  });
  answering = front;
  // What happened while it started has to be said again.
  front.publish();
  front.setServing(ingest.ready());
  await lifecycle.start(
    'drain',
    () => undefined,
    async () => {
      const wasReady = ingest.ready();
      ingest.drain();
      front.setServing(false);
      // Nobody was sent here before the node was ready, so nobody needs time to leave.
      if (wasReady) {
        await pause(settings.drainDelayMs);
      }
    },
    { stopTimeoutMs: settings.drainDelayMs + 1_000 },
  );
  hasStarted = true;
  logger.info(
    {
      grpcPort: front.port,
      httpPort: admin.port,
      tls: settings.grpcTlsCertFile !== undefined,
      threads: front.threads,
    },
    'serving node started',
  );
  return { grpcPort: front.port, httpPort: admin.port, ready: () => ingest.ready(), status };
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
    assignment: settings.kafkaAssignment,
    startAt: settings.skipToLatest ? 'latest' : settings.autoOffsetReset,
    windowSeconds: settings.postRetentionSeconds + tombstoneGraceSeconds + reclaimGraceSeconds,
    logger,
    limits: { partitionBytesMax: settings.kafkaBatchSize, fetchWaitMs: settings.fetchTimeoutMs },
  });
}

/** What the container lets this process use, or else the machine has. */
function memoryBytesMax(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
