/** The transformer while its only broker dies and comes back: it waits, says why, and loses nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kafkaOrSkip } from '#test/components/kafka/kafka.ts';
import {
  committedRecords,
  produce,
  readAll,
  toEvent,
  transformerOver,
  tweetCreate,
  until,
} from './transform-fixture.ts';

test('T2: a broker that dies under load and comes back costs no event', async (t) => {
  const kafka = await kafkaOrSkip(t, { own: true });
  const [broker] = kafka?.brokers ?? [];
  if (kafka === undefined || broker === undefined) {
    return;
  }
  const client = kafka.client();
  const inputTopic = await kafka.createTopic({ partitions: 2, prefix: 'tweets' });
  const outputTopic = await kafka.createTopic({ partitions: 2, prefix: 'events' });
  const groupId = 'transform-broker-loss';
  const count = 40_000;
  await produce(
    client,
    inputTopic,
    Array.from({ length: count }, (_, at) => ({
      partition: at % 2,
      value: tweetCreate(at + 1, 1 + (at % 50)),
    })),
  );
  const transformer = transformerOver({
    bootstrap: kafka.bootstrap,
    inputTopic,
    outputTopic,
    groupId,
  });
  const read = () => transformer.status().counters['read'] ?? 0;
  await transformer.start(AbortSignal.timeout(30_000));
  await until('some is read', () => read() > 0);
  await broker.kill();
  await until('it says why', () => transformer.status().reason !== '', 60_000);
  await broker.restart();
  await until(
    'all is committed',
    async () => (await committedRecords(client, groupId, inputTopic)) === count,
    90_000,
  );
  await until('it is content again', () => transformer.status().reason === '');
  await transformer.stop();
  const events = (await readAll(client, outputTopic)).map(toEvent);
  const seen = new Set(events.map(({ id }) => id));
  assert.equal(seen.size, count);
});
