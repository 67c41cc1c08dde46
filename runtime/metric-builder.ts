/**
 * Makes metrics on one registry and keeps prom-client's side of them out of sight: what measures gets
 * plain cells, which prom-client reads when somebody scrapes.
 */
import { Counter, Gauge, type Histogram, type Registry } from 'prom-client';
import { ArrayHistogram, type Cell, LabelledCells } from './metric-cells.ts';

export class MetricBuilder {
  readonly #registry: Registry;
  readonly #fills: (() => void)[] = [];

  constructor(registry: Registry) {
    this.#registry = registry;
    // prom-client reads metrics in the order of their registration: this one comes first, so that
    // the numbers that others read are filled in before.
    const fills = this.#fills;
    const scrapes: Cell = { value: 0 };
    const first = new Counter({
      name: 'thunder_scrapes_total',
      help: 'Times these metrics were read.',
      registers: [],
      collect() {
        for (const fill of fills) {
          fill();
        }
        scrapes.value += 1;
        this.reset();
        this.inc(scrapes.value);
      },
    });
    registry.registerMetric(first);
  }

  onScrape(fill: () => void): void {
    this.#fills.push(fill);
  }

  counter(name: string, help: string): Cell {
    const cell: Cell = { value: 0 };
    const metric = new Counter({
      name,
      help,
      registers: [],
      collect() {
        this.reset();
        this.inc(cell.value);
      },
    });
    this.#registry.registerMetric(metric);
    return cell;
  }

  counters(name: string, help: string, labelNames: readonly string[]): LabelledCells {
    const cells = new LabelledCells();
    const metric = new Counter({
      name,
      help,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        for (const { labels, value } of cells.entries()) {
          this.inc(toLabels(labelNames, labels), value);
        }
      },
    });
    this.#registry.registerMetric(metric);
    return cells;
  }

  gauge(name: string, help: string, initial = 0): Cell {
    const cell: Cell = { value: initial };
    const metric = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.reset();
        if (Number.isNaN(cell.value)) {
          this.remove();
        } else {
          this.set(cell.value);
        }
      },
    });
    this.#registry.registerMetric(metric);
    return cell;
  }

  gauges(name: string, help: string, labelNames: readonly string[]): LabelledCells {
    const cells = new LabelledCells();
    const metric = new Gauge({
      name,
      help,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        for (const { labels, value } of cells.entries()) {
          this.set(toLabels(labelNames, labels), value);
        }
      },
    });
    this.#registry.registerMetric(metric);
    return cells;
  }

  histogram(name: string, help: string, bounds: readonly number[]): ArrayHistogram {
    const histogram = new ArrayHistogram(bounds);
    this.#register(name, help, () => histogramValues(name, {}, histogram));
    return histogram;
  }

  /** One histogram for each value of the label `stage`. */
  stages<Stage extends string>(
    name: string,
    help: string,
    stages: readonly Stage[],
    bounds: readonly number[],
  ): Record<Stage, ArrayHistogram> {
    const byStage = Object.fromEntries(
      stages.map((stage) => [stage, new ArrayHistogram(bounds)]),
    ) as Record<Stage, ArrayHistogram>;
    this.#register(name, help, () =>
      stages.flatMap((stage) => histogramValues(name, { stage }, byStage[stage])),
    );
    return byStage;
  }

  /** The registry asks `get()` of a metric and nothing else, but its type names its own classes. */
  #register(name: string, help: string, values: () => HistogramValue[]): void {
    const metric = {
      name,
      help,
      type: 'histogram',
      get: async () => ({ name, help, type: 'histogram', values: values(), aggregator: 'sum' }),
    };
    this.#registry.registerMetric(metric as unknown as Histogram);
  }
}

interface HistogramValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

function histogramValues(
  name: string,
  labels: Readonly<Record<string, string>>,
  histogram: ArrayHistogram,
): HistogramValue[] {
  const buckets = histogram.cumulative().map((value, index) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le: histogram.bounds[index] ?? '+Inf' },
    value,
  }));
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: histogram.sum },
    { metricName: `${name}_count`, labels, value: histogram.count },
  ];
}

function toLabels(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
