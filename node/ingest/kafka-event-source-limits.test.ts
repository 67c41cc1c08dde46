/** The memory of reading from Kafka is bounded whatever the cluster's size. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflatedBytesMax } from '#runtime/kafka/codecs.ts';
import { InflateSlots } from './inflate-slots.ts';
import { fetchBytesOf, kafkaEventSourceLimits } from './kafka-event-source-limits.ts';

const mebibyte = 1024 * 1024;

test('fetch answers and inflated batches of all brokers together stay below 256 MiB', () => {
  const limits = kafkaEventSourceLimits;
  for (let brokers = 1; brokers <= 128; brokers += 1) {
    const held = 3 * brokers * fetchBytesOf(limits, brokers);
    const inflated = limits.inflatedAtOnceMax * inflatedBytesMax;
    assert.ok(held + inflated <= 256 * mebibyte, `${brokers} brokers`);
  }
  assert.equal(fetchBytesOf(limits, 1), limits.fetchBytesMax);
  assert.equal(fetchBytesOf(limits, 10_000), mebibyte / 4, 'a fetch is worth its round trip');
});

test('no more batches are inflated at once than there are slots, in the order of asking', async () => {
  const slots = new InflateSlots(2);
  const begun: string[] = [];
  const begin = async (name: string): Promise<void> => {
    await slots.acquire();
    begun.push(name);
  };
  const all = ['a', 'b', 'c', 'd'].map(begin);
  await Promise.all(all.slice(0, 2));
  assert.deepEqual(begun, ['a', 'b']);
  slots.release();
  await all[2];
  assert.deepEqual(begun, ['a', 'b', 'c']);
  slots.release();
  slots.release();
  await all[3];
  slots.release();
  await slots.acquire();
  await slots.acquire();
});
