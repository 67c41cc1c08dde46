/**
 * Fault 62, the part that needs several brokers: leaders that move while a transformer's output is
 * being written. What was acknowledged to it must be in the log, or I9 is broken.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createKafkaOutput } from '#node/transform/kafka-output.ts';
import { silentLogger } from '#runtime/logger.ts';
import { JavaTool } from '#test/components/kafka/java-tool.ts';
import { clusterFor, skipWithoutCluster } from '#test/components/kafka/kafka-cluster.ts';
import { leaderOf, withAdmin } from '#test/components/kafka/topic-state.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';

const partitions = 6;
const moves = 30;
/** Writes under way at any time, as a transformer has for its input partitions. */
const writers = 4;

describe('an output whose brokers come and go', { skip: await skipWithoutCluster() }, () => {
  it('fault 62: leaders that move in the middle of a write cost no acknowledged event', async (t) => {
    const cluster = await clusterFor(t);
    const topic = await cluster.createTopic({ partitions });
    const tool = await JavaTool.start(cluster.bootstrap);
    t.after(() => tool.kill());
    const logger = silentLogger;
    const output = createKafkaOutput({
      connection: { brokers: cluster.nodesBootstrap.split(','), clientId: 'output', logger },
      topic,
    });
    t.after(() => output.close());
    await output.open(AbortSignal.timeout(30_000), () => undefined);
    let acknowledged = 0;
    let failures = 0;
    let isOver = false;
    const record = {
      key: Buffer.alloc(8),
      value: Buffer.from('to every partition'),
      timestampMs: Date.now(),
      everyPartition: true,
      inputPartition: 0,
      inputOffset: 0,
    };
    const write = async (): Promise<void> => {
      while (!isOver) {
        try {
          await output.send(topic, [record]);
          acknowledged += 1;
        } catch {
          failures += 1;
        }
      }
    };
    const writing = Promise.all(Array.from({ length: writers }, () => write()));
    for (let move = 0; move < moves; move += 1) {
      const first = (move % 3) + 1;
      const replicas = [first, ...[1, 2, 3].filter((id) => id !== first)];
      const partition = move % partitions;
      await withAdmin(cluster, (admin) =>
        admin.alterPartitionReassignments({
          topics: [{ topic, partitionAssignment: [{ partition, replicas }] }],
        }),
      );
      await tool.elect('preferred', topic, partition).catch(() => undefined);
      await waitFor('it leads', async () => (await leaderOf(cluster, topic, partition)) === first);
    }
    isOver = true;
    await writing;
    const ends = await withAdmin(cluster, (admin) => admin.fetchTopicOffsets(topic));
    t.diagnostic(
      `${acknowledged} acknowledged, ${failures} failed; ends ${ends.map(({ high }) => high).join(', ')}`,
    );
    assert.ok(acknowledged > 0);
    for (const { partition, high } of ends) {
      assert.ok(
        Number(high) >= acknowledged,
        `partition ${partition} has ${high} of ${acknowledged}`,
      );
    }
  });
});
