/**
 * What the operator's `/metrics` says, and what happened between two looks at it.
 */
import { request } from 'node:http';

const scrapeMsMax = 10_000;
const scrapeBytesMax = 64 * 1024 * 1024;

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Scrape {
  readonly atMs: number;
  readonly samples: readonly Sample[];
}

/** The verbs of HTTP that the operator uses; a GET is a get, a list or a watch. */
export const methods = ['GET', 'PUT', 'PATCH', 'POST', 'DELETE'] as const;

/** Rejects when there is no whole answer in time. */
export async function scrapeOperator(port: number): Promise<Scrape> {
  const text = await getText(port, '/metrics');
  return { atMs: performance.now(), samples: text.split('\n').flatMap(parseSample) };
}

/** The sum of all samples of the name with these labels. */
export function total(
  { samples }: Scrape,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = Object.entries(labels);
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

/** What came between two scrapes. */
export class Span {
  readonly #from: Scrape;
  readonly #to: Scrape;

  constructor(from: Scrape, to: Scrape) {
    this.#from = from;
    this.#to = to;
  }

  /** Growth of a counter. */
  count(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return total(this.#to, name, labels) - total(this.#from, name, labels);
  }

  perMinute(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return (this.count(name, labels) * 60_000) / (this.#to.atMs - this.#from.atMs);
  }

  /** Requests with this verb, whatever came of them. */
  requests(method: string): number {
    return this.count('rest_client_requests_total', { method });
  }

  requestsPerMinute(method: string): number {
    return this.perMinute('rest_client_requests_total', { method });
  }

  /**
   * Of a histogram, between the bounds of the bucket it lies in, as Prometheus reckons it. Undefined
   * where nothing was observed.
   */
  quantile(name: string, fraction: number): number | undefined {
    const bounds = [
      ...new Set(
        this.#to.samples
          .filter((sample) => sample.name === `${name}_bucket`)
          .map(({ labels }) => labels['le'] ?? ''),
      ),
    ].map((le) => ({ le: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), text: le }));
    const buckets = bounds
      .toSorted((one, other) => one.le - other.le)
      .map(({ le, text }) => ({ le, count: this.count(`${name}_bucket`, { le: text }) }));
    const wanted = fraction * (buckets.at(-1)?.count ?? 0);
    if (wanted === 0) return undefined;
    let below = { le: 0, count: 0 };
    for (const bucket of buckets) {
      if (bucket.count >= wanted) {
        const share = (wanted - below.count) / (bucket.count - below.count);
        return Number.isFinite(bucket.le) ? below.le + share * (bucket.le - below.le) : below.le;
      }
      below = bucket;
    }
    return below.le;
  }
}

function parseSample(line: string): Sample[] {
  const [, name = '', inner = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === '') return [];
  const labels = Object.fromEntries(
    [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [
      label,
      text,
    ]),
  );
  return [{ name, labels, value: Number(value) }];
}

function getText(port: number, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signal = AbortSignal.timeout(scrapeMsMax);
  const call = request({ host: '127.0.0.1', port, path, signal }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > scrapeBytesMax) call.destroy(new Error(`${path} is too long`));
    });
    response.on('error', reject);
    response.on('end', () => resolve(text));
  });
  call.on('error', reject);
  call.end();
  return promise;
}
