/** A broker that dies under the event source: reading goes on where it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSource } from '#node/ingest/event-source.suite.ts';
import { kafkaOrSkip } from '#test/components/kafka/kafka.ts';
import { KafkaLog } from './ingest-kafka-log.ts';

test('after a broker was killed and started again every record arrives once, in order', async (t) => {
  const kafka = await kafkaOrSkip(t, { own: true });
  if (kafka === undefined) return;
  const log = await KafkaLog.create(kafka, 2);
  const texts = Array.from({ length: 200 }, (_, index) => String(index));
  await log.append(0, texts);
  await log.append(1, texts);
  const source = log.createSource();
  const listener = await startSource(t, source);
  await listener.reaches(0, 200);
  await listener.reaches(1, 200);
  await kafka.brokers[0]?.restart();
  await log.append(0, ['after']);
  await listener.reaches(0, 201);
  assert.deepEqual(listener.textsOf(0), [...texts, 'after']);
  assert.deepEqual(listener.textsOf(1), texts);
});

test('a broker that answers nothing for a while is waited for', async (t) => {
  const kafka = await kafkaOrSkip(t, { own: true });
  if (kafka === undefined) return;
  const log = await KafkaLog.create(kafka, 1);
  await log.append(0, ['a']);
  const source = log.createSource();
  const listener = await startSource(t, source);
  await listener.reaches(0, 1);
  await kafka.brokers[0]?.pause();
  const appending = log.append(0, ['b']);
  const bounds = source.bounds();
  await kafka.brokers[0]?.resume();
  await appending;
  assert.ok(((await bounds)[0]?.end ?? 0) >= 1);
  await listener.reaches(0, 2);
  assert.deepEqual(listener.textsOf(0), ['a', 'b']);
});

test('closing ends in time though the broker is gone', async (t) => {
  const kafka = await kafkaOrSkip(t, { own: true });
  if (kafka === undefined) return;
  const log = await KafkaLog.create(kafka, 1);
  const source = log.createSource({ limits: { closeStepMs: 500 } });
  await startSource(t, source);
  await kafka.brokers[0]?.kill();
  await source.close();
});
