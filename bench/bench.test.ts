/** Every bench at a tiny size, as its users run it: the JSON is as documented, and nothing lingers. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { skipWithoutControlPlane } from '#test/components/control-plane/control-plane.ts';
import { skipWithoutKafka } from '#test/components/kafka/kafka.ts';
import { benches } from './benches.ts';
import { type Scrape, Span } from './operator-scrape.ts';
import { hasRedis } from './redis-server.ts';
import { type BenchReport, reportTable, toReport, toRow, withoutBaseline } from './report.ts';

const program = path.join(import.meta.dirname, 'run.ts');
const runMsMax = 120_000;

const directory = mkdtempSync(path.join(tmpdir(), 'thunder-bench-'));
after(() => rmSync(directory, { recursive: true, force: true }));
/** Dozens of processes run the same files: the first of them compiles. */
const env = { ...process.env, NODE_COMPILE_CACHE: path.join(directory, 'compiled') };

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { timeout: runMsMax, env };
    execFile(process.execPath, [program, ...args], options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out, err });
    });
  });
}

const kept = [`--data-directory=${directory}`];

const tiny: Readonly<Record<string, readonly string[]>> = {
  wire: ['--events=1000'],
  store: ['--posts=20k', '--collections=2', '--reclaim-passes=3', ...kept],
  query: [
    ...['--posts=1k,1500', '--following=5,50', '--queries=3', '--excluded=10', '--results=100'],
    ...['--turn-ms=5', ...kept],
  ],
  kafka: [
    ...['--events=1000', '--partitions=2', '--samples=2'],
    ...['--replayed=10000', '--stored=10000'],
  ],
  serve: ['--posts=1000', '--following=50', '--in-flight=1,4', '--turn-ms=50', ...kept],
  operator: ['--fleets=2', '--pods=1', '--window-seconds=2', '--rest-seconds=1'],
  threads: ['--posts=1000', '--following=50', '--in-flight=4', '--turn-ms=50', ...kept],
};

/** The rows, once the whole report has been held against docs/reference/wire.md. */
async function measure(name: string): Promise<BenchReport['rows']> {
  const { code, out, err } = await run(
    name,
    '--json',
    '--rounds=1',
    '--seed=3',
    ...(tiny[name] ?? []),
  );
  assert.equal(code, 0, err);
  assert.match(err, new RegExp(`^${name}: `, 'm'));
  const report = JSON.parse(out) as BenchReport;
  assert.deepEqual(Object.keys(report), ['bench', 'commit', 'node', 'cpus', 'flags', 'rows']);
  assert.equal(report.bench, name);
  assert.match(report.commit, /^([0-9a-f]{12}(-dirty)?|unknown)$/);
  assert.equal(report.node, process.version);
  assert.ok(report.cpus >= 1);
  for (const row of report.rows) {
    assert.ok(row.case !== '' && row.metric !== '' && row.unit !== '', JSON.stringify(row));
    // Some requests are made so that nothing is left, a kernel may not count so short a time, and the
    // memory of a short replay may be there already. An operator at rest does nothing.
    const mayBeZero =
      row.metric.endsWith('PerMinute') ||
      row.metric === 'cpuMean' ||
      row.metric === 'grown' ||
      (row.metric === 'posts' && / all (miss|excluded)$/.test(row.case));
    assert.ok(row.value > 0 || (mayBeZero && row.value === 0), JSON.stringify(row));
    if (row.baseline !== undefined) {
      assert.ok((row.baselineValue ?? 0) > 0 && (row.ratio ?? 0) > 0, JSON.stringify(row));
    }
    const known = [
      ...['case', 'metric', 'unit', 'value'],
      ...['baseline', 'baselineValue', 'ratio', 'note'],
    ];
    assert.deepEqual(
      Object.keys(row).filter((key) => !known.includes(key)),
      [],
    );
  }
  const ids = report.rows.map((row) => `${row.case} ${row.metric} ${row.baseline ?? ''}`);
  assert.equal(new Set(ids).size, ids.length, 'two rows have one name');
  return report.rows;
}

test('wire holds each reader against the generated code', async () => {
  const rows = await measure('wire');
  assert.deepEqual(
    rows.map((row) => row.baseline),
    ['protobufjs', 'protobufjs', 'thrift'],
  );
});

test('query names its cases by what is followed, stored and asked for', async () => {
  const rows = await measure('query');
  const means = rows.filter(({ metric }) => metric === 'mean');
  const casesOf = (posts: number): string[] => [
    `F=5 N=${posts} K=100`,
    `F=50 N=${posts} K=100`,
    `F=50 N=${posts} K=600 video`,
    `F=50 N=${posts} K=100 all miss`,
    `F=50 N=${posts} K=100 all excluded`,
  ];
  for (const name of [...casesOf(1_000), ...casesOf(1_500)]) {
    const baselines = means.filter((row) => row.case === name).map(({ baseline }) => baseline);
    assert.ok(baselines.includes('simple'), name);
    // Where there is a Redis it answers all but videos.
    assert.equal(baselines.includes('redis'), hasRedis() && !name.endsWith('video'), name);
  }
  assert.ok(means.some((row) => /one author of \d+ posts$/.test(row.case)));
  assert.ok(means.some(({ baseline }) => baseline === 'N=1000'));
});

