/**
 * A Kafka for tests, from what the machine has. In this order: the one a test run already started
 * (`TEST_KAFKA_BROKERS`), an existing cluster (`KAFKA_BROKERS`), Java with jars fetched by Maven
 * (quicker and smaller than an image, and its processes can be frozen and killed), Docker.
 */
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { type Logger, silentLogger } from '#runtime/logger.ts';
import { ClientSockets } from './client-sockets.ts';
import { createTopics } from './create-topics.ts';
import { startDockerBrokers, whyNoDocker } from './docker-brokers.ts';
import { startJavaBrokers } from './java-brokers.ts';
import { whyNoJava } from './kafka-jars.ts';
import type { BrokerSet, TestBroker } from './test-broker.ts';
import { waitForBrokers } from './wait-for-brokers.ts';

const ANSWER_TIMEOUT_MS = 15_000;
const INSTALL_HINT =
  'Install a JDK (17 or newer) and Maven, or start Docker, or name a cluster in KAFKA_BROKERS=host:port.';

export interface StartKafkaOptions {
  /** Default 1. Three brokers replicate threefold and need two in sync. */
  readonly brokers?: 1 | 3;
  /** Insists on brokers of its own, for tests that stop them: no shared one, no existing cluster. */
  readonly own?: boolean;
  readonly logger?: Logger;
}

export interface TestTopicOptions {
  /** Default 1. */
  readonly partitions?: number;
  /** Topic settings, such as `{'retention.ms': '1000'}`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Start of the name; the rest makes it unique. */
  readonly prefix?: string;
}

export interface TestKafka {
  /** `host:port,…` */
  readonly bootstrap: string;
  /** Which Kafka this is and why, in one line. */
  readonly how: string;
  /** The processes; empty for a cluster that was not started here. */
  readonly brokers: readonly TestBroker[];
  /** A client for tests: no logs, few retries. */
  client(): Kafka;
  /** Creates a topic with a name of its own and waits until every partition has a leader. */
  createTopic(options?: TestTopicOptions): Promise<string>;
  deleteTopic(topic: string): Promise<void>;
  /** Stops what was started, or else deletes the topics that were created here. Idempotent. */
  stop(): Promise<void>;
}

/** Why there can be no Kafka on this machine, with hints, or undefined if there can. Starts nothing. */
export async function whyNoKafka(options: StartKafkaOptions = {}): Promise<string | undefined> {
  if (existingCluster(options) !== undefined) return undefined;
  const noJava = await whyNoJava();
  if (noJava === undefined) return undefined;
  const noDocker = await whyNoDocker();
  if (noDocker === undefined) return undefined;
  return `No Kafka for tests: ${noJava}; ${noDocker}. ${INSTALL_HINT}`;
}

export async function startKafka(options: StartKafkaOptions = {}): Promise<TestKafka> {
  const logger = options.logger ?? silentLogger;
  const existing = existingCluster(options);
  if (existing !== undefined) {
    await waitForBrokers(existing.bootstrap, 1, AbortSignal.timeout(ANSWER_TIMEOUT_MS));
    logger.info({ bootstrap: existing.bootstrap, how: existing.how }, 'kafka found');
    return new KafkaForTests(existing.bootstrap, existing.how);
  }
  const set = await startBrokers(options.brokers ?? 1);
  const bootstrap = set.brokers.map((broker) => `127.0.0.1:${broker.port}`).join(',');
  logger.info({ bootstrap, how: set.how }, 'kafka started');
  return new KafkaForTests(bootstrap, set.how, set);
}

/**
 * Starts Kafka for one test, stopped when the test ends. Without one the test is skipped, with the
 * reason, and `undefined` is the answer; where `CI` is set it fails instead.
 */
export async function kafkaOrSkip(
  test: TestContext,
  options: StartKafkaOptions = {},
): Promise<TestKafka | undefined> {
  const missing = await whyNoKafka(options);
  if (missing !== undefined) {
    if (isCi()) throw new Error(missing);
    test.skip(missing);
    return undefined;
  }
  const kafka = await startKafka(options);
  test.after(() => kafka.stop());
  return kafka;
}

/**
 * For `describe(name, { skip: await skipWithoutKafka() }, …)`: the reason to skip, or false. Where
 * `CI` is set it is always false, so that the missing Kafka fails the tests.
 */
export async function skipWithoutKafka(options: StartKafkaOptions = {}): Promise<string | false> {
  return isCi() ? false : ((await whyNoKafka(options)) ?? false);
}

export function isCi(): boolean {
  const value = process.env['CI'];
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}

function existingCluster(
  options: StartKafkaOptions,
): { readonly bootstrap: string; readonly how: string } | undefined {
  if (options.own === true) return undefined;
  const shared = process.env['TEST_KAFKA_BROKERS'];
  if (shared !== undefined && shared !== '' && options.brokers !== 3) {
    return { bootstrap: shared, how: 'the Kafka this test run shares (TEST_KAFKA_BROKERS is set)' };
  }
  const named = process.env['KAFKA_BROKERS'];
  if (named !== undefined && named !== '') {
    return { bootstrap: named, how: 'an existing cluster (KAFKA_BROKERS is set)' };
  }
  return undefined;
}

async function startBrokers(count: number): Promise<BrokerSet> {
  const noJava = await whyNoJava();
  if (noJava === undefined) return startJavaBrokers(count);
  const noDocker = await whyNoDocker();
  if (noDocker === undefined) return startDockerBrokers(count);
  throw new Error(`No Kafka for tests: ${noJava}; ${noDocker}. ${INSTALL_HINT}`);
}

export class KafkaForTests implements TestKafka {
  readonly bootstrap: string;
  readonly how: string;
  protected readonly sockets = new ClientSockets();
  readonly #set: BrokerSet | undefined;
  readonly #topics = new Set<string>();
  #stopped: Promise<void> | undefined;

  constructor(bootstrap: string, how: string, set?: BrokerSet) {
    this.bootstrap = bootstrap;
    this.how = how;
    this.#set = set;
  }

  get brokers(): readonly TestBroker[] {
    return this.#set?.brokers ?? [];
  }

  client(): Kafka {
    return new Kafka({
      brokers: this.bootstrap.split(','),
      clientId: 'thunder-test',
      logLevel: logLevel.NOTHING,
      retry: { retries: 5, initialRetryTime: 100 },
      socketFactory: this.sockets.factory,
    });
  }

  async createTopic(options: TestTopicOptions = {}): Promise<string> {
    const topic = `${options.prefix ?? 'test'}-${randomBytes(5).toString('hex')}`;
    const configEntries = Object.entries(options.config ?? {}).map(([name, value]) => ({
      name,
      value,
    }));
    const numPartitions = options.partitions ?? 1;
    await this.#withAdmin((admin) =>
      createTopics(admin, [{ topic, numPartitions, configEntries }]),
    );
    this.#topics.add(topic);
    return topic;
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    this.#topics.delete(topic);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    if (this.#set !== undefined) {
      await this.#set.stop();
    } else if (this.#topics.size > 0) {
      const topics = [...this.#topics];
      await this.#withAdmin((admin) => admin.deleteTopics({ topics }));
    }
    this.sockets.destroy();
  }

  async #withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.client().admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  }
}
