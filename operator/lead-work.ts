/**
 * What the operator does while it leads: passes over fleets, rounds of questions to pods, looks at
 * Kafka. All of it ends with the signal.
 */
import { randomBytes } from 'node:crypto';
import { fieldManager, labelKeys } from '#operator/desired/names.ts';
import { statusOf } from '#operator/fleet/fleet.ts';
import type { Logger } from '#runtime/logger.ts';
import { handOverMsMax, reconcileWorkers } from './bounds.ts';
import type { Caches } from './facts/caches.ts';
import { KafkaConnections } from './kafka/connections.ts';
import { createKafkaMonitor, type KafkaMonitor } from './kafka/kafka-monitor.ts';
import { withoutKafka } from './kafka/kafka-watch.ts';
import { lookAtKafka } from './kafka/look-at-kafka.ts';
import { createApplier } from './kube/applier.ts';
import type { Random } from './kube/backoff.ts';
import { createController } from './kube/controller.ts';
import { createEventRecorder } from './kube/event-recorder.ts';
import type { KubeMetrics } from './kube/metrics.ts';
import { keyOf } from './kube/objects.ts';
import type { Clock, EventRecorder, KubeClient, WorkQueue } from './kube/ports.ts';
import { createWorkQueue } from './kube/work-queue.ts';
import type { OperatorMetrics } from './metrics.ts';
import { createPodPoller } from './pods/pod-poller.ts';
import { createReconcile } from './reconcile.ts';
import { RolloutPlaces } from './rollout-places.ts';
import type { OperatorSettings } from './settings.ts';
import { figuresWaitMs, looksBusy } from './status/merge-status.ts';

export interface WorkOptions {
  readonly settings: OperatorSettings;
  /** Fenced. */
  readonly client: KubeClient;
  /** Filled. */
  readonly caches: Caches;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: KubeMetrics;
  readonly operatorMetrics: OperatorMetrics;
  readonly operatorNamespace: string;
  readonly signal: AbortSignal;
}

export async function runWork(options: WorkOptions): Promise<void> {
  const { settings, client, caches, clock, random, log, metrics, signal } = options;
  const recorder = createEventRecorder({
    ...{ client, clock, random, log, metrics },
    controller: 'thunder.dev/operator',
  });
  const places = new RolloutPlaces(settings.maxRollouts);
  const fleets = caches.fleets.list();
  for (const fleet of fleets) {
    places.remember(keyOf(fleet), statusOf(fleet), clock.nowMs());
  }
  const queue = createWorkQueue({ name: 'fleets', clock, random, metrics });
  const poller = createPodPoller({
    clock,
    pods: () => caches.pods.list(),
    port: settings.podAdminPort,
    onAnswer: options.operatorMetrics.podPolls,
    onNews: ({ metadata }, news) => {
      const label = metadata.labels?.[labelKeys.fleet] ?? '';
      for (const key of caches.fleetsByLabel(metadata.namespace ?? '', label)) {
        // Of figures nothing comes but a write that is not due yet: live pods have new ones each time.
        queue.addAfter(key, news === 'figures' ? figuresDueMs(caches, key, clock.nowMs()) : 0);
      }
    },
  });
  const connections = new KafkaConnections();
  const kafka = settings.lookAtKafka ? monitorOf(options, connections, recorder, queue) : undefined;
  const reconcile = createReconcile({
    ...{ client, caches, recorder, places, clock },
    applier: createApplier({ client, fieldManager }),
    kafka: kafka ?? withoutKafka,
    reportOf: (podUid) => poller.reportOf(podUid),
    wake: (keys) => {
      for (const key of keys) {
        queue.add(key);
      }
    },
    random: randomBytes,
    operatorNamespace: options.operatorNamespace,
    defaultImage: settings.image,
  });
  const controller = createController({
    ...{ name: 'fleets', reconcile, queue, workers: reconcileWorkers },
    ...{ clock, random, log, metrics },
  });
  const unsubscribe = caches.onFleetChange((key) => queue.add(key));
  for (const fleet of fleets) {
    queue.add(keyOf(fleet));
  }
  try {
    await Promise.all([controller.run(signal), poller.run(signal), kafka?.run(signal)]);
  } finally {
    unsubscribe();
    connections.close();
    await recorder.flush(AbortSignal.timeout(handOverMsMax / 2));
    recorder.stop();
  }
}

function figuresDueMs(caches: Caches, key: string, nowMs: number): number {
  const fleet = caches.fleets.get(key);
  const status = fleet && statusOf(fleet);
  return status === undefined ? 0 : figuresWaitMs(status, looksBusy(status), nowMs);
}

function monitorOf(
  { client, caches, clock, random, log, metrics, operatorMetrics }: WorkOptions,
  connections: KafkaConnections,
  recorder: EventRecorder,
  queue: WorkQueue,
): KafkaMonitor {
  return createKafkaMonitor({
    ...{ clock, random, log, metrics },
    look: (wish, signal) => lookAtKafka(wish, { connections, client, logger: log }, signal),
    onNews: (key) => queue.add(key),
    onLook: operatorMetrics.kafkaLooks,
    onGroupsRemoved: (key, groups) => {
      operatorMetrics.groupsRemoved(groups);
      const regarding = caches.fleets.get(key);
      if (regarding !== undefined) {
        const note = `Consumer groups of pods that are gone were removed: ${groups}.`;
        recorder.record({
          ...{ regarding, type: 'Normal', reason: 'GroupCollected', action: 'Collect', note },
        });
      }
    },
  });
}
