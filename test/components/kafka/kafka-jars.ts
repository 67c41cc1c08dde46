/**
 * Apache Kafka's jars and a Java to run them, from what the machine has. The jars are fetched once
 * with Maven and kept outside the checkout, in a folder named after the version.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Goes together with the version in pom.xml. */
export const KAFKA_VERSION = '4.1.1';
const JAVA_VERSION_MIN = 17;
const MAVEN_TIMEOUT_MS = 300_000;
const PROBE_TIMEOUT_MS = 10_000;

/** Where the jars are kept: `$XDG_CACHE_HOME` or `~/.cache`, then `thunder/kafka-VERSION`. */
export function kafkaJarsPath(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'thunder', `kafka-${KAFKA_VERSION}`);
}

/** The `java` to run: `$JAVA_HOME/bin/java`, else the one on the path. */
export function javaCommand(): string {
  const home = process.env['JAVA_HOME'];
  return home === undefined ? 'java' : join(home, 'bin', 'java');
}

/** Why Kafka cannot be run from jars here, or undefined if it can. Fetches nothing. */
export async function whyNoJava(): Promise<string | undefined> {
  const version = await javaVersion();
  if (version === undefined)
    return `no Java found (version ${JAVA_VERSION_MIN} or newer is needed)`;
  if (version < JAVA_VERSION_MIN) {
    return `Java ${version} found, version ${JAVA_VERSION_MIN} or newer is needed`;
  }
  if (existsSync(kafkaJarsPath())) return undefined;
  try {
    await run('mvn', ['--version'], { timeout: PROBE_TIMEOUT_MS });
    return undefined;
  } catch {
    return `Java ${version} found, but no Maven to fetch Kafka's jars with`;
  }
}

/**
 * The folder with Kafka's jars, fetched if it is not there yet. Two processes may race: each fetches
 * into a folder of its own, and the first rename wins.
 */
export async function ensureKafkaJars(): Promise<string> {
  const path = kafkaJarsPath();
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const temporary = await mkdtemp(`${path}.part-`);
  try {
    const pom = join(import.meta.dirname, 'pom.xml');
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime'];
    await run('mvn', ['-q', '-B', '-f', pom, ...goal, `-DoutputDirectory=${temporary}`], {
      timeout: MAVEN_TIMEOUT_MS,
    });
    await rename(temporary, path);
  } catch (error) {
    if (existsSync(path)) return path;
    throw new Error(`Maven could not fetch Kafka ${KAFKA_VERSION}: ${outputOf(error)}`, {
      cause: error,
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return path;
}

async function javaVersion(): Promise<number | undefined> {
  try {
    const { stderr, stdout } = await run(javaCommand(), ['-version'], {
      timeout: PROBE_TIMEOUT_MS,
    });
    const match = /version "(?:1\.)?(\d+)/.exec(stderr + stdout);
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}

function outputOf(error: unknown): string {
  if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string') {
    const lines = error.stdout.trim().split('\n');
    if (lines[0] !== '') return lines.slice(0, 3).join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}
