/**
 * Every metric of this runtime, under the names that controller-runtime and client-go gave them, so
 * that the dashboards and alerts made for those fit.
 */
import { Histogram, type MetricFamily, Numbers, ReadGauge } from './metric-set.ts';

/** Up to a request's longest deadline. */
const requestBounds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 20, 30, 60,
];
const queueBounds = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];
const itemsBounds = [0, 1, 5, 10, 50, 100, 500, 1000, 5000, 10_000, 50_000];

/** What each metric counts is said in its help text; labels in the order they are passed. */
export type KubeMetrics = ReturnType<typeof createKubeMetrics>;

export function createKubeMetrics() {
  const counter = (name: string, help: string, labels: readonly string[]): Numbers =>
    new Numbers('counter', name, help, labels);
  const gauge = (name: string, help: string, labels: readonly string[]): Numbers =>
    new Numbers('gauge', name, help, labels);
  const metrics = {
    requests: counter(
      'rest_client_requests_total',
      'Requests by status code (or what went wrong instead), method and host.',
      ['code', 'method', 'host'],
    ),
    requestSeconds: new Histogram(
      'rest_client_request_duration_seconds',
      'Time until the whole answer was here, by method and host; watches aside.',
      requestBounds,
      ['verb', 'host'],
    ),
    lists: counter('reflector_lists_total', 'Complete lists asked for.', ['name']),
    listSeconds: new Histogram(
      'reflector_list_duration_seconds',
      'Time a complete list took.',
      requestBounds,
      ['name'],
    ),
    listItems: new Histogram('reflector_items_per_list', 'Objects in a list.', itemsBounds, [
      'name',
    ]),
    watches: counter('reflector_watches_total', 'Watches opened.', ['name']),
    watchFailures: counter(
      'reflector_watch_failures_total',
      'Lists and watches that did not end in order, by error code.',
      ['name', 'code'],
    ),
    cachedObjects: gauge('reflector_cached_objects', 'Objects in the cache.', ['name']),
    queueDepth: gauge('workqueue_depth', 'Keys ready to be worked on.', ['name']),
    queueAdds: counter('workqueue_adds_total', 'Keys that became ready.', ['name']),
    queueRetries: counter('workqueue_retries_total', 'Keys added with back-off.', ['name']),
    queueSeconds: new Histogram(
      'workqueue_queue_duration_seconds',
      'How long a key waited for a worker.',
      queueBounds,
      ['name'],
    ),
    workSeconds: new Histogram(
      'workqueue_work_duration_seconds',
      'How long a worker took for a key.',
      queueBounds,
      ['name'],
    ),
    unfinishedSeconds: new ReadGauge(
      'workqueue_unfinished_work_seconds',
      'How long all workers have been at their present keys, added up: grows when one is stuck.',
      'name',
    ),
    longestSeconds: new ReadGauge(
      'workqueue_longest_running_processor_seconds',
      'How long the slowest worker has been at its present key.',
      'name',
    ),
    reconciles: counter('controller_runtime_reconcile_total', 'Reconciliations by outcome.', [
      'controller',
      'result',
    ]),
    reconcileErrors: counter(
      'controller_runtime_reconcile_errors_total',
      'Reconciliations that threw.',
      ['controller'],
    ),
    reconcileSeconds: new Histogram(
      'controller_runtime_reconcile_time_seconds',
      'How long a reconciliation took.',
      requestBounds,
      ['controller'],
    ),
    workersMax: gauge(
      'controller_runtime_max_concurrent_reconciles',
      'Workers of the controller.',
      ['controller'],
    ),
    activeWorkers: gauge('controller_runtime_active_workers', 'Workers that have a key.', [
      'controller',
    ]),
    leader: gauge('leader_election_master_status', '1 while this process leads, else 0.', ['name']),
    events: counter('event_recorder_events_total', 'Events by what became of them.', ['outcome']),
  };
  return {
    ...metrics,
    /** All of them, for a registry or `metricsText`. */
    families: (): readonly MetricFamily[] => Object.values(metrics),
  };
}
