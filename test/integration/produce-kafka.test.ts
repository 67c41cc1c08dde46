/**
 * `thunder produce` against a real Kafka: everything that is said to be sent is there, where Kafka's
 * own partitioner would put it.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandIo } from '#cli/command.ts';
import { produceCommand } from '#cli/produce/produce-command.ts';
import { produceSettings } from '#cli/produce/produce-settings.ts';
import { partitionOfKey } from '#node/transform/author-partition.ts';
import { readBoundedFile } from '#runtime/read-bounded-file.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { kafkaOrSkip, type TestKafka } from '#test/components/kafka/kafka.ts';

const partitions = 3;
const events = 3_000;
const atMs = Date.now();

async function produceInto(topic: string, kafka: TestKafka): Promise<string> {
  const argv = [
    `--brokers=${kafka.bootstrap}`,
    `--topic=${topic}`,
    `--backlog=${events}`,
    `--at-ms=${atMs}`,
    '--output=json',
  ];
  const { values } = loadSettings(produceSettings, { argv, env: {}, readFile: readBoundedFile });
  let out = '';
  const io: CommandIo = {
    stdout: { write: (text) => (out += text) },
    stderr: { write: () => true },
    signal: AbortSignal.timeout(60_000),
    isTty: false,
    env: {},
  };
  assert.equal(await produceCommand.run(values, io), 0);
  return out;
}

describe('thunder produce', () => {
  it('sends every event, in its author’s partition, with its own time', async (t) => {
    const kafka = await kafkaOrSkip(t);
    if (kafka === undefined) return;
    const topic = await kafka.createTopic({ partitions });
    assert.match(await produceInto(topic, kafka), new RegExp(`"records":${events},`));

    const consumer = kafka.client().consumer({ groupId: `${topic}-reader` });
    await consumer.connect();
    const stampsMs: number[] = [];
    try {
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => {
          reject(new Error(`only ${stampsMs.length} of ${events} records came`));
        }, 30_000);
        consumer
          .run({
            eachMessage: async ({ partition, message }) => {
              assert.ok(message.key !== null && message.value !== null);
              assert.equal(partition, partitionOfKey(message.key, partitions));
              stampsMs.push(Number(message.timestamp));
              if (stampsMs.length < events) return;
              clearTimeout(late);
              resolve();
            },
          })
          .catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
    stampsMs.sort((a, b) => a - b);
    assert.equal(stampsMs.at(-1), atMs);
    assert.equal(stampsMs[0], atMs - 172_800_000);
  });

  it('names a topic that does not exist', async (t) => {
    const kafka = await kafkaOrSkip(t);
    if (kafka === undefined) return;
    await assert.rejects(produceInto('no-such-topic', kafka), /topic no-such-topic does not exist/);
  });
});
