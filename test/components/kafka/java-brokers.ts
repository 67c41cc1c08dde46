/**
 * Brokers as Java processes of our own: combined broker and controller (KRaft), random ports on the
 * loopback, one temporary data folder for all of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterSettings } from './cluster-settings.ts';
import { findFreePorts } from './free-ports.ts';
import { startJanitor } from './janitor.ts';
import { ensureKafkaJars, javaCommand, KAFKA_VERSION } from './kafka-jars.ts';
import type { BrokerSet, TestBroker } from './test-broker.ts';
import { waitForBrokers } from './wait-for-brokers.ts';

const START_TRIES_MAX = 3;
const START_TIMEOUT_MS = 60_000;
const HEAP = '-Xmx384m';

// Paused processes die of -9 too; the pid files are the truth across restarts.
const CLEAN_UP = `for f in "$1"/*.pid; do kill -9 "$(cat "$f")"; done
for i in 1 2 3 4 5; do rm -rf "$1" && break; sleep 0.2; done`;

interface Node {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
}

/** Starts `count` brokers (1 or 3) and waits until they answer; tries again when a port was taken. */
export async function startJavaBrokers(count: number): Promise<BrokerSet> {
  const jars = await ensureKafkaJars();
  for (let attempt = 1; ; attempt++) {
    const set = await launch(jars, count);
    try {
      await set.ready();
      return set;
    } catch (error) {
      await set.stop();
      if (attempt === START_TRIES_MAX) throw error;
    }
  }
}

async function launch(
  jars: string,
  count: number,
): Promise<BrokerSet & { ready(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'thunder-kafka-'));
  const janitor = startJanitor(CLEAN_UP, [directory]);
  const ports = await findFreePorts(count * 2);
  const nodes: Node[] = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    port: ports[index * 2] ?? 0,
    controllerPort: ports[index * 2 + 1] ?? 0,
  }));
  const clusterId = randomBytes(16).toString('base64url');
  const brokers = nodes.map((node) => new JavaBroker({ node, nodes, directory, jars, clusterId }));
  for (const broker of brokers) broker.start();
  return {
    how: `Kafka ${KAFKA_VERSION} with Java on this machine (its processes can be paused and killed)`,
    brokers,
    async ready() {
      const died = brokers.map((broker) => broker.failed());
      const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
      await Promise.race([waitForBrokers(bootstrapOf(nodes), count, timeout), ...died]);
    },
    stop: () => janitor.clean(),
  };
}

class JavaBroker implements TestBroker {
  readonly id: number;
  readonly port: number;
  readonly #home: string;
  readonly #pidFile: string;
  readonly #jars: string;
  #process: ChildProcess | undefined;

  constructor(options: {
    node: Node;
    nodes: readonly Node[];
    directory: string;
    jars: string;
    clusterId: string;
  }) {
    this.id = options.node.id;
    this.port = options.node.port;
    this.#jars = options.jars;
    this.#home = join(options.directory, `broker-${this.id}`);
    this.#pidFile = join(options.directory, `${this.id}.pid`);
    const data = join(this.#home, 'data');
    mkdirSync(data, { recursive: true });
    // What `StorageTool format` writes, without another Java start.
    const meta = `version=1\ncluster.id=${options.clusterId}\nnode.id=${this.id}\n`;
    writeFileSync(join(data, 'meta.properties'), meta);
    writeFileSync(this.#settingsFile, settingsOf(options.node, options.nodes, data));
  }

  get #settingsFile(): string {
    return join(this.#home, 'server.properties');
  }

  get #logFile(): string {
    return join(this.#home, 'broker.log');
  }

  start(): void {
    const log = openSync(this.#logFile, 'a');
    // TieredStopAtLevel: a quick start matters more than peak speed on a small test machine.
    const jvm = [HEAP, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${this.#jars}/*`];
    const child = spawn(javaCommand(), [...jvm, 'kafka.Kafka', this.#settingsFile], {
      cwd: this.#home,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    this.#process = child;
    if (child.pid !== undefined) writeFileSync(this.#pidFile, String(child.pid));
  }

  /** Rejects when the process ends; never resolves. */
  async failed(): Promise<never> {
    const child = this.#process;
    if (child !== undefined && child.exitCode === null) await once(child, 'exit');
    throw new Error(`Kafka broker ${this.id} ended: ${this.#lastWords()}`);
  }

  async pause(): Promise<void> {
    this.#process?.kill('SIGSTOP');
  }

  async resume(): Promise<void> {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill('SIGKILL');
    await ended;
    rmSync(this.#pidFile, { force: true });
  }

  async restart(): Promise<void> {
    await this.kill();
    this.start();
    const up = waitForBrokers(`127.0.0.1:${this.port}`, 1, AbortSignal.timeout(START_TIMEOUT_MS));
    await Promise.race([up, this.failed()]);
  }

  #lastWords(): string {
    const lines = readFileSync(this.#logFile, 'utf8').trim().split('\n');
    const telling = lines.filter((line) => /\b(ERROR|FATAL|Exception)\b/.test(line));
    return (telling.length === 0 ? lines : telling).slice(-2).join(' ') || 'no output';
  }
}

function bootstrapOf(nodes: readonly Node[]): string {
  return nodes.map((node) => `127.0.0.1:${node.port}`).join(',');
}

function settingsOf(node: Node, nodes: readonly Node[], data: string): string {
  const voters = nodes.map((one) => `${one.id}@127.0.0.1:${one.controllerPort}`).join(',');
  return [
    'process.roles=broker,controller',
    `node.id=${node.id}`,
    `controller.quorum.voters=${voters}`,
    `listeners=PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${node.port}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'inter.broker.listener.name=PLAINTEXT',
    `log.dirs=${data}`,
    ...clusterSettings(nodes.length),
  ].join('\n');
}
