/** Every bench at a tiny size, as its users run it: the JSON is as documented, and nothing lingers. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { skipWithoutKafka } from '#test/components/kafka/kafka.ts';
import { benches } from './benches.ts';
import type { BenchReport } from './report.ts';
import { storeKinds } from './stores.ts';

const program = path.join(import.meta.dirname, 'run.ts');
const runMsMax = 60_000;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { timeout: runMsMax }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out, err });
    });
  });
}

const tiny: Readonly<Record<string, readonly string[]>> = {
  wire: ['--events=1000'],
  query: ['--posts=1000', '--following=5,50', '--queries=3', '--excluded=10', '--results=100'],
  apply: ['--posts=20000'],
  kafka: ['--events=1000', '--partitions=2', '--samples=2'],
  serve: ['--posts=1000', '--following=50', '--in-flight=1,4', '--turn-ms=50'],
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
  assert.deepEqual(Object.keys(report), ['bench', 'commit', 'node', 'cpus', 'rows']);
  assert.equal(report.bench, name);
  assert.match(report.commit, /^([0-9a-f]{12}(-dirty)?|unknown)$/);
  assert.equal(report.node, process.version);
  assert.ok(report.cpus >= 1);
  for (const row of report.rows) {
    assert.ok(row.case !== '' && row.metric !== '' && row.unit !== '', JSON.stringify(row));
    assert.ok(row.value > 0, JSON.stringify(row));
    if (row.baseline !== undefined) {
      assert.ok((row.baselineValue ?? 0) > 0 && (row.ratio ?? 0) > 0, JSON.stringify(row));
    }
    const known = ['case', 'metric', 'unit', 'value', 'baseline', 'baselineValue', 'ratio'];
    assert.deepEqual(
      Object.keys(row).filter((key) => !known.includes(key)),
      [],
    );
  }
  const ids = report.rows.map((row) => `${row.case} ${row.metric}`);
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
  const cases = new Set(rows.map((row) => row.case));
  assert.deepEqual(
    [...cases],
    ['F=5 N=1000 K=100', 'F=50 N=1000 K=100', 'F=50 N=1000 K=600 video'],
  );
});

test('apply measures the target that keeps nothing, the store, and its memory', async () => {
  const rows = await measure('apply');
  const metrics = new Set(rows.map((row) => row.metric));
  assert.ok(metrics.has('perSecond') && metrics.has('bytesPerPost'));
});

test('serve measures the store and a fixed answer beside a bare server', async () => {
  const rows = await measure('serve');
  const rates = rows.filter((row) => row.metric === 'perSecond');
  // At two levels of concurrency: each store, and the fixed answer.
  assert.equal(rates.length, 2 * (storeKinds.length + 1));
  assert.ok(rates.every((row) => row.baseline === 'bare grpc-js'));
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

test('without a name every bench is listed with its question', async () => {
  const { code, out } = await run();
  assert.equal(code, 0);
  for (const { name, question } of benches)
    assert.ok(out.includes(`${name}  `) && out.includes(question));
});

test('a bench explains its options', async () => {
  const { code, out } = await run('query', '--help');
  assert.equal(code, 0);
  assert.match(out, /--posts <posts>/);
  assert.match(out, /--seed/);
});

test('an unknown bench and a wrong option are usage errors that say what was meant', async () => {
  const unknown = await run('qurey');
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /did you mean query\?/);
  const wrong = await run('query', '--post=5');
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /did you mean --posts\?/);
  const impossible = await run('query', '--posts=1000', '--following=900', '--json');
  assert.equal(impossible.code, 2);
  assert.match(impossible.err, /cannot follow 900 of 200 authors/);
  assert.equal(impossible.out, '');
});
