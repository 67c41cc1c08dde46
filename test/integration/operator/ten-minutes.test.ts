/**
 * Ten minutes of a fleet as it should be, with Kafka and without: by a clock that runs ten times as
 * fast, and with a resync every ten seconds of it instead of every ten minutes, so that sixty pass.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { fastClock } from './fast-clock.ts';
import { operatorForTest, readyOnes, untilQuiet, writesOf } from './operator-for-test.ts';

const pace = 5;
const tenMinutesMs = 600_000;
const resyncMs = 10_000;
/** A Lease renewed ten times as often would be lost on a busy machine; it is no part of this. */
const args = ['--no-leader-elect'];

const skipKafka = await skipWithoutKafka({ own: true });

describe('ten minutes', { concurrency: true, skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('criterion 6: once fleets are as they should be, ten minutes of resyncs write nothing but what moves by itself, once a minute', async (t) => {
    const clock = fastClock(pace);
    const world = await operatorForTest(t, plane, { clock, resyncMs });
    await world.start({ args });
    const [still, live] = await Promise.all([world.create({}, 'still'), world.create({}, 'live')]);
    let posts = 0;
    const fare = (): void =>
      world.runner.decide(({ metadata }) =>
        metadata.name.startsWith('live-')
          ? { kind: 'ready', report: { posts: 1_000_000 + posts } }
          : { kind: 'ready' },
      );
    fare();
    for (const name of [still, live]) {
      await world.untilCondition(name, 'Ready', { status: 'True', reason: 'AllPodsReady' });
      await waitFor('every pod has said how it is', async () => {
        const { pods = [] } = (await world.statusOf(name)) ?? {};
        return pods.length === 2 && pods.every(({ stage }) => stage === 'ready');
      });
    }
    await untilQuiet(world.proxy, 6_000);
    const generations = await Promise.all(
      [still, live].map(async (name) => (await world.serving(name))?.metadata.generation),
    );
    const before = writesOf(world.proxy).length;
    const reads = world.proxy.requests.length;
    t.diagnostic(`${before} writes to get there`);
    const untilMs = clock.monotonicMs() + tenMinutesMs;
    await waitFor(
      'ten minutes have passed',
      () => {
        posts += 10_000;
        fare();
        return clock.monotonicMs() > untilMs;
      },
      { withinMs: tenMinutesMs, pollMs: 250 },
    );
    const written = writesOf(world.proxy).slice(before);
    t.diagnostic(`${world.proxy.requests.length - reads} requests, ${written.length} writes`);
    // The figures of a live fleet, once a minute and once at the edge.
    const figures = written.filter((write) => write.endsWith('/live/status'));
    assert.deepEqual(
      written.filter((write) => !figures.includes(write)),
      [],
    );
    assert.ok(figures.length >= 5 && figures.length <= 11, `${figures.length} times`);
    assert.deepEqual(
      await Promise.all(
        [still, live].map(async (name) => (await world.serving(name))?.metadata.generation),
      ),
      generations,
    );
  });

  describe('without Kafka', { skip: skipKafka }, () => {
    let kafka: TestKafka;
    before(async () => {
      kafka = await startKafka({ own: true });
    });
    after(() => kafka?.stop());

    it('criterion 13: while Kafka is away for ten minutes no pod leaves, the condition and the age say so, and nothing else is written', async (t) => {
      const clock = fastClock(pace);
      const world = await operatorForTest(t, plane, { clock, resyncMs, lookAtKafka: true });
      await world.start({ args });
      const topic = await kafka.createTopic({ partitions: 1 });
      const name = await world.create({
        kafka: { brokers: kafka.bootstrap.split(','), inNetworkTopic: { name: topic } },
      });
      await world.untilCondition(name, 'Ready', { status: 'True' });
      await world.untilCondition(name, 'KafkaReachable', { status: 'True' });
      const uids = () => new Set(readyOnes(world.runner.pods).map(({ metadata }) => metadata.uid));
      const pods = uids();
      const [broker] = kafka.brokers;
      await broker?.kill();
      const awayMs = clock.monotonicMs();
      const grow = (): void =>
        world.runner.decide(() => ({
          kind: 'ready',
          report: { stalenessMs: Math.round(clock.monotonicMs() - awayMs) },
        }));
      const away = await world.untilCondition(name, 'KafkaReachable', {
        ...{ status: 'False', reason: 'Unreachable' },
      });
      assert.match(away.message, /^Not reached since \d{4}-.*: .*Kafka at 127\.0\.0\.1/);
      await waitFor('the pods are told to be stale', async () => {
        grow();
        return (await world.condition(name, 'CaughtUp'))?.reason === 'Stale';
      });
      const before = writesOf(world.proxy).length;
      let readyMin = Number.POSITIVE_INFINITY;
      await waitFor(
        'ten minutes have passed',
        () => {
          grow();
          readyMin = Math.min(readyMin, uids().size);
          return clock.monotonicMs() > awayMs + tenMinutesMs;
        },
        { withinMs: tenMinutesMs, pollMs: 250 },
      );
      assert.equal(readyMin, 2);
      assert.deepEqual(uids(), pods);
      const written = writesOf(world.proxy).slice(before);
      t.diagnostic(`${written.length} writes`);
      assert.deepEqual(
        written.filter((write) => !write.endsWith(`/${name}/status`)),
        [],
      );
      assert.ok(written.length <= 11, `${written.length} times`);
      const still = await world.condition(name, 'KafkaReachable');
      assert.equal(still?.message.slice(0, 40), away.message.slice(0, 40), 'since when');
      assert.equal((await world.condition(name, 'Ready'))?.status, 'True');
      await broker?.restart();
      world.runner.decide(() => ({ kind: 'ready' }));
      await world.untilCondition(name, 'KafkaReachable', { status: 'True' });
    });
  });
});
