/**
 * Connections to the brokers of a cluster, for requests of our own. kafkajs makes them, with TLS and
 * SASL, and matches answers to requests; which broker is asked what, and what an error means, is for
 * the caller. kafkajs has no public way to that: its cluster is made by a method behind a symbol.
 */
import { createRequire } from 'node:module';
import type { Kafka } from 'kafkajs';
import { DependencyError } from '../errors.ts';
import type { BrokerAddress } from './metadata-request.ts';
import type { BrokerVersions, WireRequest } from './wire-request.ts';

/** The parts of kafkajs's insides that are used here; frozen since its 2.2.4. */
interface KafkajsConnection {
  readonly socket?: { destroy(error: Error): void };
}

interface KafkajsPool {
  readonly pool: readonly KafkajsConnection[];
  send<T>(request: {
    readonly request: {
      readonly apiKey: number;
      readonly apiName: string;
      readonly apiVersion: number;
      encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
    };
    readonly response: {
      decode(payload: Buffer): Promise<unknown>;
      parse(decoded: unknown): Promise<T>;
    };
    /** Milliseconds; the client's own when that is longer. */
    readonly requestTimeout: number;
  }): Promise<T>;
}

interface GroupCoordinator {
  readonly coordinator: { readonly nodeId: number };
}

/** What group requests are sent with: kafkajs has them as they are needed. */
export interface GroupRequests {
  findGroupCoordinator(options: {
    readonly groupId: string;
    readonly coordinatorType: number;
  }): Promise<GroupCoordinator>;
  offsetCommit(options: {
    readonly groupId: string;
    readonly groupGenerationId: number;
    readonly memberId: string;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[];
  }): Promise<unknown>;
  deleteGroups(groupIds: readonly string[]): Promise<unknown>;
}

interface KafkajsBroker extends GroupRequests {
  readonly connectionPool: KafkajsPool;
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  isConnected(): boolean;
  connect(): Promise<void>;
}

interface KafkajsCluster {
  readonly connectionPoolBuilder: {
    build(address?: { host: string; port: number; rack: string }): Promise<KafkajsPool>;
  };
  readonly brokerPool: {
    createBroker(options: {
      readonly connectionPool: KafkajsPool;
      readonly logger: unknown;
      readonly nodeId: number | null;
    }): KafkajsBroker;
  };
  readonly rootLogger: unknown;
}

type CreateCluster = (options: object) => KafkajsCluster;

export interface ClusterConnectionsOptions {
  readonly kafka: Kafka;
  /** How many brokers the client was given to begin with: each is tried. */
  readonly bootstrapBrokers: number;
  /** An answer that takes longer is given up, and its connection with it, milliseconds. */
  readonly answerMsMax: number;
}

interface Known {
  readonly address: BrokerAddress;
  /** Rejected when it cannot be reached; then it is forgotten, and the next request dials again. */
  broker: Promise<KafkajsBroker> | null;
}

export class ClusterConnections {
  readonly #cluster: KafkajsCluster;
  readonly #options: ClusterConnectionsOptions;
  readonly #known = new Map<number, Known>();
  readonly #open = new Set<KafkajsBroker>();
  /** The bootstrap broker that answered last. */
  #bootstrap: Promise<KafkajsBroker> | null = null;
  #isClosed = false;

  constructor(options: ClusterConnectionsOptions) {
    this.#options = options;
    this.#cluster = clusterOf(options.kafka);
  }

