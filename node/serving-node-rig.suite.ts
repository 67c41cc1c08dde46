/**
 * A whole serving node in this process, as the program runs it: settings from flags, a log in
 * memory in place of Kafka, its ports asked from outside, ended by a signal that only it sees.
 */
import { EventEmitter } from 'node:events';
import type { TestContext } from 'node:test';
import {
  createQueryClient,
  type QueryCallOptions,
  type QueryResult,
} from '#cli/query/query-client.ts';
import type { QueryRequest } from '#cli/query/query-request.ts';
import { type Clock, systemClock } from '#runtime/clock.ts';
import { DependencyError } from '#runtime/errors.ts';
import { createLifecycle } from '#runtime/lifecycle.ts';
import { silentLogger } from '#runtime/logger.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import { runUntilSignal } from '#runtime/run-until-signal.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import type { EventSource, EventSourceListener, PartitionBounds } from './ingest/event-source.ts';
import { MemoryEventSource } from './ingest/memory-event-source.ts';
import { type ServingNode, startServingNode } from './serving-node.ts';
import { servingSettings } from './settings/serving-settings.ts';

/** Real time, plus what a test adds to the monotonic part. Wall time stays the caller's own. */
export class JumpingClock implements Clock {
  /** Each look at the monotonic time takes this long, milliseconds. */
  stepMs = 0;
  #aheadMs = 0;

  nowMs(): number {
    return systemClock.nowMs();
  }

  monotonicMs(): number {
    this.#aheadMs += this.stepMs;
    return systemClock.monotonicMs() + this.#aheadMs;
  }

  jump(milliseconds: number): void {
    this.#aheadMs += milliseconds;
  }
}

/** A log in memory whose broker can be away, and which delivers nothing while it is held. */
export class TestLog extends MemoryEventSource {
  isAway = false;
  readonly #ran = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();

  constructor(options: { readonly partitions?: number; readonly held?: boolean } = {}) {
    super({ topic: 'in_network_events', ...options });
    if (options.held !== true) this.release();
  }

  /** Settles when the node has opened the log and wants its records. */
  get ran(): Promise<void> {
    return this.#ran.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  override bounds(): Promise<readonly PartitionBounds[]> {
    return this.isAway ? Promise.reject(brokerAway()) : super.bounds();
  }

  override async run(
    positions: ReadonlyMap<number, number>,
    listener: EventSourceListener,
  ): Promise<void> {
    this.#ran.resolve();
    await this.#released.promise;
    return super.run(positions, listener);
  }

  override close(): Promise<void> {
    this.release();
    return super.close();
  }
}

export function brokerAway(): DependencyError {
  return new DependencyError('no broker', { code: 'KAFKA_UNREACHABLE', retry: 'backoff' });
}

export interface Page {
  readonly code: number;
  readonly body: string;
}

export interface Rig {
  readonly node: ServingNode;
  readonly clock: JumpingClock;
  /** The gRPC port. */
  readonly address: string;
  /** The process's exit code, once everything is stopped. */
  readonly exitCode: Promise<number>;
  ask(request: Partial<QueryRequest>, options?: QueryCallOptions): Promise<QueryResult>;
  /** The ids of the newest posts of these authors. */
  posts(...authors: readonly bigint[]): Promise<bigint[]>;
  page(path: string): Promise<Page>;
  /** What `/readyz` says, with its code. */
  readyz(): Promise<Readonly<Record<string, unknown>>>;
  status(query?: string): Promise<NodeStatus>;
  /** The value of a metric, its labels written as on the page; NaN when there is none. */
  metric(name: string): Promise<number>;
  untilReady(): Promise<void>;
  signal(signal: 'SIGTERM' | 'SIGINT'): void;
}

/** Starts a node that reads these logs, the next one each time it begins anew; ends it with the test. */
export async function startRig(
  t: TestContext,
  options: {
    readonly logs: readonly EventSource[];
    readonly flags?: readonly string[];
  },
): Promise<Rig> {
  const { values: settings } = loadSettings(servingSettings, {
    argv: [
      ...['--in-network-events-consumer-dest', '127.0.0.1:9', '--node', 'node-1'],
      ...['--grpc-host', '127.0.0.1'],
      ...['--http-host', '127.0.0.1', '--http-port', '0'],
      ...(options.flags ?? []),
    ],
    // Weaker than the test's own flags.
    env: {
      THUNDER_GRPC_PORT: '0',
      THUNDER_DRAIN_DELAY_MS: '0',
      THUNDER_THREADS: '1',
      // For serving threads, which log by themselves.
      THUNDER_LOG_LEVEL: 'silent',
    },
    readFile: () => new Uint8Array(),
  });
  const clock = new JumpingClock();
  const logger = silentLogger;
  const lifecycle = createLifecycle({ logger, clock });
  const logs = [...options.logs];
  const createSource = (): EventSource => {
    const log = logs.shift();
    if (log === undefined) throw new Error('the node began anew once more than expected');
    return log;
  };
  const program = Object.assign(new EventEmitter(), { exit: () => undefined });
  const started = Promise.withResolvers<ServingNode>();
  const exitCode = runUntilSignal(
    lifecycle,
    async () =>
      started.resolve(await startServingNode({ settings, lifecycle, clock, logger, createSource })),
    { logger, process: program },
  );
  const signal = (name: 'SIGTERM' | 'SIGINT'): void => {
    program.emit(name);
  };
  t.after(() => {
    signal('SIGTERM');
    return exitCode;
  });
  void exitCode.then((code) => started.reject(new Error(`ended with ${code} while it started`)));
  const node = await started.promise;

  const address = `127.0.0.1:${node.grpcPort}`;
  const client = createQueryClient({ address, retryUnavailable: false });
  t.after(() => client.close());
  const ask: Rig['ask'] = (request, callOptions) =>
    client.getInNetworkPosts({ userId: 1n, followingUserIds: [], ...request }, callOptions);
  const page: Rig['page'] = async (path) => {
    const response = await fetch(`http://127.0.0.1:${node.httpPort}${path}`);
    return { code: response.status, body: await response.text() };
  };
  const readyz: Rig['readyz'] = async () => {
    const { code, body } = await page('/readyz');
    return { code, ...JSON.parse(body) };
  };
  return {
    node,
    clock,
    address,
    exitCode,
    ask,
    page,
    readyz,
    signal,
    async posts(...followingUserIds) {
      return (await ask({ followingUserIds })).posts.map((post) => post.postId);
    },
    async status(query = '') {
      return JSON.parse((await page(`/status${query}`)).body) as NodeStatus;
    },
    async metric(name) {
      const lines = (await page('/metrics')).body.split('\n');
      const line = lines.find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
      return Number(line?.split(' ').at(-1) ?? Number.NaN);
    },
    async untilReady() {
      await waitFor('the node is ready', () => node.ready());
    },
  };
}

/** Lets the node look at the ends of its log, whatever the interval, until `look` sees something. */
export function whileTimePasses<T>(
  rig: Rig,
  what: string,
  look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
): Promise<T> {
  return waitFor(what, () => {
    rig.clock.jump(500);
    return look();
  });
}
