/**
 * Faults 1 to 4 and 9: what brokers do to ready nodes. One cluster of three for all of them; each
 * test leaves it whole. The tests that need a broker to be dead for a while take half a minute.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { JavaTool } from '#test/components/kafka/java-tool.ts';
import {
  type KafkaCluster,
  skipWithoutCluster,
  startKafkaCluster,
} from '#test/components/kafka/kafka-cluster.ts';
import {
  type Assignment,
  createAssignedTopic,
  leaderOf,
  metadataOf,
  withAdmin,
} from '#test/components/kafka/topic-state.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { healthOf, positionsOf, serving } from '../node-fixture.ts';
import { type FaultNode, startFaultNode } from './fault-node.ts';
import { Ledger } from './ledger.ts';

/** The contract's own figure. */
const recoveryMsMax = 30_000;
/** Of fault 3, passed by the node's own clock rather than by waiting. */
const outageMs = 5 * 60_000;
const kills = 5;
const refreshesMetric = 'thunder_kafka_metadata_refreshes_total';

describe('brokers that fail', { skip: await skipWithoutCluster() }, () => {
  let cluster: KafkaCluster;
  let topics = 0;
  before(async () => {
    cluster = await startKafkaCluster();
  });
  after(() => cluster.stop());

  interface World {
    readonly topic: string;
    readonly ledger: Ledger;
    readonly nodes: FaultNode[];
    readonly node: FaultNode;
  }

  async function world(
    t: TestContext,
    options: {
      readonly assignments: readonly Assignment[];
      readonly config?: Readonly<Record<string, string>>;
      readonly nodes?: number;
      readonly flags?: readonly string[];
    },
  ): Promise<World> {
    topics += 1;
    const topic = `brokers-${topics}`;
    await createAssignedTopic(cluster, topic, options.assignments, options.config);
    const ledger = new Ledger({ kafka: cluster, topic });
    t.after(() => ledger.close());
    // Whatever the test does and however it ends, the next one finds the cluster whole.
    t.after(async () => {
      await cluster.heal();
      // A topic without a leader keeps kafkajs from connecting at all.
      await cluster.deleteTopic(topic);
    });
    for (const { partition } of options.assignments) await ledger.create(20, { partition });
    const nodes = await Promise.all(
      Array.from({ length: options.nodes ?? 1 }, (_, index) =>
        startFaultNode(t, {
          bootstrap: cluster.nodesBootstrap,
          topic,
          name: `node-${index}`,
          flags: options.flags ?? [],
        }),
      ),
    );
    for (const node of nodes) await node.untilReady();
    await ledger.judge(nodes);
    const [node] = nodes;
    assert.ok(node !== undefined);
    return { topic, ledger, nodes, node };
  }

  async function assertUnharmed({ nodes, ledger }: World, options = { withinMs: recoveryMsMax }) {
    await ledger.judge(nodes, options);
    for (const node of nodes) {
      const status = await node.status();
      assert.deepEqual(status.resets, []);
      assert.deepEqual(node.positions.violations, []);
      // Without transactions every offset is a record, and each has one outcome.
      const { created = 0, duplicate = 0 } = status.counters;
      assert.equal(created + duplicate, positionsOf(status), 'each record was applied once');
    }
  }

  const everywhere = [
    { partition: 0, replicas: [1, 2, 3] },
    { partition: 1, replicas: [2, 3, 1] },
    { partition: 2, replicas: [3, 1, 2] },
  ];

  it(`fault 01: brokers stopped and killed ${kills} times under load cost no readiness and no post`, async (t) => {
    const all = await world(t, { assignments: everywhere, nodes: 2 });
    const { ledger, nodes } = all;
    for (let round = 0; round < kills; round += 1) {
      const broker = cluster.broker((round % 3) + 1);
      await (round % 2 === 0 ? broker.kill() : broker.stopCleanly());
      for (const { partition } of everywhere) await ledger.create(20, { partition });
      await broker.restart();
      await untilInSync(all.topic, 3);
    }
    for (const { partition } of everywhere) await ledger.create(20, { partition });
    const healedAtMs = performance.now();
    await assertUnharmed(all);
    t.diagnostic(
      `lag gone ${Math.round(performance.now() - healedAtMs)} ms after the last restart`,
    );
    for (const node of nodes) assert.equal(node.positions.readinessLost, 0);
  });

  it('fault 02: leaders that change without a restart leave no gap and apply nothing twice', async (t) => {
    const all = await world(t, { assignments: everywhere });
    const { ledger, topic, node } = all;
    const tool = await JavaTool.start(cluster.bootstrap);
    t.after(() => tool.kill());
    const before = await node.metric(refreshesMetric);
    for (const first of [2, 3, 1]) {
      const replicas = [first, ...[1, 2, 3].filter((id) => id !== first)];
      await withAdmin(cluster, (admin) =>
        admin.alterPartitionReassignments({
          topics: [{ topic, partitionAssignment: [{ partition: 0, replicas }] }],
        }),
      );
      await waitFor('the assignment is taken', async () => {
        const { partitions } = await metadataOf(cluster, topic);
        return partitions.find(({ partitionId }) => partitionId === 0)?.replicas[0] === first;
      });
      if ((await leaderOf(cluster, topic)) !== first) await tool.elect('preferred', topic);
      await waitFor('it leads', async () => (await leaderOf(cluster, topic)) === first);
      await ledger.create(20, { partition: 0 });
      await ledger.judge([node]);
    }
    await assertUnharmed(all);
    const refreshes = (await node.metric(refreshesMetric)) - before;
    assert.ok(refreshes > 0, `${refreshes} refreshes counted`);
  });

  it('fault 03: while all brokers are frozen nodes serve on, staler and staler, and alive', async (t) => {
    const all = await world(t, { assignments: everywhere });
    const { node, ledger, topic } = all;
    const limited = await startFaultNode(t, {
      bootstrap: cluster.nodesBootstrap,
      topic,
      name: 'limited',
      flags: ['--max-staleness-seconds', '120'],
    });
    await limited.untilReady();
    for (const broker of cluster.brokers) await broker.pause();
    for (const one of [node, limited]) one.clock.pass(outageMs);
    await waitFor('it is as stale as the outage is long', async () => {
      return ((await node.status()).stalenessMs ?? 0) >= outageMs;
    });
    assert.ok((await node.metric('thunder_staleness_seconds')) >= outageMs / 1000);
    await waitFor('the reason says what is away', async () =>
      /cannot reach Kafka|no answer|timed out/i.test((await node.status()).reason),
    );
    assert.equal((await node.page('/readyz')).code, 200);
    assert.equal((await node.page('/livez')).code, 200);
    assert.equal(await healthOf(node), serving);
    await ledger.judge([node]);
    await waitFor('beyond its limit a node is unready', async () => {
      return (await limited.page('/readyz')).code === 503;
    });
    assert.equal((await limited.page('/livez')).code, 200);
    await cluster.heal();
    await ledger.create(20, { partition: 1 });
    await limited.untilReady();
    await assertUnharmed(all);
    await waitFor('it is fresh', async () => ((await node.status()).stalenessMs ?? 1e9) < 3_000);
    assert.equal((await node.status()).reason, '');
  });

  it('fault 04: a partition without a leader is named, and the others go on', async (t) => {
    const assignments = [
      { partition: 0, replicas: [3] },
      { partition: 1, replicas: [1] },
    ];
    const config = { 'min.insync.replicas': '1' };
    const all = await world(t, { assignments, config });
    const { node, ledger } = all;
    await cluster.broker(3).kill();
    await waitFor('the partition is named', async () => {
      const { reason, partitions } = await node.status();
      return (
        /partitions? without a leader: 0|partition 0 .*leader/.test(reason) &&
        partitions.find(({ partition }) => partition === 0)?.state === 'offline'
      );
    });
    const ids = await ledger.create(20, { partition: 1 });
    await waitFor('the other one goes on', async () => {
      const missing = await ledger.missingAt(node);
      return !ids.some((id) => missing.includes(id));
    });
    const status = await node.status();
    assert.equal(status.ready, true);
    assert.equal(status.partitions.find(({ partition }) => partition === 1)?.state, 'live');
    await waitFor('it is stale', async () => ((await node.status()).stalenessMs ?? 0) > 5_000);
    await cluster.heal();
    await ledger.create(20, { partition: 0 });
    await assertUnharmed(all);
    await waitFor('nothing is in the way', async () => (await node.status()).reason === '');
  });

  it('fault 09: a log that an unclean election cut is a reset, and what replaced it is not applied', async (t) => {
    const { node, ledger, topic } = await world(t, {
      assignments: [{ partition: 0, replicas: [1, 2] }],
      config: { 'min.insync.replicas': '1', 'unclean.leader.election.enable': 'true' },
    });
    const tool = await JavaTool.start(cluster.bootstrap);
    t.after(() => tool.kill());
    await cluster.broker(2).kill();
    // Acknowledged by broker 1 alone, and read by the node.
    await ledger.create(30, { partition: 0 });
    await ledger.judge([node]);
    const read = positionsOf(await node.status());
    await cluster.broker(1).kill();
    cluster.broker(2).start();
    await cluster.broker(2).answers();
    await waitFor('the shorter log leads', async () => (await leaderOf(cluster, topic)) === 2);
    await waitFor('a reset is counted', async () => (await node.status()).resets.length > 0);
    assert.equal(await node.metric('thunder_resets_total'), 1);
    const { first } = await tool.send({ topic, values: [ledger.valueOf(1)] });
    assert.equal(first, 20, 'the log was cut');
    const status = await node.status();
    assert.equal(status.ready, true);
    assert.equal(positionsOf(status), read, 'I6: the position stays');
    assert.deepEqual(node.positions.violations, []);
    await ledger.judge([node]);
  });

  async function untilInSync(topic: string, replicas: number): Promise<void> {
    await waitFor('all replicas are in sync', async () => {
      const { partitions } = await metadataOf(cluster, topic);
      return partitions.every(({ isr }) => isr.length === replicas);
    });
  }
});
