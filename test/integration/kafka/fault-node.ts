/**
 * A whole serving node in this process over a real Kafka, for tests of faults: its clock can be
 * moved, its log lines are kept, and its positions are watched from the start (I6).
 */
import { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { startServingNode } from '#node/serving-node.ts';
import { servingSettings } from '#node/settings/serving-settings.ts';
import { type Clock, systemClock } from '#runtime/clock.ts';
import { createLifecycle, type StopOutcome } from '#runtime/lifecycle.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { PositionWatch } from './position-watch.ts';

/**
 * Real time plus what a test adds; wall time and durations are moved apart. A call's deadline is in
 * real wall time: with a wall clock that was moved a caller needs one that is as far away.
 */
export class MovableClock implements Clock {
  #wallMs = 0;
  #monotonicMs = 0;

  nowMs(): number {
    return systemClock.nowMs() + this.#wallMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#monotonicMs;
  }

  /** As an administrator sets it: durations know nothing of it. */
  setWall(milliseconds: number): void {
    this.#wallMs += milliseconds;
  }

  /** As if this much time had passed, for whatever is measured in durations. */
  pass(milliseconds: number): void {
    this.#monotonicMs += milliseconds;
  }
}

export interface FaultNodeOptions {
  readonly bootstrap: string;
  readonly topic: string;
  /** Default `node`. */
  readonly name?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: MovableClock;
}

export interface FaultNode {
  readonly name: string;
  /** The gRPC port. */
  readonly address: string;
  readonly clock: MovableClock;
  readonly positions: PositionWatch;
  /** Settles when the node has ended, whoever ended it. */
  readonly ended: Promise<StopOutcome>;
  readonly hasEnded: boolean;
  /** Everything logged so far, a JSON object a line. */
  log(): string;
  status(query?: string): Promise<NodeStatus>;
  page(path: string): Promise<{ readonly code: number; readonly body: string }>;
  /** The sum of a metric over its labels; NaN when it is not on the page. */
  metric(name: string): Promise<number>;
  untilReady(withinMs?: number): Promise<void>;
  stop(): Promise<StopOutcome>;
}

/** Bounds how long a fault is unseen; production asks less often. */
const quickFlags = ['--lag-monitor-interval-secs', '1', '--stats-interval-secs', '1'];
/** Everything in one thread: others would have clocks of their own. */
const oneThread = ['--threads', '1'];

/** Stopped when the test ends, whether it passed or not. */
export async function startFaultNode(
  t: TestContext,
  options: FaultNodeOptions,
): Promise<FaultNode> {
  const node = await launchFaultNode(options);
  t.after(() => node.stop());
  return node;
}

/** The same, ended by the caller. */
export async function launchFaultNode(options: FaultNodeOptions): Promise<FaultNode> {
  const { bootstrap, topic, name = 'node', flags = [], env = {} } = options;
  const { values: settings } = loadSettings(servingSettings, {
    argv: [
      ...['--in-network-events-consumer-dest', bootstrap, '--in-network-events-topic', topic],
      ...['--node', name, '--kafka-group-id', topic],
      ...['--grpc-host', '127.0.0.1', '--grpc-port', '0'],
      ...['--http-host', '127.0.0.1', '--http-port', '0'],
      ...['--drain-delay-ms', '0', ...quickFlags, ...oneThread, ...flags],
    ],
    env,
    readFile: () => new Uint8Array(),
  });
  const clock = options.clock ?? new MovableClock();
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const logger = pino({ level: 'info', base: { node: name } }, sink);
  const lifecycle = createLifecycle({ logger, clock });
  let hasEnded = false;
  void lifecycle.stopped.then(() => {
    hasEnded = true;
  });
  const node = await startServingNode({ settings, lifecycle, clock, logger });
  const positions = PositionWatch.over(() => node.status());
  void lifecycle.stopped.then(() => positions.stop());

  const page: FaultNode['page'] = async (path) => {
    const response = await fetch(`http://127.0.0.1:${node.httpPort}${path}`);
    return { code: response.status, body: await response.text() };
  };
  return {
    name,
    address: `127.0.0.1:${node.grpcPort}`,
    clock,
    positions,
    ended: lifecycle.stopped,
    get hasEnded() {
      return hasEnded;
    },
    log: () => lines.join(''),
    page,
    async status(query = '') {
      // oxlint-disable-next-line no-unsafe-type-assertion -- a node of this checkout
      return JSON.parse((await page(`/status${query}`)).body) as NodeStatus;
    },
    async metric(metric) {
      const values = (await page('/metrics')).body
        .split('\n')
        .filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`))
        .map((line) => Number(line.split(' ').at(-1)));
      return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0);
    },
    async untilReady(withinMs = 30_000) {
      await waitFor(
        `${name} is ready`,
        () => {
          if (hasEnded) throw new Error(`${name} has ended:\n${lines.join('')}`);
          return node.ready();
        },
        { withinMs },
      );
    },
    stop: () => lifecycle.stop('the test is over'),
  };
}