  /** What the cluster says its brokers are. Those that are gone, or moved, are disconnected. */
  setBrokers(addresses: readonly BrokerAddress[]): void {
    const listed = new Map(addresses.map((address) => [address.nodeId, address]));
    for (const [nodeId, known] of this.#known) {
      const address = listed.get(nodeId);
      if (address?.host === known.address.host && address.port === known.address.port) continue;
      this.#forget(known);
      this.#known.delete(nodeId);
    }
    for (const [nodeId, address] of listed) {
      if (!this.#known.has(nodeId)) this.#known.set(nodeId, { address, broker: null });
    }
  }

  /** Asks one broker. Rejects with what kafkajs throws, or when the answer is none. */
  async request<T>(
    nodeId: number,
    make: (versions: BrokerVersions) => WireRequest<T>,
    answerMsMax: number = this.#options.answerMsMax,
  ): Promise<T> {
    const known = this.#known.get(nodeId);
    if (known === undefined) throw unreachable(`broker ${nodeId} is not known`);
    try {
      const answer = this.#connected(known).then((broker) => ask(broker, make, answerMsMax));
      return await within(answerMsMax, answer, nameOf(known.address));
    } catch (error) {
      this.#forget(known);
      throw error;
    }
  }

  /** Asks any broker that answers: those that are known, then those the client was given. */
  async requestAny<T>(make: (versions: BrokerVersions) => WireRequest<T>): Promise<T> {
    let failure: unknown = unreachable('no broker is known');
    const known = [...this.#known.values()];
    // Those that are connected first: a broker that is away costs a time-out.
    for (const { address } of known.toSorted((one, other) => rank(one) - rank(other))) {
      if (this.#isClosed) break;
      try {
        return await this.request(address.nodeId, make);
      } catch (error) {
        failure = error;
      }
    }
    for (let tries = 0; tries < this.#options.bootstrapBrokers && !this.#isClosed; tries += 1) {
      this.#bootstrap ??= this.#dial(null);
      const dialled = this.#bootstrap;
      try {
        const { answerMsMax } = this.#options;
        const answer = dialled.then((broker) => ask(broker, make, answerMsMax));
        return await within(answerMsMax, answer, 'a bootstrap broker');
      } catch (error) {
        failure = error;
        this.#bootstrap = null;
        void dialled.then((broker) => this.#hangUp(broker)).catch(() => undefined);
      }
    }
    throw failure;
  }

  /** A broker for requests about groups, which kafkajs writes. */
  async groupRequests(nodeId: number): Promise<GroupRequests> {
    const known = this.#known.get(nodeId);
    if (known === undefined) throw unreachable(`broker ${nodeId} is not known`);
    const { answerMsMax } = this.#options;
    return await within(answerMsMax, this.#connected(known), nameOf(known.address));
  }

  /** The numbers of the brokers there are. */
  get nodeIds(): readonly number[] {
    return [...this.#known.keys()];
  }

  /** Cuts every connection; what waits for an answer is rejected. */
  close(): void {
    this.#isClosed = true;
    for (const broker of this.#open) this.#hangUp(broker);
    this.#known.clear();
  }

  async #connected(known: Known): Promise<KafkajsBroker> {
    known.broker ??= this.#dial(known.address);
    const dialled = known.broker;
    try {
      const broker = await dialled;
      if (!broker.isConnected()) await broker.connect();
      return broker;
    } catch (error) {
      if (known.broker === dialled) known.broker = null;
      throw error;
    }
  }

  async #dial(address: BrokerAddress | null): Promise<KafkajsBroker> {
    if (this.#isClosed) throw unreachable('the connections are closed');
    const { connectionPoolBuilder, brokerPool, rootLogger } = this.#cluster;
    const connectionPool = await connectionPoolBuilder.build(
      address === null ? undefined : { ...address },
    );
    const nodeId = address?.nodeId ?? null;
    const broker = brokerPool.createBroker({ connectionPool, logger: rootLogger, nodeId });
    this.#open.add(broker);
    try {
      await broker.connect();
    } catch (error) {
      this.#hangUp(broker);
      throw error;
    }
    // Closed while it was being dialled.
    if (this.#isClosed) this.#hangUp(broker);
    return broker;
  }

  #forget(known: Known): void {
    const dialled = known.broker;
    known.broker = null;
    if (dialled !== null) {
      void dialled.then((broker) => this.#hangUp(broker)).catch(() => undefined);
    }
  }

  /** kafkajs's own way to disconnect waits for answers; this one rejects them. */
  #hangUp(broker: KafkajsBroker): void {
    this.#open.delete(broker);
    for (const connection of broker.connectionPool.pool) {
      connection.socket?.destroy(new Error('connection given up'));
    }
  }
}

function rank({ broker }: Known): number {
  return broker === null ? 1 : 0;
}

function ask<T>(
  broker: KafkajsBroker,
  make: (versions: BrokerVersions) => WireRequest<T>,
  requestTimeout: number,
): Promise<T> {
  const { versions } = broker;
  const request = make({
    newest: (key) => versions?.[key]?.maxVersion ?? -1,
  });
  const { apiKey, apiName, apiVersion, body } = request;
  let value: T;
  return broker.connectionPool.send<T>({
    request: {
      apiKey,
      apiName,
      apiVersion,
      encode: () => Promise.resolve({ buf: body, buffer: body }),
    },
    response: {
      decode(payload) {
        const answer = request.read(payload);
        value = answer.value;
        // kafkajs waits this long before the next request on the connection (KIP-219).
        return Promise.resolve({ clientSideThrottleTime: answer.throttleMs });
      },
      parse: () => Promise.resolve(value),
    },
    requestTimeout,
  });
}

function nameOf({ nodeId, host, port }: BrokerAddress): string {
  return `broker ${nodeId} at ${host}:${port}`;
}

/** Connecting counts: kafkajs waits for a frozen broker three times as long as we do. */
async function within<T>(milliseconds: number, work: Promise<T>, who: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(unreachable(`cannot reach Kafka: ${who} gave no answer within ${milliseconds} ms`)),
    milliseconds,
  );
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

function unreachable(message: string): DependencyError {
  return new DependencyError(message, { code: 'KAFKA_UNREACHABLE', retry: 'backoff' });
}

function clusterOf(kafka: Kafka): KafkajsCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create: unknown = symbol === undefined ? undefined : Reflect.get(kafka, symbol);
  if (typeof create !== 'function') throw new Error('kafkajs has changed inside');
  // oxlint-disable-next-line no-unsafe-type-assertion -- kafkajs 2.2.4, pinned
  return (create as CreateCluster)({
    metadataMaxAge: Number.MAX_SAFE_INTEGER,
    allowAutoTopicCreation: false,
  });
}

const load = createRequire(import.meta.url);
const protocol: { createErrorFromCode(code: number): Error } = load('kafkajs/src/protocol/error');

/** What a broker means by an error code, with Kafka's name for it as its `type`. */
export function errorOfCode(code: number): Error {
  return protocol.createErrorFromCode(code);
}
