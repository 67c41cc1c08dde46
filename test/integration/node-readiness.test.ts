/**
 * L1 seen from outside: nodes as processes over topics that give them little or nothing to read.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { whyNoJava } from '#test/components/kafka/kafka-jars.ts';
import { produceWithJava } from '#test/components/kafka/transactions.ts';
import { processesFor } from '#test/components/processes/processes.ts';
import {
  append,
  createEvent,
  healthOf,
  nowSeconds,
  postIdsAt,
  postsServiceName,
  serving,
  startServing,
  untilReady,
} from './node-fixture.ts';

/** The contract's own figure, from when the node says it started; Node.js's boot comes before. */
const readyMsMax = 2_000;
const hourMs = 3_600_000;
const author = 7n;

describe('a quiet log', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  /** Starts a node on the topic and judges how long it took; answers the posts it serves. */
  async function readyOn(t: TestContext, topic: string): Promise<bigint[]> {
    const node = await startServing(await processesFor(t), { kafka, topic });
    await untilReady(node);
    const status = await node.status();
    assert.ok(status.readyAt !== null);
    const tookMs = Date.parse(status.readyAt) - Date.parse(status.startedAt);
    const bootMs = Date.parse(status.startedAt) - performance.timeOrigin - node.startedAtMs;
    t.diagnostic(`ready after ${tookMs} ms (and ${Math.round(bootMs)} ms of boot before)`);
    assert.ok(tookMs <= readyMsMax, `ready after ${tookMs} ms`);
    assert.equal(status.stage, 'ready');
    assert.equal(status.progress, 1);
    assert.equal(await healthOf(node), serving);
    assert.equal(await healthOf(node, postsServiceName), serving);
    const posts = await postIdsAt(node, [author]);
    assert.equal(await node.stop(), 0);
    return posts;
  }

  it('L1: an empty topic makes a node ready at once', async (t) => {
    const topic = await kafka.createTopic({ partitions: 3 });
    assert.deepEqual(await readyOn(t, topic), []);
  });

  it('L1: a topic with one record makes a node ready at once, with that record', async (t) => {
    const topic = await kafka.createTopic();
    await append(kafka, topic, [{ value: createEvent(1n, author) }]);
    assert.deepEqual(await readyOn(t, topic), [1n]);
  });

  it('L1: a topic with more partitions than records makes a node ready at once', async (t) => {
    const topic = await kafka.createTopic({ partitions: 12 });
    const messages = [3, 8].map((partition) => ({
      partition,
      value: createEvent(BigInt(partition), author),
    }));
    await append(kafka, topic, messages);
    assert.deepEqual(await readyOn(t, topic), [8n, 3n]);
  });

  it('L1: a topic that has been quiet for a day makes a node ready at once', async (t) => {
    const topic = await kafka.createTopic({ partitions: 2, config: { 'retention.ms': '-1' } });
    const timestamp = String(Date.now() - 24 * hourMs);
    const createdAt = nowSeconds() - 24 * 3_600;
    const messages = Array.from({ length: 20 }, (_, index) => ({
      partition: index % 2,
      timestamp,
      value: createEvent(BigInt(index + 1), author, createdAt),
    }));
    await append(kafka, topic, messages);
    assert.equal((await readyOn(t, topic)).length, 20);
  });

  it('L1: a log that ends in an aborted transaction or a commit marker makes a node ready at once', async (t) => {
    const missing = await whyNoJava();
    if (missing !== undefined) {
      t.skip(missing);
      return;
    }
    const topic = await kafka.createTopic({ partitions: 2 });
    await append(kafka, topic, [{ partition: 0, value: createEvent(1n, author) }]);
    await produceWithJava({
      bootstrap: kafka.bootstrap,
      topic,
      partition: 0,
      steps: [['abort', 5]],
    });
    await produceWithJava({
      bootstrap: kafka.bootstrap,
      topic,
      partition: 1,
      steps: [
        ['abort', 3],
        ['commit', 2],
      ],
    });
    assert.deepEqual(await readyOn(t, topic), [1n]);
  });
});
