/**
 * Makes the code in `proto/gen/` from the schemas, and tells whether what is committed there is what
 * the schemas give. `node proto/generate.ts` writes, `node proto/generate.ts --check` compares.
 *
 * - `gen/thunder.js`: protobufjs's static code for `thunder/v1/*.proto`.
 * - `gen/thrift/`: the Apache Thrift compiler's code for `thrift/*.thrift`, CommonJS. Its
 *   declarations are made importable here: the compiler exports nothing and leaves out read and write.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const protoFolder = import.meta.dirname;
const committedFolder = join(protoFolder, 'gen');
const TOOL_TIMEOUT_MS = 120_000;

const protobufOptions =
  '--target static-module --wrap esm --path . --force-long --no-service --no-verify --no-delimited --no-typeurl --dts'.split(
    ' ',
  );

/** What installs the one tool that npm does not. */
export const thriftInstallHint =
  'the Apache Thrift compiler is missing: install it (Debian and Ubuntu: apt-get install thrift-compiler; macOS: brew install thrift)';

/** The version whose output is committed; others word it differently. */
export const thriftVersion = '0.17.0';

/** The installed Thrift compiler's version, null when there is none. */
export async function findThriftVersion(): Promise<string | null> {
  try {
    const { stdout } = await run('thrift', ['--version'], { timeout: TOOL_TIMEOUT_MS });
    return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}

/** Writes `thunder.js` and `thunder.d.ts` into the folder. */
export async function generateProtobuf(folder: string): Promise<void> {
  const pbjs = join(
    dirname(createRequire(import.meta.url).resolve('protobufjs-cli/package.json')),
    'bin/pbjs',
  );
  const version = 'thunder/v1';
  const schemas = (await readdir(join(protoFolder, version)))
    .filter((name) => name.endsWith('.proto'))
    .toSorted()
    .map((name) => join(version, name));
  await mkdir(folder, { recursive: true });
  await run(
    process.execPath,
    [pbjs, ...protobufOptions, '--out', join(folder, 'thunder.js'), ...schemas],
    { cwd: protoFolder, timeout: TOOL_TIMEOUT_MS },
  );
}

/** Writes `thrift/` into the folder; needs the compiler. */
export async function generateThrift(folder: string): Promise<void> {
  const target = join(folder, 'thrift');
  await mkdir(target, { recursive: true });
  await run('thrift', ['-r', '--gen', 'js:node,ts', '-out', target, 'thrift/event.thrift'], {
    cwd: protoFolder,
    timeout: TOOL_TIMEOUT_MS,
  });
  await writeFile(join(target, 'package.json'), '{ "type": "commonjs" }\n');
  for (const name of await readdir(target)) {
    if (name.endsWith('.d.ts')) {
      const path = join(target, name);
      await writeFile(path, toImportable(await readFile(path, 'utf8')));
    }
  }
}

function toImportable(declarations: string): string {
  return declarations.replaceAll(
    /^declare class (\w+) \{$/gm,
    (_, name: string) =>
      `export declare class ${name} {\n  read(input: thrift.TProtocol): void;\n  write(output: thrift.TProtocol): void;\n`,
  );
}

/**
 * Writes everything into the folder, by default the committed one, emptied first. Rejects with the
 * install hint, and touches nothing, when there is no Thrift compiler.
 */
export async function generateAll(folder: string = committedFolder): Promise<void> {
  if ((await findThriftVersion()) === null) {
    throw new Error(thriftInstallHint);
  }
  await rm(folder, { recursive: true, force: true });
  await generateProtobuf(folder);
  await generateThrift(folder);
}

/** Names, relative to `gen/`, of committed files that are missing, superfluous or not what the schemas give. */
export async function findDrift(): Promise<string[]> {
  const fresh = await mkdtemp(join(tmpdir(), 'thunder-gen-'));
  try {
    await generateAll(fresh);
    const [made, committed] = [await readTree(fresh), await readTree(committedFolder)];
    const names = new Set([...made.keys(), ...committed.keys()]);
    return [...names].filter((name) => made.get(name) !== committed.get(name)).toSorted();
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function readTree(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      files.set(relative(folder, path), await readFile(path, 'utf8'));
    }
  }
  return files;
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const drifted = await findDrift();
    for (const name of drifted) {
      process.stderr.write(`proto/gen/${name} is not what the schemas give\n`);
    }
    process.exitCode = drifted.length === 0 ? 0 : 1;
  } else {
    await generateAll();
  }
}
