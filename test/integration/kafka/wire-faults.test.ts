/**
 * Faults of the wire between a node and its broker, each healed again: nothing is lost, applied twice
 * or taken for another log, and a node that cannot hear its broker says so.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import {
  type KafkaCluster,
  skipWithoutCluster,
  startKafkaCluster,
} from '#test/components/kafka/kafka-cluster.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import type { TcpProxy } from '#test/components/tcp-proxy.ts';
import { positionsOf } from '../node-fixture.ts';
import { type FaultNode, startFaultNode } from './fault-node.ts';
import { Ledger } from './ledger.ts';

const failuresMetric = 'thunder_kafka_fetch_failures_total';

describe('wires that fail', { skip: await skipWithoutCluster() }, () => {
  let cluster: KafkaCluster;
  let wire: TcpProxy;
  before(async () => {
    cluster = await startKafkaCluster({ brokers: 1, proxied: true });
    const { proxy } = cluster.broker(1);
    assert.ok(proxy !== null);
    wire = proxy;
  });
  after(() => cluster.stop());

  async function world(t: TestContext): Promise<{ ledger: Ledger; node: FaultNode }> {
    const topic = await cluster.createTopic({ partitions: 2 });
    const ledger = new Ledger({ kafka: cluster, topic });
    t.after(() => ledger.close());
    t.after(() => wire.heal());
    await ledger.create(20);
    const node = await startFaultNode(t, { bootstrap: cluster.nodesBootstrap, topic });
    await node.untilReady();
    return { ledger, node };
  }

  async function assertUnharmed(ledger: Ledger, node: FaultNode): Promise<void> {
    await ledger.judge([node]);
    const status = await node.status();
    // Every offset is a record, and each has one outcome; a producer that tries again writes twice.
    const { created = 0, duplicate = 0 } = status.counters;
    assert.equal(created + duplicate, positionsOf(status), 'each record was applied once');
    assert.deepEqual(status.resets, []);
    assert.deepEqual(node.positions.violations, []);
    assert.equal(node.positions.readinessLost, 0);
  }

  for (const [what, harm] of [
    ['is reset again and again in the middle of answers', { resetAfterBytes: 900 }],
    ['ends in order in the middle of answers', { endAfterBytes: 900 }],
  ] as const) {
    it(`a wire that ${what} costs nothing but time`, async (t) => {
      const { ledger, node } = await world(t);
      for (let round = 0; round < 3; round += 1) {
        const before = await node.metric(failuresMetric);
        wire.fault('down', harm);
        // More bytes than get through: no answer with them arrives whole before the wire is healed.
        await ledger.create(40);
        await waitFor('a fetch fails', async () => (await node.metric(failuresMetric)) > before);
        wire.heal();
        await ledger.judge([node]);
      }
      await assertUnharmed(ledger, node);
    });
  }

  for (const [what, harm] of [
    ['slow', { bytesPerSecond: 1_000 }],
    ['late', { delayMs: 400 }],
  ] as const) {
    it(`a wire that is ${what} costs nothing but time`, async (t) => {
      const { ledger, node } = await world(t);
      wire.fault('down', harm);
      const sentAtMs = performance.now();
      await ledger.create(40);
      await ledger.judge([node]);
      assert.ok(performance.now() - sentAtMs > 390, 'the fault was met');
      wire.heal();
      await assertUnharmed(ledger, node);
    });
  }

  for (const direction of ['up', 'down'] as const) {
    it(`a wire that stalls ${direction} makes the node stale, which says so, and goes on when healed`, async (t) => {
      const { ledger, node } = await world(t);
      wire.fault(direction, { stalled: true });
      await ledger.create(20);
      await waitFor(
        'staleness rises',
        async () => ((await node.status()).stalenessMs ?? 0) > 4_000,
      );
      assert.equal((await node.page('/readyz')).code, 200);
      wire.heal();
      await assertUnharmed(ledger, node);
      await waitFor('it is fresh', async () => ((await node.status()).stalenessMs ?? 1e9) < 3_000);
    });
  }

  it('half-closed connections, and a broker that refuses new ones, are got over', async (t) => {
    const { ledger, node } = await world(t);
    for (const direction of ['up', 'down'] as const) {
      wire.halfClose(direction);
      await ledger.create(20);
      await ledger.judge([node]);
    }
    wire.refuse();
    wire.reset();
    await ledger.create(20);
    await waitFor('it says why', async () => /reach Kafka/.test((await node.status()).reason));
    wire.heal();
    await assertUnharmed(ledger, node);
    await waitFor('nothing is in the way', async () => (await node.status()).reason === '');
  });
});
