/**
 * A whole transformer in this process: what it says of itself while it waits for Kafka, while it
 * works and when it ends.
 */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, before, describe, it, type TestContext } from 'node:test';
import { systemClock } from '#runtime/clock.ts';
import { exitCodes } from '#runtime/exit-codes.ts';
import { createLifecycle } from '#runtime/lifecycle.ts';
import { silentLogger } from '#runtime/logger.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import { runUntilSignal } from '#runtime/run-until-signal.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { append, createEvent } from '#test/integration/node-fixture.ts';
import { documentedMetrics } from './admin/documented-metrics.suite.ts';
import { transformerSettings } from './settings/transformer-settings.ts';
import { startTransformerNode, type TransformerNode } from './transformer-node.ts';
import { version } from './version.ts';

interface Rig {
  readonly node: TransformerNode;
  readonly exitCode: Promise<number>;
  page(path: string): Promise<{ readonly code: number; readonly body: string }>;
  readyz(): Promise<Readonly<Record<string, unknown>>>;
  status(): Promise<NodeStatus>;
  signal(): void;
}

async function startRig(t: TestContext, brokers: string, flags: readonly string[]): Promise<Rig> {
  const { values: settings } = loadSettings(transformerSettings, {
    argv: [
      ...['--tweet-events-consumer-dest', brokers, '--in-network-events-producer-dest', brokers],
      ...['--http-host', '127.0.0.1', '--http-port', '0', '--node', 'transformer-1', ...flags],
    ],
    env: {},
    readFile: () => new Uint8Array(),
  });
  const logger = silentLogger;
  const clock = systemClock;
  const lifecycle = createLifecycle({ logger, clock });
  const program = Object.assign(new EventEmitter(), { exit: () => undefined });
  const started = Promise.withResolvers<TransformerNode>();
  const exitCode = runUntilSignal(
    lifecycle,
    async () => started.resolve(await startTransformerNode({ settings, lifecycle, clock, logger })),
    { logger, process: program },
  );
  t.after(() => {
    program.emit('SIGTERM');
    return exitCode;
  });
  void exitCode.then((code) => started.reject(new Error(`ended with ${code} while it started`)));
  const node = await started.promise;
  const page: Rig['page'] = async (path) => {
    const response = await fetch(`http://127.0.0.1:${node.httpPort}${path}`);
    return { code: response.status, body: await response.text() };
  };
  return {
    node,
    exitCode,
    page,
    signal: () => program.emit('SIGTERM'),
    async readyz() {
      const { code, body } = await page('/readyz');
      return { code, ...JSON.parse(body) };
    },
    async status() {
      return JSON.parse((await page('/status')).body) as NodeStatus;
    },
  };
}

/** What is the same whatever a transformer is doing. */
const always = {
  version,
  role: 'transform',
  node: 'transformer-1',
  fleet: 'local',
  threads: 1,
  posts: 0,
  authors: 0,
  tombstones: 0,
  bytes: { used: 0, bound: 0, byArena: {} },
  effectiveRetentionSeconds: 172_800,
  stalenessMs: null,
  warmStart: null,
  donating: 0,
  requests: { inFlight: 0, perSecond: 0, p50Ms: 0, p99Ms: 0, rejected: 0 },
  resets: [],
  warnings: [],
};

describe('a transformer without its Kafka', () => {
  it('L3: says that it is connecting and why not, names every metric, and ends in order', async (t) => {
    const rig = await startRig(t, '127.0.0.1:9', []);
    await waitFor('a reason', async () => (await rig.status()).reason !== '');
    const { startedAt, reason, counters, ...rest } = await rig.status();
    assert.deepEqual(rest, {
      ...always,
      stage: 'connecting',
      ready: false,
      progress: null,
      etaSeconds: null,
      readyAt: null,
      lagEvents: 0,
      partitions: [],
    });
    assert.ok(Math.abs(Date.parse(startedAt) - Date.now()) < 60_000);
    assert.match(reason, /127\.0\.0\.1:9/);
    assert.equal(typeof counters, 'object');
    const readiness = await rig.readyz();
    assert.deepEqual(
      { ...readiness, reason: '' },
      {
        code: 503,
        ready: false,
        stage: 'connecting',
        reason: '',
        progress: null,
        etaSeconds: null,
        lagEvents: 0,
      },
    );
    assert.equal((await rig.page('/livez')).code, 200);
    assert.equal((await rig.page('/startupz')).code, 200);

    const documented = documentedMetrics('thunder transform');
    assert.ok(documented.length > 8, `${documented.length} found`);
    const { body } = await rig.page('/metrics');
    assert.deepEqual(
      documented.filter((name) => !body.includes(`# TYPE ${name} `)),
      [],
    );
    rig.signal();
    assert.equal(await rig.exitCode, exitCodes.ok);
  });
});

describe('a transformer at work', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  it('L3: is ready once it has caught up, and says since when and what it did', async (t) => {
    const [input, output] = [await kafka.createTopic(), await kafka.createTopic()];
    const messages = [1n, 2n, 3n].map((id) => ({ value: createEvent(id, 7n) }));
    await append(kafka, input, messages);
    const rig = await startRig(t, kafka.bootstrap, [
      ...['--tweet-events-topic', input, '--in-network-events-topic', output],
      ...['--input-format', 'in-network-event', '--kafka-group-id', input],
    ]);
    await waitFor('it has caught up', async () => {
      const { ready, partitions, lagEvents } = await rig.status();
      return ready && partitions[0]?.position === 3 && lagEvents === 0;
    });
    const { startedAt, readyAt, counters, ...rest } = await rig.status();
    assert.deepEqual(rest, {
      ...always,
      stage: 'ready',
      ready: true,
      reason: '',
      progress: 1,
      etaSeconds: 0,
      lagEvents: 0,
      partitions: [
        { topic: input, partition: 0, position: 3, target: 3, end: 3, lag: 0, state: 'live' },
      ],
    });
    assert.ok(readyAt !== null && Date.parse(readyAt) >= Date.parse(startedAt));
    assert.ok(Object.values(counters).includes(3), JSON.stringify(counters));
    assert.deepEqual(await rig.readyz(), {
      code: 200,
      ready: true,
      stage: 'ready',
      reason: '',
      progress: 1,
      etaSeconds: 0,
      lagEvents: 0,
    });
    const { body } = await rig.page('/metrics');
    assert.match(body, /^thunder_ready(\{.*\})? 1$/m);
    assert.match(body, /^kafka_partition_lag\{.*partition="0".*\} 0$/m);
    rig.signal();
    await waitFor('it drains', () => rig.node.status().stage === 'draining');
    assert.equal(rig.node.status().ready, false);
    assert.equal(await rig.exitCode, exitCodes.ok);
  });
});
