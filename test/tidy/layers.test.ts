/**
 * Imports go one way. The rules are ARCHITECTURE.md's; this reads every source file and enforces them.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { importsOf, readSourceFiles, type SourceFile } from './source-files.ts';

/** What a top-level folder may import of ours, besides itself. */
const allowedFolders: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  proto: [],
  crds: [],
  node: ['runtime', 'proto'],
  operator: ['runtime', 'crds'],
  cli: ['node', 'operator', 'runtime', 'proto', 'crds', 'test'],
  bench: ['node', 'operator', 'runtime', 'proto', 'crds', 'cli', 'test'],
  test: ['node', 'operator', 'runtime', 'proto', 'crds', 'cli', 'bench'],
};

/** Inside node/, what a folder may import; none imports a folder that comes later in the flow. */
const allowedInNode: Readonly<Record<string, readonly string[]>> = {
  transform: [],
  ingest: [],
  store: [],
  query: ['store'],
  serve: ['query'],
  snapshot: ['store'],
  admin: ['transform', 'ingest', 'store', 'query', 'serve', 'snapshot'],
};

/** Files directly in node/ that every folder there may import: they import none of the folders. */
const nodeLeaves = ['node/metrics.ts', 'node/limits.ts', 'node/grace-periods.ts'];

/** Usable by another project as it stands: it imports nothing of ours. */
const standsAlone = 'operator/kube/';

/** Where a vendor's types may appear. Tests may use any. */
const vendorHomes: Readonly<Record<string, readonly RegExp[]>> = {
  kafkajs: [
    /^runtime\/kafka\//,
    /^node\/ingest\/kafka/,
    /^node\/transform\/kafka/,
    /^operator\/kafka\//,
  ],
  snappy: [/^runtime\/kafka\//],
  'lz4-napi': [/^runtime\/kafka\//],
  '@grpc/grpc-js': [/^node\/serve\//, /^cli\/query\//, /^bench\//],
  '@kubernetes/client-node': [/^operator\/kube\//],
  hono: [/^runtime\/admin\//, /^node\/snapshot\//],
  'prom-client': [
    /^runtime\/metrics\.ts$/,
    /^runtime\/metric-builder\.ts$/,
    /^operator\/metrics\.ts$/,
  ],
  pino: [/^runtime\/logger\.ts$/],
};

/**
 * The demo and the benches start a real Kafka with the same component as the tests, and judge answers
 * by the same oracle; nothing else of test/ is for programs, and nothing of it for what serves.
 */
const mayUseTestParts = /^(cli\/demo|bench)\//;
const testParts = /^test\/(components|oracle)\//;

function problemsOf(file: SourceFile): string[] {
  if (file.isTest) {
    return [];
  }
  const [folder = ''] = file.path.split('/');
  const problems: string[] = [];
  for (const target of file.imports) {
    const [targetFolder = '', targetSubfolder = ''] = target.split('/');
    if (targetFolder in allowedFolders) {
      if (targetFolder !== folder && !allowedFolders[folder]?.includes(targetFolder)) {
        problems.push(`${file.path} imports ${target}: ${folder}/ may not import ${targetFolder}/`);
      } else if (targetFolder === 'test' && !isTestPartFor(file.path, target)) {
        problems.push(
          `${file.path} imports ${target}: parts of test/ are for the demo and benches`,
        );
      } else if (file.path.startsWith(standsAlone) && !target.startsWith(standsAlone)) {
        problems.push(`${file.path} imports ${target}: ${standsAlone} stands alone`);
      } else if (folder === 'node' && targetFolder === 'node') {
        problems.push(...problemsInsideNode(file.path, target, targetSubfolder));
      }
      continue;
    }
    const vendor = Object.keys(vendorHomes).find(
      (name) => target === name || target.startsWith(`${name}/`),
    );
    if (vendor !== undefined && !vendorHomes[vendor]?.some((home) => home.test(file.path))) {
      problems.push(`${file.path} imports ${target}: ${vendor} stops at its own folder`);
    }
  }
  return problems;
}

function isTestPartFor(importer: string, target: string): boolean {
  return mayUseTestParts.test(importer) && testParts.test(target);
}

function problemsInsideNode(file: string, target: string, targetSubfolder: string): string[] {
  const subfolder = file.split('/')[1] ?? '';
  if (nodeLeaves.includes(file)) {
    return [`${file} imports ${target}: it is a leaf and imports none of node/`];
  }
  if (nodeLeaves.includes(target) || !(subfolder in allowedInNode)) {
    return [];
  }
  if (targetSubfolder === subfolder || allowedInNode[subfolder]?.includes(targetSubfolder)) {
    return [];
  }
  return [`${file} imports ${target}: node/${subfolder} may not import it`];
}

const files = readSourceFiles();

test('imports go one way, and vendor types stop at their folder', () => {
  assert.ok(files.length > 50, `only ${files.length} source files found`);
  assert.deepEqual(files.flatMap(problemsOf), []);
});

test('a wrong import is found', () => {
  const wrong = (path: string, text: string) =>
    problemsOf({ path, text, imports: importsOf(path, text), isTest: false }).length;
  assert.equal(wrong('runtime/a.ts', "import { b } from '#node/b.ts';"), 1);
  assert.equal(wrong('node/store/a.ts', "import {\n  b,\n} from '../query/b.ts';"), 1);
  assert.equal(wrong('node/query/a.ts', "import type { b } from '#node/store/b.ts';"), 0);
  assert.equal(wrong('node/query/a.ts', "export { Kafka } from 'kafkajs';"), 1);
  assert.equal(wrong('operator/a.ts', "const b = await import('#node/b.ts');"), 1);
  assert.equal(wrong('cli/demo/a.ts', "import { b } from '#test/integration/b.ts';"), 1);
  assert.equal(wrong('cli/demo/a.ts', "import { b } from '#test/oracle/b.ts';"), 0);
  assert.equal(wrong('cli/serve/a.ts', "import { b } from '#test/oracle/b.ts';"), 1);
  assert.equal(wrong('node/store/a.ts', "import { b } from '#test/oracle/b.ts';"), 1);
});

test('no import circles between files', () => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) {
      return;
    }
    for (const target of byPath.get(path)?.imports ?? []) {
      visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of byPath.keys()) {
    visit(path, []);
  }
  assert.deepEqual(circles, []);
});
