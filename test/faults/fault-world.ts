/**
 * What the verifier breaks: three brokers behind proxies, serving nodes as processes, one topic. It
 * can be made whole again from any state, which is what progress is demanded of.
 */
import { type KafkaCluster, startKafkaCluster } from '#test/components/kafka/kafka-cluster.ts';
import { Processes } from '#test/components/processes/processes.ts';
import { startNode, type ThunderNode } from '#test/components/processes/thunder-node.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { PositionWatch } from '#test/integration/kafka/position-watch.ts';

/** Longest time from everything healed to every node ready. */
const readyMsMax = 120_000;
/** How often a node's positions are looked at. */
const lookMs = 500;
const partitions = 6;

/** One node and those that took its place. */
export class WorldNode {
  readonly name: string;
  readonly #processes: Processes;
  readonly #flags: readonly string[];
  readonly #violations: string[] = [];
  #process: ThunderNode | null = null;
  #watch = new PositionWatch();
  #starts = 0;
  #isFrozen = false;
  #isLooking = false;

  constructor(processes: Processes, name: string, flags: readonly string[]) {
    this.#processes = processes;
    this.name = name;
    this.#flags = flags;
  }

  /** Running and not frozen. */
  get isUp(): boolean {
    return this.#process !== null && !this.#process.hasExited && !this.#isFrozen;
  }

  get starts(): number {
    return this.#starts;
  }

  get violations(): readonly string[] {
    return [...this.#violations, ...this.#watch.violations.map((one) => `${this.name}: ${one}`)];
  }

  /** The process there is now; throws when there is none. */
  get process(): ThunderNode {
    if (this.#process === null) throw new Error(`${this.name} is not running`);
    return this.#process;
  }

  async start(): Promise<void> {
    if (this.#process !== null && !this.#process.hasExited) return;
    if (this.#process !== null) {
      const { code, signal } = await this.#process.exited;
      this.#violations.push(
        `${this.name} ended by itself: ${signal ?? code}: ${tail(this.#process)}`,
      );
    }
    this.#starts += 1;
    this.#watch = new PositionWatch();
    this.#process = await startNode(this.#processes, {
      name: `${this.name}-${this.#starts}`,
      command: 'serve',
      flags: this.#flags,
    });
  }

  /** As a machine that loses its power. */
  async kill(): Promise<void> {
    const process = this.#process;
    if (process === null) return;
    this.#violations.push(...this.#watch.violations.map((one) => `${this.name}: ${one}`));
    this.#watch = new PositionWatch();
    this.#process = null;
    this.#isFrozen = false;
    process.kill('SIGKILL');
    await process.exited;
  }

  freeze(): void {
    this.#isFrozen = true;
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
    this.#isFrozen = false;
  }

  /** Notes its positions, if it can be asked. One question at a time: answers might overtake. */
  async look(): Promise<void> {
    const process = this.#process;
    if (process === null || !this.isUp || this.#isLooking) return;
    const watch = this.#watch;
    this.#isLooking = true;
    try {
      const status = await process.status();
      watch.note(status);
      for (const { kind, detail } of status.resets) {
        const text = `${this.name}: a reset (${kind}) though the log was never cut: ${detail}`;
        if (!this.#violations.includes(text)) this.#violations.push(text);
      }
    } catch (error) {
      // It was killed or frozen while it was asked; anything else shows when progress is demanded.
      if (this.isUp && this.#process === process && process.hasExited) throw error;
    } finally {
      this.#isLooking = false;
    }
  }
}

function tail(process: ThunderNode): string {
  return process.log().trim().split('\n').slice(-2).join(' ');
}

export interface FaultWorld {
  readonly cluster: KafkaCluster;
  readonly topic: string;
  readonly nodes: readonly WorldNode[];
  /** Everything runs, no wire has a fault, every node is ready. Throws when that takes too long. */
  heal(): Promise<void>;
  /** A node that reads the log from its start, ready. */
  startWitness(): Promise<ThunderNode>;
  /** With `keepLogs` what the nodes said stays; answers where. */
  stop(options?: { readonly keepLogs?: boolean }): Promise<string>;
}

export async function startFaultWorld(nodeCount: number): Promise<FaultWorld> {
  const cluster = await startKafkaCluster({ proxied: true });
  const processes = await Processes.create();
  const topic = await cluster.createTopic({ partitions, prefix: 'faults' });
  const flags = [
    ...['--in-network-events-consumer-dest', cluster.nodesBootstrap],
    ...['--in-network-events-topic', topic, '--kafka-group-id', topic],
    ...['--drain-delay-ms', '0', '--lag-monitor-interval-secs', '1'],
  ];
  const nodes = Array.from(
    { length: nodeCount },
    (_, index) => new WorldNode(processes, `node-${index + 1}`, flags),
  );
  const timer = setInterval(() => {
    for (const node of nodes) void node.look();
  }, lookMs);
  const stop: FaultWorld['stop'] = async (options = {}) => {
    clearInterval(timer);
    await processes.stop(options);
    await cluster.stop();
    return processes.directory;
  };
  const startWitness = async (): Promise<ThunderNode> => {
    const witness = new WorldNode(processes, 'witness', flags);
    await witness.start();
    await untilReady(witness);
    return witness.process;
  };
  const heal = async (): Promise<void> => {
    await cluster.heal();
    for (const node of nodes) {
      node.thaw();
      await node.start();
    }
    for (const node of nodes) await untilReady(node);
  };
  try {
    await heal();
  } catch (error) {
    await stop();
    throw error;
  }
  return { cluster, topic, nodes, heal, startWitness, stop };
}

async function untilReady(node: WorldNode): Promise<void> {
  await waitFor(`${node.name} is ready`, async () => (await node.process.status()).ready, {
    withinMs: readyMsMax,
    pollMs: 100,
  });
}
