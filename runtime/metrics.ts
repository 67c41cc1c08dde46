/**
 * One registry a process, handed to whoever measures. Never prom-client's global one: tests start
 * several programs in one process.
 */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export type { Registry } from 'prom-client';

/** Event loop delay is sampled at this interval: 50 timer wake-ups a second. */
const eventLoopSampleMs = 20;

export interface MetricsOptions {
  readonly version: string;
  readonly role: string;
}

/** A registry with Node's process metrics and `thunder_build_info{version,role}`. */
export function createMetricsRegistry(options: MetricsOptions): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopSampleMs });
  new Gauge({
    name: 'thunder_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'role'],
    registers: [registry],
  }).set({ version: options.version, role: options.role }, 1);
  return registry;
}

/** For a thread that only measures: nobody scrapes it, and the process is not its own. */
export function createThreadRegistry(): Registry {
  return new Registry();
}

export interface MetricsText {
  readonly contentType: string;
  readonly body: string;
}

/** The body of `/metrics`, in Prometheus's text format. */
export async function metricsText(registry: Registry): Promise<MetricsText> {
  return { contentType: registry.contentType, body: await registry.metrics() };
}
