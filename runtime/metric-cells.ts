/**
 * What hot paths measure into: plain numbers and arrays, read by the metrics library only when it is
 * scraped.
 */

/** A number that hot paths change in place. Counters only grow; a gauge that is NaN is not shown. */
export interface Cell {
  value: number;
}

/** Numbers by label values, which come from our own code and are few. */
export class LabelledCells {
  readonly #cells = new Map<string, { readonly labels: readonly string[]; value: number }>();

  /** Adds to the number under these label values. */
  add(amount: number, ...labels: readonly string[]): void {
    this.#cell(labels).value += amount;
  }

  /** Sets the number under these label values. */
  set(value: number, ...labels: readonly string[]): void {
    this.#cell(labels).value = value;
  }

  /** The number under these label values; 0 when there is none. */
  get(...labels: readonly string[]): number {
    return this.#cells.get(labels.join('\n'))?.value ?? 0;
  }

  /** Forgets all, for gauges of things that come and go. */
  clear(): void {
    this.#cells.clear();
  }

  entries(): Iterable<{ readonly labels: readonly string[]; readonly value: number }> {
    return this.#cells.values();
  }

  #cell(labels: readonly string[]): { value: number } {
    const key = labels.join('\n');
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = { labels, value: 0 };
      this.#cells.set(key, cell);
    }
    return cell;
  }
}

/**
 * A histogram over plain arrays: 20 ns to observe where prom-client takes 500 to 900. Bounds are
 * upper bounds, ascending.
 */
export class ArrayHistogram {
  readonly bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds } = this;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((bounds[middle] ?? 0) < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    this.#counts[low] = (this.#counts[low] ?? 0) + 1;
    this.#sum += value;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** A copy of what was observed. */
  values(): HistogramValues {
    return { counts: this.#counts.slice(), sum: this.#sum, count: this.#count };
  }

  /** Takes the place of what was observed: the sums of others', whose bounds are the same. */
  setToSum(all: readonly HistogramValues[]): void {
    this.#counts.fill(0);
    this.#sum = 0;
    this.#count = 0;
    for (const { counts, sum, count } of all) {
      for (const [index, one] of counts.entries()) {
        this.#counts[index] = this.#counts[index]! + one;
      }
      this.#sum += sum;
      this.#count += count;
    }
  }

  /** Observations at most `bounds[index]`; the last index is all of them. */
  cumulative(): number[] {
    let total = 0;
    return Array.from(this.#counts, (count) => (total += count));
  }

  /** The value below which `fraction` of the observations lie, interpolated in its bucket; 0 when empty. */
  quantile(fraction: number): number {
    const wanted = fraction * this.#count;
    let below = 0;
    for (const [index, count] of this.#counts.entries()) {
      if (count > 0 && below + count >= wanted) {
        const from = this.bounds[index - 1] ?? 0;
        const to = this.bounds[index] ?? from;
        return from + ((to - from) * Math.max(0, wanted - below)) / count;
      }
      below += count;
    }
    return 0;
  }
}

/** What a histogram holds, for another thread. */
export interface HistogramValues {
  readonly counts: Float64Array;
  readonly sum: number;
  readonly count: number;
}

type Labelled = readonly { readonly labels: readonly string[]; readonly value: number }[];

/** The values of cells by their names, for another thread. Cells may stand in records of their own. */
export interface CellValues {
  readonly [name: string]: number | Labelled | HistogramValues | CellValues;
}

/** Copies all cells out of a record of them; whatever else stands there is left out. */
export function valuesOf(cells: object): CellValues {
  const values: Record<string, CellValues[string]> = {};
  for (const [name, cell] of Object.entries(cells)) {
    if (cell instanceof LabelledCells) {
      values[name] = [...cell.entries()].map(({ labels, value }) => ({ labels, value }));
    } else if (cell instanceof ArrayHistogram) {
      values[name] = cell.values();
    } else if (isCell(cell)) {
      values[name] = cell.value;
    } else if (typeof cell === 'object' && cell !== null) {
      values[name] = valuesOf(cell);
    }
  }
  return values;
}

/** How the values of several threads become one: added up, or the same in each. */
export type Combining = 'sum' | 'same';

/** Sets the cells that are named to what several threads say of them. */
export function addValues(
  cells: object,
  combining: Readonly<Record<string, Combining>>,
  all: readonly CellValues[],
): void {
  for (const [name, how] of Object.entries(combining)) {
    const cell: unknown = Reflect.get(cells, name);
    combine(
      cell,
      how,
      all.map((values) => values[name]),
    );
  }
}

function combine(cell: unknown, how: Combining, all: readonly unknown[]): void {
  const given = how === 'same' ? all.slice(-1) : all;
  if (cell instanceof LabelledCells) {
    cell.clear();
    for (const { labels, value } of given.flatMap((values) => values as Labelled)) {
      cell.add(value, ...labels);
    }
  } else if (cell instanceof ArrayHistogram) {
    cell.setToSum(given as HistogramValues[]);
  } else if (isCell(cell)) {
    cell.value = (given as number[]).reduce((sum, value) => sum + value, 0);
  } else if (typeof cell === 'object' && cell !== null) {
    for (const [name, inner] of Object.entries(cell)) {
      combine(
        inner,
        how,
        given.map((values) => (values as CellValues)[name]),
      );
    }
  }
}

function isCell(cell: unknown): cell is Cell {
  return (
    typeof cell === 'object' && cell !== null && 'value' in cell && typeof cell.value === 'number'
  );
}
