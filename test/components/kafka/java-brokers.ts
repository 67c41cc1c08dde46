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
const HEAP_MB = 384;
/** A clean stop moves leaders and closes logs; then it is killed. */
const CLEAN_STOP_TIMEOUT_MS = 30_000;

// Paused processes die of -9 too; the pid files are the truth across restarts.
const CLEAN_UP = `for f in "$1"/*.pid; do kill -9 "$(cat "$f")"; done
for i in 1 2 3 4 5; do rm -rf "$1" && break; sleep 0.2; done`;

export interface JavaBrokersOptions {
  /** Default 384. */
  readonly heapMb?: number;
  /** Broker settings, `name=value`, on top of ours. */
  readonly settings?: readonly string[];
  /** A second listener beside the plain one, which brokers and tests keep to themselves. */
  readonly nodesListener?: {
    /** `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`; what it needs is in `settings`. */
    readonly protocol: string;
    /** The port that the broker tells clients in place of its own. Asked again for every try. */
    advertise(brokerId: number, port: number): Promise<number>;
  };
}

/** One broker with what only a process of ours can do. */
export interface ProcessBroker extends TestBroker {
  readonly pid: number | undefined;
  /** Neither frozen nor ended by us. */
  readonly isUp: boolean;
  /** As told to clients of the nodes' listener; the plain port without one. */
  readonly nodesPort: number;
  /** The folder of its logs: `TOPIC-PARTITION/` below it. */
  readonly dataFolder: string;
  /** SIGTERM: hands its leaders over and closes its logs. */
  stopCleanly(): Promise<void>;
  /** Starts the process and waits for nothing. */
  start(): void;
  /** Waits until it does. */
  answers(): Promise<void>;
}

export interface JavaBrokerSet extends BrokerSet {
  readonly brokers: readonly ProcessBroker[];
}

interface Node {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly nodes: {
    readonly protocol: string;
    readonly port: number;
    readonly told: number;
  } | null;
}

/** Starts `count` brokers (1 or 3) and waits until they answer; tries again when a port was taken. */
export async function startJavaBrokers(
  count: number,
  options: JavaBrokersOptions = {},
): Promise<JavaBrokerSet> {
  const jars = await ensureKafkaJars();
  for (let attempt = 1; ; attempt++) {
    const set = await launch(jars, count, options);
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
  options: JavaBrokersOptions,
): Promise<JavaBrokerSet & { ready(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'thunder-kafka-'));
  const janitor = startJanitor(CLEAN_UP, [directory]);
  const nodes = await layOut(count, options);
  const clusterId = randomBytes(16).toString('base64url');
  const { heapMb = HEAP_MB, settings = [] } = options;
  const shared = { nodes, directory, jars, clusterId, heapMb, settings };
  const brokers = nodes.map((node) => new JavaBroker({ node, ...shared }));
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

async function layOut(count: number, { nodesListener }: JavaBrokersOptions): Promise<Node[]> {
  const ports = await findFreePorts(count * 3);
  const laidOut = Array.from({ length: count }, async (_, index): Promise<Node> => {
    const id = index + 1;
    const [port = 0, controllerPort = 0, nodesPort = 0] = ports.slice(index * 3);
    const nodes =
      nodesListener === undefined
        ? null
        : {
            protocol: nodesListener.protocol,
            port: nodesPort,
            told: await nodesListener.advertise(id, nodesPort),
          };
    return { id, port, controllerPort, nodes };
  });
  return Promise.all(laidOut);
}

class JavaBroker implements ProcessBroker {
  readonly id: number;
  readonly port: number;
  readonly nodesPort: number;
  readonly dataFolder: string;
  readonly #home: string;
  readonly #pidFile: string;
  readonly #jars: string;
  readonly #heapMb: number;
  #process: ChildProcess | undefined;
  #isFrozen = false;

  constructor(options: {
    node: Node;
    nodes: readonly Node[];
    directory: string;
    jars: string;
    clusterId: string;
    heapMb: number;
    settings: readonly string[];
  }) {
    this.id = options.node.id;
    this.port = options.node.port;
    this.nodesPort = options.node.nodes?.told ?? options.node.port;
    this.#jars = options.jars;
    this.#heapMb = options.heapMb;
    this.#home = join(options.directory, `broker-${this.id}`);
    this.#pidFile = join(options.directory, `${this.id}.pid`);
    const data = join(this.#home, 'data');
    this.dataFolder = data;
    mkdirSync(data, { recursive: true });
    // What `StorageTool format` writes, without another Java start.
    const meta = `version=1\ncluster.id=${options.clusterId}\nnode.id=${this.id}\n`;
    writeFileSync(join(data, 'meta.properties'), meta);
    const settings = [...settingsOf(options.node, options.nodes, data), ...options.settings];
    writeFileSync(this.#settingsFile, settings.join('\n'));
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get isUp(): boolean {
    return this.#process !== undefined && !this.#isFrozen;
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
    const jvm = [
      `-Xmx${this.#heapMb}m`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      `${this.#jars}/*`,
    ];
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
    this.#isFrozen = true;
    this.#process?.kill('SIGSTOP');
  }

  async resume(): Promise<void> {
    this.#process?.kill('SIGCONT');
    this.#isFrozen = false;
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stopCleanly(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    this.#isFrozen = false;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), CLEAN_STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
    rmSync(this.#pidFile, { force: true });
  }

  async restart(): Promise<void> {
    await this.kill();
    this.start();
    await this.answers();
  }

  async answers(): Promise<void> {
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

function settingsOf(node: Node, nodes: readonly Node[], data: string): string[] {
  const voters = nodes.map((one) => `${one.id}@127.0.0.1:${one.controllerPort}`).join(',');
  const plain = `PLAINTEXT://127.0.0.1:${node.port}`;
  const listeners = [plain, `CONTROLLER://127.0.0.1:${node.controllerPort}`];
  const advertised = [plain];
  const protocols = ['CONTROLLER:PLAINTEXT', 'PLAINTEXT:PLAINTEXT'];
  if (node.nodes !== null) {
    listeners.push(`NODES://127.0.0.1:${node.nodes.port}`);
    advertised.push(`NODES://127.0.0.1:${node.nodes.told}`);
    protocols.push(`NODES:${node.nodes.protocol}`);
  }
  return [
    'process.roles=broker,controller',
    `node.id=${node.id}`,
    `broker.rack=rack-${node.id}`,
    `controller.quorum.voters=${voters}`,
    `listeners=${listeners.join(',')}`,
    `advertised.listeners=${advertised.join(',')}`,
    'controller.listener.names=CONTROLLER',
    `listener.security.protocol.map=${protocols.join(',')}`,
    'inter.broker.listener.name=PLAINTEXT',
    `log.dirs=${data}`,
    ...clusterSettings(nodes.length),
  ];
}