test('store measures rates in and out of order, memory, collections and reclaiming', async () => {
  const rows = await measure('store');
  for (const name of ['in order', '5 % out of order', 'memory', 'full GC', 'reclaim pass']) {
    const found = rows.filter((row) => row.case === `${name} N=20000`);
    assert.ok(
      found.some(({ baseline }) => baseline === 'simple'),
      name,
    );
  }
  const metrics = new Set(rows.map((row) => row.metric));
  assert.ok(metrics.has('perSecond') && metrics.has('rssBytesPerPost'));
});

test('serve measures the service, a fixed answer, and the service while events are applied', async () => {
  const rows = await measure('serve');
  const rates = rows.filter((row) => row.metric === 'perSecond');
  // At two levels of concurrency.
  assert.deepEqual(
    rates.map(({ baseline }) => baseline),
    Array.from({ length: 2 }, () => ['bare grpc-js', 'simple', 'bare grpc-js', 'idle']).flat(),
  );
  assert.equal(rows.filter((row) => row.metric === 'appliedPerSecond').length, 2);
});

test('a store that is not there is said to be missing', () => {
  const metric = { name: 'mean', unit: 'ms', better: 'lower' } as const;
  const row = withoutBaseline(toRow('N=8000000', metric, 1), 'simple holds fewer');
  const table = reportTable(toReport('query', 'unknown', [row]), {
    colour: false,
    width: null,
  });
  assert.match(table, /no baseline: simple holds fewer/);
});

test('kafka measures transformer, ingest, readiness and visibility', {
  skip: await skipWithoutKafka(),
}, async () => {
  const rows = await measure('kafka');
  for (const start of ['transformer', 'ingest to simple', 'start to ready', 'produce to visible']) {
    assert.ok(
      rows.some((row) => row.case.startsWith(start)),
      start,
    );
  }
});

test('operator measures fleets that are made, at rest, and with figures that move', {
  skip: await skipWithoutControlPlane({ own: true }),
}, async () => {
  const rows = await measure('operator');
  const valueOf = (name: string, metric: string): number =>
    rows.find((row) => row.case === `${name} F=2 P=1` && row.metric === metric)?.value ??
    Number.NaN;
  assert.ok(valueOf('apply to Ready', 'p50') <= valueOf('apply to Ready', 'p99'));
  assert.ok(valueOf('pass, fleets are made', 'p99') > 0);
  assert.ok(valueOf('fleets are made', 'writesPerFleet') > 10);
  assert.ok(valueOf('at rest', 'rss') > valueOf('at rest', 'heapUsed'));
  for (const state of ['at rest', 'figures move']) {
    for (const metric of ['getPerMinute', 'putPerMinute', 'patchPerMinute', 'cpuPerMinute']) {
      assert.ok(valueOf(state, metric) >= 0, `${state} ${metric}`);
    }
  }
});

test('a quantile of a histogram is reckoned within its bucket', () => {
  const scrapeOf = (counts: readonly number[]): Scrape => ({
    atMs: 0,
    samples: ['1', '2', '+Inf'].map((le, index) => {
      const value = counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0);
      return { name: 'seconds_bucket', labels: { le }, value };
    }),
  });
  const span = new Span(scrapeOf([5, 0, 0]), scrapeOf([5, 10, 1]));
  assert.equal(span.quantile('seconds', 5 / 11), 1.5);
  // All that is known of what lies beyond the last bound.
  assert.equal(span.quantile('seconds', 1), 2);
  assert.equal(new Span(scrapeOf([5]), scrapeOf([5])).quantile('seconds', 0.5), undefined);
});

test('without a name every bench is listed with its question', async () => {
  const { code, out } = await run();
  assert.equal(code, 0);
  for (const { name, question } of benches)
    assert.ok(out.includes(`${name}  `) && out.includes(question));
});

test('a bench explains its options', async () => {
  const { code, out } = await run('query', '--help');
  assert.equal(code, 0);
  assert.match(out, /--posts <a,b,…>/);
  assert.match(out, /--seed/);
});

test('an unknown bench and a wrong option are usage errors that say what was meant', async () => {
  const unknown = await run('qurey');
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /did you mean query\?/);
  const wrong = await run('query', '--post=5');
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /did you mean --posts\?/);
  const impossible = await run('query', ...['--posts=1000', '--following=900', '--json', ...kept]);
  assert.equal(impossible.code, 2);
  assert.match(impossible.err, /cannot follow 900 of 200 authors/);
  assert.equal(impossible.out, '');
});
