/**
 * A Kafka cluster for tests of faults: Java processes that can each be stopped, killed, frozen and
 * started again, with a listener for the nodes under test that may lie behind a TCP proxy for each
 * broker, and may be secured. Tests themselves use the plain listener, which no fault touches.
 */
import type { TestContext } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { TcpProxy } from '#test/components/tcp-proxy.ts';
import { type ClusterSecurity, securitySettings } from './cluster-security.ts';
import { type ProcessBroker, startJavaBrokers } from './java-brokers.ts';
import { isCi, KafkaForTests, type TestKafka } from './kafka.ts';
import { whyNoJava } from './kafka-jars.ts';
import { withAdmin } from './topic-state.ts';

/** Three of them on a small machine, in which nothing large is written. */
const heapMb = 256;

/** So that tests wait for no default of minutes. */
const quickSettings = [
  'transaction.abort.timed.out.transaction.cleanup.interval.ms=500',
  'transaction.partition.verification.enable=false',
  'log.cleaner.backoff.ms=200',
  'log.retention.check.interval.ms=1000',
  'controlled.shutdown.retry.backoff.ms=500',
  'replica.lag.time.max.ms=4000',
  'replica.fetch.wait.max.ms=100',
  'message.max.bytes=16777216',
  'replica.fetch.max.bytes=16777216',
];

export interface KafkaClusterOptions {
  /** Default 3. */
  readonly brokers?: 1 | 3;
  /** Default false. Nodes talk to each broker through a proxy of its own. */
  readonly proxied?: boolean;
  readonly security?: ClusterSecurity;
  /** Broker settings, `name=value`, on top of ours. */
  readonly settings?: readonly string[];
}

export interface ClusterBroker extends ProcessBroker {
  /** Between the nodes under test and this broker; null unless the cluster is proxied. */
  readonly proxy: TcpProxy | null;
}

export interface KafkaCluster extends TestKafka {
  readonly brokers: readonly ClusterBroker[];
  /** Where the nodes under test begin: `host:port,…`. */
  readonly nodesBootstrap: string;
  /** By its id, which is 1 for the first. */
  broker(id: number): ClusterBroker;
  /** No faults on any wire, every process running and answering, every replica in sync. */
  heal(): Promise<void>;
  /** The same without the wires. */
  healBrokers(): Promise<void>;
}

/** For `describe(name, { skip: await skipWithoutCluster() }, …)`; where `CI` is set always false. */
export async function skipWithoutCluster(): Promise<string | false> {
  if (isCi()) return false;
  const missing = await whyNoJava();
  return missing === undefined
    ? false
    : `brokers that can be killed and secured need Java: ${missing}`;
}

export async function startKafkaCluster(options: KafkaClusterOptions = {}): Promise<KafkaCluster> {
  const { brokers: count = 3, proxied = false, security, settings = [] } = options;
  const proxies = new Map<number, TcpProxy>();
  const advertise = async (id: number, port: number): Promise<number> => {
    if (!proxied) return port;
    await proxies.get(id)?.close();
    const proxy = await TcpProxy.start({ target: { port } });
    proxies.set(id, proxy);
    return proxy.port;
  };
  const secured = security === undefined ? [] : securitySettings(security);
  try {
    const set = await startJavaBrokers(count, {
      heapMb,
      settings: [...quickSettings, ...secured, ...settings],
      ...(proxied || security !== undefined
        ? { nodesListener: { protocol: security?.protocol ?? 'PLAINTEXT', advertise } }
        : {}),
    });
    const brokers = set.brokers.map((broker) =>
      Object.assign(broker, { proxy: proxies.get(broker.id) ?? null }),
    );
    return new Cluster({ ...set, brokers });
  } catch (error) {
    for (const proxy of proxies.values()) await proxy.close();
    throw error;
  }
}

/** A cluster of one test's own, stopped when the test ends. */
export async function clusterFor(
  test: TestContext,
  options: KafkaClusterOptions = {},
): Promise<KafkaCluster> {
  const cluster = await startKafkaCluster(options);
  test.after(() => cluster.stop());
  return cluster;
}

interface ClusterSet {
  readonly how: string;
  readonly brokers: readonly ClusterBroker[];
  stop(): Promise<void>;
}

class Cluster extends KafkaForTests implements KafkaCluster {
  readonly nodesBootstrap: string;
  readonly #set: ClusterSet;

  constructor(set: ClusterSet) {
    super(set.brokers.map(({ port }) => `127.0.0.1:${port}`).join(','), set.how, set);
    this.#set = set;
    this.nodesBootstrap = set.brokers.map(({ nodesPort }) => `127.0.0.1:${nodesPort}`).join(',');
  }

  override get brokers(): readonly ClusterBroker[] {
    return this.#set.brokers;
  }

  /** Of the brokers that are up, with short waits: others may be listed for a while. */
  override client(): Kafka {
    const up = this.brokers.filter(({ isUp }) => isUp);
    return new Kafka({
      brokers: up.map(({ port }) => `127.0.0.1:${port}`),
      clientId: 'thunder-test',
      logLevel: logLevel.NOTHING,
      connectionTimeout: 1_000,
      // Longer than a replica takes to be missed, shorter than anybody waits for a frozen broker.
      requestTimeout: 6_000,
      retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000 },
      socketFactory: this.sockets.factory,
    });
  }

  broker(id: number): ClusterBroker {
    const broker = this.#set.brokers.find((one) => one.id === id);
    if (broker === undefined) throw new Error(`no broker ${id}`);
    return broker;
  }

  async heal(): Promise<void> {
    for (const { proxy } of this.brokers) proxy?.heal();
    await this.healBrokers();
  }

  async healBrokers(): Promise<void> {
    const over = this.brokers.filter(({ pid }) => pid === undefined);
    await Promise.all(this.brokers.map((broker) => broker.resume()));
    // All first, then wait: none answers without most of the others.
    for (const broker of over) broker.start();
    await Promise.all(over.map((broker) => broker.answers()));
    await waitFor('every replica of every topic is in sync', async () => {
      const { topics } = await withAdmin(this, (admin) => admin.fetchTopicMetadata());
      const partitions = topics.flatMap((topic) => topic.partitions);
      return partitions.every(({ isr, replicas }) => isr.length === replicas.length);
    });
  }

  override async stop(): Promise<void> {
    await super.stop();
    for (const { proxy } of this.brokers) await proxy?.close();
  }
}
