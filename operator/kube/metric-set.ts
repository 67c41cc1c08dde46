/**
 * Counters, gauges and histograms as plain numbers, and their text in Prometheus's format. Label
 * values come from code, never from data, so every set of them is small.
 */
export interface Sample {
  /** The family's name, for histograms with `_bucket`, `_sum` or `_count`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  samples(): Sample[];
}

type LabelValues = readonly string[];

/** One number for each combination of label values. */
export class Numbers implements MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly #labelNames: readonly string[];
  readonly #values = new Map<string, { readonly labels: LabelValues; value: number }>();

  constructor(
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    labelNames: readonly string[] = [],
  ) {
    this.type = type;
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
  }

  add(amount: number, ...labels: LabelValues): void {
    this.#at(labels).value += amount;
  }

  set(value: number, ...labels: LabelValues): void {
    this.#at(labels).value = value;
  }

  get(...labels: LabelValues): number {
    return this.#values.get(labels.join('\n'))?.value ?? 0;
  }

  /** The sum over all labels. */
  total(): number {
    return [...this.#values.values()].reduce((sum, { value }) => sum + value, 0);
  }

  samples(): Sample[] {
    return Array.from(this.#values.values(), ({ labels, value }) => ({
      name: this.name,
      labels: labelled(this.#labelNames, labels),
      value,
    }));
  }

  #at(labels: LabelValues): { value: number } {
    const key = labels.join('\n');
    let cell = this.#values.get(key);
    if (cell === undefined) {
      cell = { labels, value: 0 };
      this.#values.set(key, cell);
    }
    return cell;
  }
}

/** A number for each value of one label, asked for when somebody looks. */
export class ReadGauge implements MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type = 'gauge';
  readonly #label: string;
  readonly #reads = new Map<string, () => number>();

  constructor(name: string, help: string, label: string) {
    this.name = name;
    this.help = help;
    this.#label = label;
  }

  /** From now on, or undefined for no more. */
  set(label: string, read: (() => number) | undefined): void {
    if (read === undefined) this.#reads.delete(label);
    else this.#reads.set(label, read);
  }

  samples(): Sample[] {
    return Array.from(this.#reads, ([label, read]) => ({
      name: this.name,
      labels: { [this.#label]: label },
      value: read(),
    }));
  }
}

/** Observations in buckets; `bounds` are upper bounds, ascending. */
export class Histogram implements MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #labelNames: readonly string[];
  readonly #bounds: readonly number[];
  readonly #cells = new Map<
    string,
    { readonly labels: LabelValues; readonly counts: number[]; sum: number }
  >();

  constructor(
    name: string,
    help: string,
    bounds: readonly number[],
    labelNames: readonly string[] = [],
  ) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#labelNames = labelNames;
  }

  observe(value: number, ...labels: LabelValues): void {
    const key = labels.join('\n');
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = { labels, counts: Array.from({ length: this.#bounds.length + 1 }, () => 0), sum: 0 };
      this.#cells.set(key, cell);
    }
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = found < 0 ? this.#bounds.length : found;
    cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
    cell.sum += value;
  }

  count(...labels: LabelValues): number {
    return this.#cells.get(labels.join('\n'))?.counts.reduce((sum, one) => sum + one, 0) ?? 0;
  }

  samples(): Sample[] {
    return [...this.#cells.values()].flatMap(({ labels, counts, sum }) => {
      const base = labelled(this.#labelNames, labels);
      let total = 0;
      const buckets = counts.map((count, index) => {
        total += count;
        const le = String(this.#bounds[index] ?? '+Inf');
        return { name: `${this.name}_bucket`, labels: { ...base, le }, value: total };
      });
      return [
        ...buckets,
        { name: `${this.name}_sum`, labels: base, value: sum },
        { name: `${this.name}_count`, labels: base, value: total },
      ];
    });
  }
}

/** The body of a scrape, in Prometheus's text format. */
export function metricsText(families: Iterable<MetricFamily>): string {
  let text = '';
  for (const family of families) {
    text += `# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n`;
    for (const { name, labels, value } of family.samples()) {
      const pairs = Object.entries(labels).map(([label, one]) => `${label}="${escaped(one)}"`);
      text += `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
    }
  }
  return text;
}

function labelled(names: readonly string[], values: LabelValues): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`));
}
