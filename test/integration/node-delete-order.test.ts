/**
 * E5 across partitions, whose order among each other Kafka does not promise: a delete and its create
 * arrive at running nodes in both orders, and at a node that replays in any.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Message } from 'kafkajs';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { processesFor } from '#test/components/processes/processes.ts';
import type { ThunderNode } from '#test/components/processes/thunder-node.ts';
import {
  append,
  createEvent,
  deleteEvent,
  postIdsAt,
  startServing,
  untilApplied,
  untilReady,
} from './node-fixture.ts';

const author = 7n;
const deletedFirst = 2n ** 53n + 1n;
const createdFirst = 2n ** 63n + 1n;
const untouched = 3n;

describe('deletes over two partitions', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  it('E5: a delete wins over a create of another partition in both arrival orders, on every node', async (t) => {
    const topic = await kafka.createTopic({ partitions: 2 });
    const processes = await processesFor(t);
    const nodes = await Promise.all(
      ['one', 'two'].map((name) => startServing(processes, { kafka, topic, name })),
    );
    await Promise.all(nodes.map((node) => untilReady(node)));
    let sent = 0;
    /** One record more in the log, and applied by every running node before the next. */
    const arrive = async (message: Message): Promise<void> => {
      await append(kafka, topic, [message]);
      sent += 1;
      await Promise.all(nodes.map((node) => untilApplied(node, sent)));
    };
    const answers = (): Promise<bigint[][]> =>
      Promise.all(nodes.map((node) => postIdsAt(node, [author])));

    await arrive({ partition: 0, value: createEvent(untouched, author) });
    await arrive({ partition: 0, value: deleteEvent(deletedFirst) });
    await arrive({ partition: 1, value: createEvent(deletedFirst, author) });
    assert.deepEqual(await answers(), [[untouched], [untouched]]);

    await arrive({ partition: 1, value: createEvent(createdFirst, author) });
    assert.deepEqual(
      (await answers()).map((ids) => ids.includes(createdFirst)),
      [true, true],
    );
    await arrive({ partition: 0, value: deleteEvent(createdFirst) });
    assert.deepEqual(await answers(), [[untouched], [untouched]]);

    // Again, as at-least-once delivery does: nothing comes back.
    await arrive({ partition: 1, value: createEvent(deletedFirst, author) });
    await arrive({ partition: 1, value: createEvent(createdFirst, author) });

    const replayed = await startServing(processes, { kafka, topic, name: 'three' });
    nodes.push(replayed);
    await untilReady(replayed);
    await untilApplied(replayed, sent);
    assert.deepEqual(await answers(), [[untouched], [untouched], [untouched]]);
    await assertEqualStates(nodes);
  });
});

async function assertEqualStates(nodes: readonly ThunderNode[]): Promise<void> {
  const states = await Promise.all(nodes.map((node) => node.status('?hash')));
  const [hash] = states.map((state) => state.stateHash);
  assert.match(hash ?? '', /^[0-9a-f]{16}$/);
  for (const { stateHash, tombstones } of states) {
    assert.deepEqual({ stateHash, tombstones }, { stateHash: hash, tombstones: 2 });
  }
}
