/** When Kafka is looked at, what passes are told, and that nothing waits for it. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { deleteGroupsMsMax, kafkaLooksMax } from '#operator/bounds.ts';
import { fleetOf } from '#operator/fleet/fleet-fixture.suite.ts';
import { ManualClock } from '#operator/kube/manual-clock.ts';
import { createKubeMetrics } from '#operator/kube/metrics.ts';
import { silentLogger } from '#runtime/logger.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { createKafkaMonitor, type KafkaMonitorOptions } from './kafka-monitor.ts';
import type { LookResult, LookWish } from './look-at-kafka.ts';

const key = 'feeds/home-feed';
const none = new Set<string>();
const fine: LookResult = {
  hasTopic: true,
  lagByTransformer: new Map(),
  groupsRemoved: 0,
  groupsLeft: 0,
};

describe('the look at Kafka', () => {
  it('begins when a fleet is first seen, and is news when it finds something', async (t) => {
    const { monitor, news } = arrange(t, async () => fine);
    assert.equal(monitor.observe(key, fleetOf(), none).facts.isReachable, null);
    await waitFor('the finding is there', () => news.length === 1);
    const { facts } = monitor.observe(key, fleetOf(), none);
    assert.equal(facts.isReachable, true);
    assert.equal(facts.hasTopic, true);
  });

  it('says since when Kafka is away, and is no news again while it stays away', async (t) => {
    let looks = 0;
    const { monitor, news, clock } = arrange(t, async () => {
      looks += 1;
      throw new Error('nobody is there');
    });
    monitor.observe(key, fleetOf(), none);
    await waitFor('the failure is known', () => news.length === 1);
    const { facts } = monitor.observe(key, fleetOf(), none);
    assert.equal(facts.isReachable, false);
    assert.equal(facts.detail, 'nobody is there');
    await waitFor('it was tried again', async () => {
      await clock.advance(1_000);
      return looks >= 3;
    });
    assert.equal(monitor.observe(key, fleetOf(), none).facts.sinceMs, facts.sinceMs);
    assert.equal(news.length, 1);
  });

  it('looks for left-over groups when pods came or went, and not in between', async (t) => {
    const wishes: LookWish['groups'][] = [];
    const { monitor, clock } = arrange(t, async ({ groups }) => {
      wishes.push(groups);
      return fine;
    });
    monitor.observe(key, fleetOf(), new Set(['a']));
    await waitFor('the second look', async () => {
      await clock.advance(1_000);
      return wishes.length === 2;
    });
    assert.deepEqual(wishes, ['collect', 'leave']);
    monitor.observe(key, fleetOf(), new Set(['b']));
    await waitFor('the third look', () => wishes.length === 3);
    assert.equal(wishes[2], 'collect');
  });

  it('gives up removing the groups of a deleted fleet after a while', async (t) => {
    const { monitor, clock } = arrange(t, async () => {
      throw new Error('nobody is there');
    });
    const sinceMs = clock.monotonicMs();
    const removal = await waitFor('it gives up', async () => {
      const state = monitor.removeGroups(key, fleetOf());
      await clock.advance(500);
      return state.kind !== 'underWay' && state;
    });
    assert.deepEqual(removal, { kind: 'gaveUp', detail: 'nobody is there' });
    assert.ok(clock.monotonicMs() - sinceMs >= deleteGroupsMsMax);
  });

  it('is done with a removal only when a look for it left nothing', async (t) => {
    let left = 2;
    const { monitor, clock } = arrange(t, async ({ groups }) => {
      if (groups === 'removeAll') left -= 1;
      return { ...fine, groupsLeft: groups === 'removeAll' ? left : 0 };
    });
    monitor.observe(key, fleetOf(), none);
    await waitFor('it is done', async () => {
      await clock.advance(500);
      return monitor.removeGroups(key, fleetOf()).kind === 'done';
    });
    assert.equal(left, 0);
  });

  it('lets only a few looks go on at once, and no pass waits for one', async (t) => {
    let underWay = 0;
    const { monitor } = arrange(t, (_, signal) => {
      underWay += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('ended')), { once: true });
      });
    });
    for (let index = 0; index < 3 * kafkaLooksMax; index++) {
      const fleet = fleetOf({}, { name: `fleet-${index}`, uid: `uid-${index}` });
      monitor.observe(`feeds/fleet-${index}`, fleet, none);
    }
    await waitFor('some have begun', () => underWay > 0);
    await waitFor('no more begin', () => underWay === kafkaLooksMax);
  });
});

function arrange(t: TestContext, look: KafkaMonitorOptions['look']) {
  const clock = new ManualClock();
  const news: string[] = [];
  const monitor = createKafkaMonitor({
    ...{ look, clock, random: () => 0.5, log: silentLogger, metrics: createKubeMetrics() },
    onNews: (fleet) => news.push(fleet),
    onLook: () => undefined,
    onGroupsRemoved: () => undefined,
  });
  const ending = new AbortController();
  const running = monitor.run(ending.signal);
  t.after(async () => {
    ending.abort();
    await running;
  });
  return { monitor, news, clock };
}
