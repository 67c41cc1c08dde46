/**
 * Fault 63, the part that needs a broker of its own: an output whose disk is full. A bound on the
 * size of the broker's files stands in for the disk: writing beyond it fails like on a full one.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { clusterFor, skipWithoutCluster } from '#test/components/kafka/kafka-cluster.ts';
import { deleteRecordsBefore } from '#test/components/kafka/topic-state.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import {
  committedRecords,
  produce,
  readAll,
  toEvent,
  transformerOver,
  tweetCreate,
} from '../transform-fixture.ts';

/** So that the output's file is larger than the broker's others, some of which have 10 MiB at once. */
const paddings = 32;
const paddingBytes = 500_000;
/** Less than the events take. */
const roomBytes = 500;
const beforeCount = 30;
const count = 90;

describe('an output whose disk is full', { skip: await skipWithoutCluster() }, () => {
  it('fault 63: a full output blocks the transformer, which skips nothing, until there is room', async (t) => {
    const cluster = await clusterFor(t, { brokers: 1 });
    const client = cluster.client();
    const bootstrap = cluster.nodesBootstrap;
    const inputTopic = await cluster.createTopic({ prefix: 'tweets' });
    const outputTopic = await cluster.createTopic({ prefix: 'events' });
    const groupId = `group-${inputTopic}`;
    const committed = () => committedRecords(client, groupId, inputTopic);
    const tweets = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => ({
        partition: 0,
        value: tweetCreate(from + index, 1),
      }));
    const padding = { partition: 0, value: Buffer.alloc(paddingBytes) };
    for (let made = 0; made < paddings; made += 1) await produce(client, outputTopic, [padding]);
    // Nobody reads it any more; its file stays.
    await deleteRecordsBefore(cluster, outputTopic, 0, paddings);

    const transformer = transformerOver({ bootstrap, inputTopic, outputTopic, groupId });
    t.after(() => transformer.stop());
    await transformer.start(AbortSignal.timeout(30_000));
    await produce(client, inputTopic, tweets(1, 1 + beforeCount));
    await waitFor('the first are through', async () => (await committed()) === beforeCount);

    const broker = cluster.broker(1);
    const log = path.join(broker.dataFolder, `${outputTopic}-0`, `${'0'.repeat(20)}.log`);
    await boundFiles(broker.pid, (await stat(log)).size + roomBytes);
    await produce(client, inputTopic, tweets(1 + beforeCount, 1 + count));
    await waitFor('it is said', () => transformer.status().reason !== '', { withinMs: 60_000 });
    t.diagnostic(transformer.status().reason);
    const { partitions } = transformer.status();
    assert.equal(partitions[0]?.position, beforeCount, 'the others wait');

    await broker.restart();
    await waitFor('all is committed', async () => (await committed()) === count, {
      withinMs: 60_000,
    });
    const ids = (await readAll(client, outputTopic))
      .filter(({ value }) => value.length < paddingBytes)
      .map((record) => toEvent(record).id);
    assert.equal(new Set(ids).size, count);
    assert.equal(transformer.status().counters['refused'], undefined, 'nothing is skipped');
    await waitFor('it is content', () => transformer.status().reason === '');
  });
});

async function boundFiles(pid: number | undefined, bytes: number): Promise<void> {
  await promisify(execFile)('prlimit', [`--pid=${pid}`, `--fsize=${bytes}`]);
}
