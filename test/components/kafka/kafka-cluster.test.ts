/** The cluster of the fault tests, tested itself: its brokers really die, freeze and come back. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { JavaTool } from './java-tool.ts';
import { type KafkaCluster, skipWithoutCluster, startKafkaCluster } from './kafka-cluster.ts';
import { leaderOf, withAdmin } from './topic-state.ts';

describe('a Kafka cluster', { skip: await skipWithoutCluster() }, () => {
  let cluster: KafkaCluster;
  before(async () => {
    cluster = await startKafkaCluster({ proxied: true });
  });
  after(() => cluster.stop());

  it('is reached through its proxies by those who begin there, and only by them', async () => {
    const admin = new Kafka({
      brokers: cluster.nodesBootstrap.split(','),
      logLevel: logLevel.NOTHING,
    }).admin();
    await admin.connect();
    const told = (await admin.describeCluster()).brokers;
    await admin.disconnect();
    assert.deepEqual(
      new Set(told.map(({ port }) => port)),
      new Set(cluster.brokers.map(({ proxy }) => proxy?.port)),
    );
    const toldPlain = await withAdmin(cluster, (plain) => plain.describeCluster());
    assert.deepEqual(
      new Set(toldPlain.brokers.map(({ port }) => port)),
      new Set(cluster.brokers.map(({ port }) => port)),
    );
  });

  it('keeps what was acknowledged while one broker stops and another freezes', async (t) => {
    const tool = await JavaTool.start(cluster.bootstrap);
    t.after(() => tool.kill());
    const topic = await cluster.createTopic();
    const value = Buffer.from('a record');
    const send = async (offset: number): Promise<void> => {
      assert.deepEqual(await tool.send({ topic, values: [value] }), {
        first: offset,
        last: offset,
      });
    };
    await send(0);
    const stopped = cluster.broker(await leaderOf(cluster, topic));
    await stopped.stopCleanly();
    await send(1);
    await stopped.restart();
    const frozen = cluster.broker(await leaderOf(cluster, topic));
    await frozen.pause();
    await waitFor('another leads', async () => {
      const leader = await leaderOf(cluster, topic);
      return leader > 0 && leader !== frozen.id;
    });
    await send(2);
    await cluster.heal();
    await send(3);
  });
});
