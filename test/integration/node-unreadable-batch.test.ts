/**
 * One batch that cannot be read between good ones (E1, T5): a node and a transformer count it, say
 * where it was, and go on behind it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CompressionTypes, type Message } from 'kafkajs';
import { inflatedBytesMax } from '#runtime/kafka/codecs.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { processesFor } from '#test/components/processes/processes.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import {
  append,
  createEvent,
  postIdsAt,
  startServing,
  startTransforming,
  untilApplied,
  untilReady,
} from './node-fixture.ts';
import { tweetCreate } from './transform-fixture.ts';

const author = 7n;
const zeros = (length: number): Message => ({ partition: 0, value: Buffer.alloc(length) });
const harmless = zeros(2 * 1024 * 1024);
const bomb = zeros(inflatedBytesMax + 1);

describe('batches that cannot be read', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  /** As one batch, compressed. */
  async function appendGzip(topic: string, message: Message): Promise<void> {
    const producer = kafka.client().producer({ allowAutoTopicCreation: false });
    await producer.connect();
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages: [message] });
    await producer.disconnect();
  }

  it('E1: a node passes a bomb by, reads a batch of zeros, and serves what is around them', async (t) => {
    const topic = await kafka.createTopic({ partitions: 2 });
    const create = (id: bigint, partition = 0): Promise<void> =>
      append(kafka, topic, [{ partition, value: createEvent(id, author) }]);
    await create(1n);
    await appendGzip(topic, harmless);
    await create(2n);
    await appendGzip(topic, bomb);
    await create(3n);
    await create(4n, 1);
    const node = await startServing(await processesFor(t), { kafka, topic });
    await untilReady(node);
    assert.deepEqual(new Set(await postIdsAt(node, [author])), new Set([1n, 2n, 3n, 4n]));
    let status = await node.status();
    assert.equal(status.counters['unreadable_batch'], 1);
    assert.equal(status.counters['too_large'], 1);
    assert.equal(status.reason, '');
    assert.match(
      node.log(),
      /"firstOffset":3,"lastOffset":3,"reason":"unreadable_batch".*inflates beyond its cap/,
    );

    await appendGzip(topic, bomb);
    await create(5n);
    await untilApplied(node, 8);
    assert.deepEqual(new Set(await postIdsAt(node, [author])), new Set([1n, 2n, 3n, 4n, 5n]));
    status = await node.status();
    assert.equal(status.counters['unreadable_batch'], 2);
    assert.equal(status.stage, 'ready');
  });

  it('T5: a transformer passes a bomb by and transforms what is around it', async (t) => {
    const tweetTopic = await kafka.createTopic({ partitions: 1 });
    const eventTopic = await kafka.createTopic({ partitions: 1 });
    const tweet = (id: number): Promise<void> =>
      append(kafka, tweetTopic, [{ value: tweetCreate(id, 9) }]);
    await tweet(1);
    await appendGzip(tweetTopic, bomb);
    await tweet(2);
    const processes = await processesFor(t);
    const transformer = await startTransforming(processes, { kafka, tweetTopic, eventTopic });
    await waitFor('both tweets are transformed and committed', async () => {
      const { counters, lagEvents, ready } = await transformer.status();
      return counters['written_create'] === 2 && lagEvents === 0 && ready;
    });
    const { counters } = await transformer.status();
    assert.equal(counters['unreadable_batch'], 1);
    assert.equal(counters['gone_before_read'], undefined);
    assert.equal(counters['input_failures'], undefined);
    assert.match(transformer.log(), /"reason":"unreadable_batch".*"offset":1,"lastOffset":1/);
  });
});
