/**
 * The operator and a real Kafka: topics, consumer groups and lag.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it, type TestContext } from 'node:test';
import { servingGroup, transformerGroup } from '#operator/desired/consumer-groups.ts';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import { parseFleet } from '#operator/fleet/fleet.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { uniqueName } from '#test/integration/kube/kube-for-test.ts';
import { operatorForTest, readyOnes } from './operator-for-test.ts';

const skip = (await skipWithoutControlPlane()) || (await skipWithoutKafka({ own: true }));
/** Two looks, and what a busy machine adds. */
const noticedMsMax = 120_000;

describe('the operator and Kafka', { skip }, () => {
  let plane: TestControlPlane;
  let kafka: TestKafka;
  before(async () => {
    [plane, kafka] = await Promise.all([
      startControlPlane({ own: true }),
      startKafka({ own: true }),
    ]);
  });
  after(() => Promise.all([plane?.stop(), kafka?.stop()]));

  it('makes the topic that a spec asks for, and says when one is missing', async (t) => {
    const world = await operatorForTest(t, plane, { lookAtKafka: true });
    await world.start();
    const topic = uniqueName('in-network');
    const brokers = kafka.bootstrap.split(',');
    const name = await world.create({
      kafka: { brokers, inNetworkTopic: { name: topic, partitions: 3, replication: 1 } },
    });
    await world.untilCondition(name, 'KafkaReachable', { status: 'True' });
    const admin = kafka.client().admin();
    t.after(() => admin.disconnect());
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    assert.equal(topics[0]?.partitions.length, 3);
    const without = await world.create({
      kafka: { brokers, inNetworkTopic: { name: uniqueName('absent') } },
    });
    await world.untilCondition(without, 'KafkaReachable', {
      status: 'False',
      reason: 'TopicMissing',
    });
  });

  it('removes groups of pods that are gone, and no other; with the fleet go all', async (t) => {
    const world = await operatorForTest(t, plane, { lookAtKafka: true });
    await world.start();
    const topic = await kafka.createTopic({ partitions: 1 });
    const input = await kafka.createTopic({ partitions: 1 });
    const name = await world.create({
      kafka: { brokers: kafka.bootstrap.split(','), inNetworkTopic: { name: topic } },
      transformers: [{ name: 'tweets', input: { topic: input } }],
    });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const fleet = await fleetOf(world, name);
    const other = { ...fleet, uid: randomUUID() };
    const livePod = readyOnes(world.runner.pods).find(
      ({ metadata }) => metadata.labels?.['thunder.dev/component'] === 'serving',
    );
    const gone = servingGroup(fleet, randomUUID());
    const reading = servingGroup(fleet, randomUUID());
    const kept = [
      servingGroup(fleet, livePod?.metadata.uid ?? ''),
      servingGroup(other, randomUUID()),
      transformerGroup(fleet, 'tweets'),
    ];
    await produce(kafka, input, 10);
    const [leave] = await Promise.all([
      join(t, kafka, reading, topic),
      ...[gone, ...kept.slice(0, 2)].map((group) => commit(kafka, group, topic)),
      commit(kafka, transformerGroup(fleet, 'tweets'), input, 4),
    ]);
    // A pod that comes or goes is when groups are looked at.
    await world.edit(name, { serving: { replicas: 3 } });
    await waitFor('the group is gone', async () => !(await groupsOf(kafka)).includes(gone), {
      withinMs: noticedMsMax,
    });
    const left = await groupsOf(kafka);
    for (const group of [...kept, reading]) assert.ok(left.includes(group), group);
    await waitFor(
      'the lag of the transformer is known',
      async () => (await world.statusOf(name))?.transformers?.[0]?.lag === 6,
      { withinMs: noticedMsMax },
    );
    await leave();
    await world.client.delete(thunderFleets, { namespace: world.namespace, name });
    await waitFor('the fleet is gone', async () => (await world.get(name)) === undefined, {
      withinMs: noticedMsMax,
    });
    const after = await groupsOf(kafka);
    const ofFleet = after.filter((group) => group.includes(fleet.uid));
    assert.deepEqual(ofFleet, []);
    assert.ok(after.includes(kept[1] ?? ''));
  });
});

type World = Awaited<ReturnType<typeof operatorForTest>>;

async function fleetOf(world: World, name: string) {
  const stored = await world.get(name);
  assert.ok(stored !== undefined);
  const parsed = parseFleet(stored);
  assert.ok(parsed.ok);
  return parsed.fleet;
}

async function groupsOf(kafka: TestKafka): Promise<string[]> {
  const admin = kafka.client().admin();
  await admin.connect();
  try {
    return (await admin.listGroups()).groups.map(({ groupId }) => groupId);
  } finally {
    await admin.disconnect();
  }
}

async function commit(kafka: TestKafka, groupId: string, topic: string, offset = 0): Promise<void> {
  const admin = kafka.client().admin();
  await admin.connect();
  try {
    const partitions = [{ partition: 0, offset: String(offset) }];
    await admin.setOffsets({ groupId, topic, partitions });
  } finally {
    await admin.disconnect();
  }
}

async function produce(kafka: TestKafka, topic: string, count: number): Promise<void> {
  const producer = kafka.client().producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    const messages = Array.from({ length: count }, () => ({ value: 'x' }));
    await producer.send({ topic, messages });
  } finally {
    await producer.disconnect();
  }
}

/** A process that reads with the group; answers how it leaves. */
async function join(
  t: TestContext,
  kafka: TestKafka,
  groupId: string,
  topic: string,
): Promise<() => Promise<void>> {
  const consumer = kafka.client().consumer({ groupId, allowAutoTopicCreation: false });
  t.after(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic });
  const { promise, resolve } = Promise.withResolvers<void>();
  consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  await consumer.run({ eachMessage: async () => undefined });
  await promise;
  return () => consumer.disconnect();
}
