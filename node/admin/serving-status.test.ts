/**
 * What a whole serving node says about itself: `/status`, its state hash, and `/metrics` (S4, S5,
 * S6, L3).
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import type { NodeStatus } from '#runtime/node-status.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { createEvent, deleteEvent, nowSeconds } from '#test/integration/node-fixture.ts';
import { SimpleStore } from '#test/oracle/simple-store.ts';
import { createEventApplier } from '../ingest/apply-event.ts';
import { type Rig, startRig, TestLog } from '../serving-node-rig.suite.ts';
import { version } from '../version.ts';
import { documentedMetrics } from './documented-metrics.suite.ts';

const author = 7n;

async function readyRig(t: TestContext, log: TestLog, flags: readonly string[] = []): Promise<Rig> {
  const rig = await startRig(t, { logs: [log], flags });
  await rig.untilReady();
  return rig;
}

describe('/status of a serving node', () => {
  it('L3: has every field, with what is so', async (t) => {
    const log = new TestLog({ partitions: 2 });
    log.append(0, [createEvent(1n, author), createEvent(2n, 8n), deleteEvent(9n)], Date.now());
    log.append(1, [createEvent(3n, author), Buffer.from('no event')], Date.now());
    log.appendHole(1);
    const rig = await readyRig(t, log, ['--fleet', 'blue']);
    await rig.ask({ followingUserIds: [author] });
    const status = await rig.status();

    const { startedAt, readyAt, stalenessMs, bytes, requests, counters, ...rest } = status;
    const topic = 'in_network_events';
    const plain: Omit<
      NodeStatus,
      'startedAt' | 'readyAt' | 'stalenessMs' | 'bytes' | 'requests' | 'counters'
    > = {
      version,
      role: 'serve',
      node: 'node-1',
      fleet: 'blue',
      threads: 1,
      stage: 'ready',
      ready: true,
      reason: '',
      progress: 1,
      etaSeconds: 0,
      posts: 3,
      authors: 2,
      tombstones: 1,
      effectiveRetentionSeconds: 172_800,
      lagEvents: 0,
      partitions: [
        { topic, partition: 0, position: 3, target: 3, end: 3, lag: 0, state: 'live' },
        { topic, partition: 1, position: 3, target: 3, end: 3, lag: 0, state: 'live' },
      ],
      warmStart: null,
      donating: 0,
      resets: [],
      warnings: [],
    };
    assert.deepEqual(rest, plain);

    assert.ok(Math.abs(Date.parse(startedAt) - Date.now()) < 60_000);
    assert.ok(readyAt !== null && Date.parse(readyAt) >= Date.parse(startedAt));
    assert.ok(stalenessMs !== null && stalenessMs >= 0 && stalenessMs < 60_000);
    assert.ok(bytes.used > 0 && bytes.used < bytes.bound);
    const arenas = Object.values(bytes.byArena).reduce((sum, one) => sum + one, 0);
    assert.equal(arenas, bytes.used);
    assert.deepEqual([requests.inFlight, requests.rejected], [0, 0]);
    assert.ok(requests.p50Ms >= 0 && requests.p50Ms <= requests.p99Ms && requests.p99Ms < 60_000);
    assert.ok(requests.perSecond >= 0);
    assert.equal(counters['queries'], 1);
    const applied = Object.entries(counters).filter(([, count]) => count > 0);
    assert.ok(applied.length >= 3, JSON.stringify(counters));
    assert.equal('stateHash' in status, false);
    assert.match((await rig.status('?hash')).stateHash ?? '', /^[0-9a-f]{16}$/);
  });

  it('S5: metrics and status count what is stored by kind', async (t) => {
    const log = new TestLog();
    log.append(0, [createEvent(1n, author), createEvent(2n, 8n), deleteEvent(1n)], Date.now());
    const rig = await readyRig(t, log);
    await waitFor('all of it', async () => (await rig.status()).tombstones === 1);
    const counts = await Promise.all(
      [
        'post_store_total_posts',
        'post_store_user_count',
        'post_store_deleted_posts',
        'post_store_entity_count{type="original"}',
        'post_store_entity_count{type="secondary"}',
        'thunder_ready',
        'thunder_catchup_progress_ratio',
        'thunder_catchup_eta_seconds',
        'kafka_partition_lag{topic="in_network_events",partition="0"}',
        'thunder_kafka_partition_position{topic="in_network_events",partition="0"}',
      ].map((name) => rig.metric(name)),
    );
    assert.deepEqual(counts, [2, 2, 1, 2, 0, 1, 1, 0, 0, 3]);
    assert.ok((await rig.metric('init_duration_seconds')) >= 0);
    assert.ok((await rig.metric('thunder_staleness_seconds')) >= 0);
  });

  it('names every metric of the reference page, before and after it is ready', async (t) => {
    const documented = documentedMetrics('thunder serve');
    assert.ok(documented.length > 50, `${documented.length} found`);
    const log = new TestLog({ held: true });
    const rig = await startRig(t, { logs: [log] });
    const missing = async (): Promise<string[]> => {
      const { body } = await rig.page('/metrics');
      return documented.filter((name) => !body.includes(`# TYPE ${name} `));
    };
    assert.deepEqual(await missing(), []);
    log.release();
    await rig.untilReady();
    assert.deepEqual(await missing(), []);
    const { body } = await rig.page('/metrics');
    const ours = [...body.matchAll(/^# TYPE (\w+) /gm)]
      .map((match) => match[1] ?? '')
      .filter((name) => !/^(nodejs|process)_/.test(name));
    assert.deepEqual(
      ours.filter((name) => !documented.includes(name)),
      [],
      'and the page names every metric',
    );
  });
});

describe('a full store', () => {
  it('S4: at --max-posts the oldest go, and status and metrics say how far back it reaches', async (t) => {
    const postsMax = 1_000;
    const log = new TestLog();
    const now = nowSeconds();
    // One post a second, in the order of time but for ids, which fall as time goes on.
    const posts = Array.from({ length: postsMax }, (_, index) =>
      createEvent(BigInt(10_000 + index), BigInt(1 + (index % 50)), now - index),
    ).toReversed();
    log.append(0, posts, Date.now());
    const rig = await readyRig(t, log, ['--max-posts', String(postsMax)]);
    await waitFor('all posts', async () => (await rig.status()).posts === postsMax);
    assert.equal((await rig.status()).effectiveRetentionSeconds, 172_800);
    assert.equal(await rig.metric('thunder_store_evicted_posts_total'), 0);

    const newest = 20_000n;
    log.append(0, [createEvent(newest, author, now)], Date.now());
    const evictedName = 'thunder_store_evicted_posts_total';
    await waitFor('eviction', async () => (await rig.metric(evictedName)) > 0);
    const status = await rig.status();
    const evicted = postsMax + 1 - status.posts;
    assert.ok(evicted >= 1 && status.posts <= postsMax);
    assert.equal(await rig.metric(evictedName), evicted);
    assert.equal(status.counters['evicted_posts'], evicted);
    const reach = status.effectiveRetentionSeconds;
    const shown = await rig.metric('thunder_effective_retention_seconds');
    // It grows by a second each second.
    const passed = nowSeconds() - now;
    assert.ok(reach >= postsMax - evicted && reach < postsMax + passed, String(reach));
    assert.ok(shown >= reach && shown < postsMax + passed, String(shown));

    const following = Array.from({ length: 50 }, (_, index) => BigInt(index + 1));
    const answered = await rig.ask({ followingUserIds: following, maxResults: 5_000 });
    assert.equal(answered.posts.length, status.posts);
    assert.equal(answered.posts[0]?.postId, newest);
    const oldest = answered.posts.at(-1);
    assert.equal(oldest?.postId, BigInt(10_000 + (postsMax - evicted - 1)), 'the oldest are gone');

    log.append(0, [createEvent(5n, author, now - 5_000)], Date.now());
    await waitFor('refusal', async () => (await rig.metric(evictedName)) === evicted + 1);
    assert.equal((await rig.status()).posts, status.posts, 'what is older is not stored again');
  });
});

describe('the state hash', () => {
  it('S6, P1: two nodes fed the same events in another order and over other partitions say the same', async (t) => {
    const now = nowSeconds();
    const creates = Array.from({ length: 40 }, (_, index) =>
      createEvent(BigInt(index + 1), BigInt(1 + (index % 5)), now - index * 60),
    );
    const deletes = [3n, 9n, 9n, 77n].map((id, index) => deleteEvent(id, now - index));
    const events = [...creates, ...deletes];
    const sample = fc.sample(fc.shuffledSubarray(events, { minLength: events.length }), {
      numRuns: 2,
      seed: 4,
    });
    const start = async (order: readonly Buffer[], partitions: number): Promise<Rig> => {
      const log = new TestLog({ partitions });
      for (const [index, event] of order.entries()) {
        log.append(index % partitions, [event], Date.now());
      }
      return readyRig(t, log);
    };
    const rigs = [
      await start(events, 1),
      await start([...(sample[0] ?? []), ...creates.slice(0, 10)], 3),
      await start(sample[1] ?? [], 4),
    ];
    const following = [1n, 2n, 3n, 4n, 5n];
    const seen: { readonly hash: string | undefined; readonly body: string }[] = [];
    for (const rig of rigs) {
      await waitFor('all of it', async () => {
        const { lagEvents, posts, tombstones } = await rig.status();
        return lagEvents === 0 && posts === 40 && tombstones === 3;
      });
      const { body } = await rig.ask({ followingUserIds: following });
      const { stateHash } = await rig.status('?hash');
      seen.push({ hash: stateHash, body: body.toString('hex') });
    }
    assert.match(seen[0]?.hash ?? '', /^[0-9a-f]{16}$/);
    assert.deepEqual(seen, [seen[0], seen[0], seen[0]]);

    const other = await start(events.slice(1), 1);
    assert.notEqual((await other.status('?hash')).stateHash, seen[0]?.hash);
  });

  it('S6: is of the positions beside it, while events arrive and queries are answered', async (t) => {
    const now = nowSeconds();
    const log = new TestLog();
    const events = Array.from({ length: 30_000 }, (_, index) =>
      index % 7 === 6
        ? deleteEvent(BigInt(index - 5))
        : createEvent(BigInt(index + 1), author, now),
    );
    const perAppend = 500;
    log.append(0, events.slice(0, perAppend), now * 1_000);
    const rig = await readyRig(t, log);
    const seen = new Map<number, string | undefined>();
    let answers = 0;
    let isOver = false;
    const asking = (async () => {
      for (; !isOver; answers += 1) await rig.ask({ followingUserIds: [author], maxResults: 5 });
    })();
    for (let from = perAppend; from < events.length; from += perAppend) {
      log.append(0, events.slice(from, from + perAppend), now * 1_000);
      const { partitions, stateHash } = await rig.status('?hash');
      seen.set(partitions[0]?.position ?? -1, stateHash);
    }
    isOver = true;
    await asking;
    t.diagnostic(`${seen.size} positions, ${answers} answers`);
    assert.ok(seen.size > 5 && answers > 5);
    await waitFor('all of it', async () => (await rig.status()).lagEvents === 0);
    seen.set(events.length, (await rig.status('?hash')).stateHash);

    const retention = 172_800;
    const target = new SimpleStore({
      retentionSeconds: retention,
      maxFutureSkewSeconds: 300,
      postsMax: events.length,
      tombstonesMax: events.length,
    });
    const applier = createEventApplier({ target, retentionSeconds: retention });
    for (const [index, event] of events.entries()) {
      applier.apply(event, 0, event.length, now * 1_000, now);
      const hash = seen.get(index + 1);
      if (hash !== undefined) assert.equal(hash, target.stateHash(now), `at ${index + 1}`);
    }
  });
});
