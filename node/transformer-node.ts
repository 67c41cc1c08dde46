/**
 * A transformer, built from its settings: tweet events in, in-network events out, with an admin
 * port beside.
 */
import { type AdminServer, startAdminServer } from '#runtime/admin/admin-server.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Lifecycle } from '#runtime/lifecycle.ts';
import type { Logger } from '#runtime/logger.ts';
import { createMetricsRegistry, metricsText } from '#runtime/metrics.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import { toTransformerStatus } from './admin/transformer-status.ts';
import { createTransformMetrics } from './metrics.ts';
import { transformerGroup } from './settings/consumer-groups.ts';
import { kafkaConnectionOf } from './settings/kafka-settings.ts';
import { nodeName } from './settings/process-settings.ts';
import { producerSecurityOf, type TransformerSettings } from './settings/transformer-settings.ts';
import { createRecordConverter } from './transform/input-formats.ts';
import { createKafkaInput } from './transform/kafka-input.ts';
import { createKafkaOutput } from './transform/kafka-output.ts';
import { recordToMetrics } from './transform/transform-counters.ts';
import { createTransformer, type TransformFailpoints } from './transform/transformer.ts';
import { version } from './version.ts';

/** Finishing what is queued, then leaving the group: the transformer bounds both itself. */
const stopTimeoutMs = 20_000;

export interface TransformerNodeOptions {
  readonly settings: TransformerSettings;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoints?: TransformFailpoints;
}

export interface TransformerNode {
  readonly httpPort: number;
  status(): NodeStatus;
}

/**
 * Resolves when the admin port is open; joining the group comes later. What fails after that ends
 * the lifecycle.
 */
export async function startTransformerNode(
  options: TransformerNodeOptions,
): Promise<TransformerNode> {
  const { settings, lifecycle, clock, logger } = options;
  const node = nodeName(settings);
  const registry = createMetricsRegistry({ version, role: 'transform' });
  const metrics = createTransformMetrics(registry);
  const startedAt = new Date(clock.nowMs()).toISOString();
  const clientId = `thunder-transform-${node}`;
  const { deadLetterTopic } = settings;
  const transformer = createTransformer({
    input: createKafkaInput({
      connection: kafkaConnectionOf(settings.tweetEventsConsumerDest, clientId, settings, logger),
      topic: settings.tweetEventsTopic,
      topicFlag: '--tweet-events-topic',
      rack: settings.kafkaRack,
      groupId: transformerGroup(
        settings.kafkaGroupId,
        settings.fleetUid ?? settings.fleet,
        settings.transformer,
      ),
    }),
    output: createKafkaOutput({
      connection: kafkaConnectionOf(
        settings.inNetworkEventsProducerDest,
        clientId,
        producerSecurityOf(settings),
        logger,
      ),
      topic: settings.inNetworkEventsTopic,
      topicFlag: '--in-network-events-topic',
      deadLetterTopicFlag: '--dead-letter-topic',
      settingsPrefix: 'producer-',
      ...(deadLetterTopic === undefined ? {} : { deadLetterTopic }),
    }),
    outputTopic: settings.inNetworkEventsTopic,
    converter: createRecordConverter({
      format: settings.inputFormat,
      retentionSeconds: settings.postRetentionSeconds,
    }),
    ...(deadLetterTopic === undefined ? {} : { deadLetterTopic }),
    lingerMs: settings.lingerMs,
    lagIntervalMs: settings.lagMonitorIntervalSecs * 1000,
    clock,
    logger,
    recorder: recordToMetrics(metrics),
    ...(options.failpoints === undefined ? {} : { failpoints: options.failpoints }),
  });

  const status = (): NodeStatus =>
    toTransformerStatus({
      version,
      node,
      fleet: settings.fleet,
      startedAt,
      retentionSeconds: settings.postRetentionSeconds,
      transformer: transformer.status(),
    });
  metrics.onScrape(() => {
    const { ready, partitions } = transformer.status();
    metrics.ready.value = ready ? 1 : 0;
    // A partition that went to another transformer must not leave its last lag behind.
    metrics.partitionLag.clear();
    for (const { topic, partition, lag } of partitions) {
      metrics.partitionLag.set(lag, topic, String(partition));
    }
  });

  const admin: AdminServer = await lifecycle.start(
    'admin server',
    () =>
      startAdminServer({
        provider: {
          hasStarted: () => true,
          readiness: () => {
            const { stage, ready, reason, lagEvents } = transformer.status();
            const progress = ready ? 1 : null;
            const etaSeconds = ready ? 0 : null;
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
    'transformer',
    () => {
      // Opening waits for Kafka as long as it takes; the admin port is open meanwhile.
      transformer.start(lifecycle.signal).catch((error: unknown) => {
        if (!lifecycle.signal.aborted) {
          void lifecycle.fail(error);
        }
      });
    },
    () => transformer.stop(),
    { stopTimeoutMs },
  );
  await lifecycle.start(
    'stats',
    () =>
      setInterval(() => {
        const { stage, lagEvents, counters, reason } = transformer.status();
        logger.info({ stage, reason, lagEvents, ...counters }, 'stats');
      }, settings.statsIntervalSecs * 1000),
    (timer) => clearInterval(timer),
  );
  logger.info({ httpPort: admin.port, format: settings.inputFormat }, 'transformer started');
  return { httpPort: admin.port, status };
}
