/**
 * Metrics of the operator: its own, and those of its talk with the API server under the names that
 * controller-runtime gave them.
 */
import { Counter, Gauge } from 'prom-client';
import type { ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import { conditionTypes } from '#crds/thunder-fleet/status.ts';
import { metricsText as kubeMetricsText } from '#operator/kube/metric-set.ts';
import { type KubeMetrics } from '#operator/kube/metrics.ts';
import {
  createMetricsRegistry,
  type MetricsText,
  metricsText,
  type Registry,
} from '#runtime/metrics.ts';

/** As the status of a fleet says. */
export interface FleetFigures {
  readonly namespace: string;
  readonly name: string;
  readonly status: ThunderFleetStatus | undefined;
}

export interface OperatorMetrics {
  readonly podPolls: (outcome: 'answered' | 'silent' | 'unreadable') => void;
  readonly kafkaLooks: (outcome: 'reached' | 'failed') => void;
  readonly groupsRemoved: (count: number) => void;
  readonly registry: Registry;
  text(): Promise<MetricsText>;
}

export interface OperatorMetricsOptions {
  readonly version: string;
  readonly kube: KubeMetrics;
  /** Asked when somebody scrapes. */
  readonly fleets: () => readonly FleetFigures[];
}

export function createOperatorMetrics(options: OperatorMetricsOptions): OperatorMetrics {
  const registry = createMetricsRegistry({ version: options.version, role: 'operator' });
  const registers = [registry];
  const fleetLabels = ['namespace', 'fleet'] as const;
  const perFleet = (
    name: string,
    help: string,
    valueOf: (status: ThunderFleetStatus) => number | undefined,
  ): void => {
    // oxlint-disable-next-line no-new -- it is in the registry
    new Gauge({
      ...{ name, help, registers },
      labelNames: fleetLabels,
      collect() {
        this.reset();
        for (const { namespace, name: fleet, status } of options.fleets()) {
          const value = status === undefined ? undefined : valueOf(status);
          if (value !== undefined) {
            this.set({ namespace, fleet }, value);
          }
        }
      },
    });
  };
  perFleet('thunder_fleet_pods', 'Serving pods.', ({ replicas }) => replicas);
  perFleet(
    'thunder_fleet_ready_pods',
    'Serving pods that are ready.',
    (status) => status.readyReplicas,
  );
  perFleet(
    'thunder_fleet_lag_events',
    'Lag of the pod furthest behind, rounded.',
    ({ lag }) => lag,
  );
  // oxlint-disable-next-line no-new -- it is in the registry
  new Gauge({
    name: 'thunder_fleet_condition',
    help: '1 where the condition has this status, else 0.',
    labelNames: [...fleetLabels, 'condition', 'status'],
    registers,
    collect() {
      this.reset();
      for (const { namespace, name: fleet, status } of options.fleets()) {
        for (const condition of conditionTypes) {
          const found = status?.conditions?.find(({ type }) => type === condition)?.status;
          for (const each of ['True', 'False', 'Unknown']) {
            const value = (found ?? 'Unknown') === each ? 1 : 0;
            this.set({ namespace, fleet, condition, status: each }, value);
          }
        }
      }
    },
  });
  const podPolls = new Counter({
    name: 'thunder_operator_pod_polls_total',
    help: 'Times a pod was asked for its status, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const kafkaLooks = new Counter({
    name: 'thunder_operator_kafka_looks_total',
    help: 'Looks at the Kafka of a fleet, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const groupsRemoved = new Counter({
    name: 'thunder_operator_groups_removed_total',
    help: 'Consumer groups of pods that are gone, removed.',
    registers,
  });
  return {
    registry,
    podPolls: (outcome) => podPolls.inc({ outcome }),
    kafkaLooks: (outcome) => kafkaLooks.inc({ outcome }),
    groupsRemoved: (count) => groupsRemoved.inc(count),
    async text() {
      const own = await metricsText(registry);
      return { ...own, body: `${own.body}${kubeMetricsText(options.kube.families())}` };
    },
  };
}
