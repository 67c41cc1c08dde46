/**
 * docs/reference/metrics.md: every metric of each role, out of the registries themselves.
 */
import { createServingMetrics, createTransformMetrics } from '#node/metrics.ts';
import { createKubeMetrics } from '#operator/kube/metrics.ts';
import { createOperatorMetrics } from '#operator/metrics.ts';
import { createMetricsRegistry, type Registry } from '#runtime/metrics.ts';

/** What Node.js and the process say about themselves is documented by prom-client. */
const processMetrics = /^(nodejs_|process_)/;

async function rowsOf(registry: Registry): Promise<string[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics
    .filter(({ name }) => !processMetrics.test(name))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, type, help }) => `| \`${name}\` | ${String(type)} | ${help} |`);
}

export async function metricsPage(): Promise<string> {
  const serving = createMetricsRegistry({ version: '0', role: 'serve' });
  createServingMetrics(serving);
  const transforming = createMetricsRegistry({ version: '0', role: 'transform' });
  createTransformMetrics(transforming);
  const kube = createKubeMetrics();
  const operating = createOperatorMetrics({ version: '0', kube, fleets: () => [] });
  const kubeRows = kube
    .families()
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |`);
  const header = ['| Name | Type | Meaning |', '| --- | --- | --- |'];
  return [
    '# Metrics',
    '',
    '<!-- Written by `npm run gen` from the metrics in the code. -->',
    '',
    'Prometheus text at `/metrics` of the admin port. Names without `thunder_` are those of the service that this project re-creates, so that its dashboards fit; besides them there are the usual `nodejs_` and `process_` metrics.',
    '',
    '## thunder serve',
    '',
    ...header,
    ...(await rowsOf(serving)),
    '',
    '## thunder transform',
    '',
    ...header,
    ...(await rowsOf(transforming)),
    '',
    '## thunder operator',
    '',
    'What it asks of the API server has the names that controller-runtime and client-go gave it.',
    '',
    ...header,
    ...(await rowsOf(operating.registry)),
    ...kubeRows,
    '',
  ].join('\n');
}
