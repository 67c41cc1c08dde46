/**
 * The life of a whole serving node in this process: a log that is not the one it read, staleness
 * beyond a limit, and the way out (rules L2 to L4).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitCodes } from '#runtime/exit-codes.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import {
  createEvent,
  deleteEvent,
  healthOf,
  notServing,
  postsServiceName,
  serving,
} from '#test/integration/node-fixture.ts';
import {
  brokerAway,
  type Rig,
  startRig,
  TestLog,
  whileTimePasses,
} from './serving-node-rig.suite.ts';

const author = 7n;
const original = (postId: bigint): Buffer => createEvent(postId, author);

/** A log of originals with these ids, in partition 0. */
function logOf(postIds: readonly bigint[], options: { readonly held?: boolean } = {}): TestLog {
  const log = new TestLog(options);
  log.append(0, postIds.map(original), Date.now());
  return log;
}

async function assertNotServing(rig: Rig, stage: string, reason: RegExp): Promise<void> {
  const readiness = await rig.readyz();
  assert.equal(readiness['code'], 503);
  assert.equal(readiness['ready'], false);
  assert.equal(readiness['stage'], stage);
  assert.match(String(readiness['reason']), reason);
  assert.equal(await healthOf(rig), notServing);
  assert.equal(await healthOf(rig, postsServiceName), notServing);
  assert.equal((await rig.page('/livez')).code, 200);
}

async function assertServing(rig: Rig): Promise<void> {
  const readiness = await rig.readyz();
  assert.equal(readiness['code'], 200);
  assert.equal(readiness['stage'], 'ready');
  assert.equal(await healthOf(rig), serving);
  assert.equal(await healthOf(rig, postsServiceName), serving);
}

describe('a log that was reset under a node', () => {
  it('L2: --on-reset serve keeps answering what is there, says so, and grows stale', async (t) => {
    const log = logOf([1n, 2n, 3n]);
    const rig = await startRig(t, { logs: [log], flags: ['--on-reset', 'serve'] });
    await rig.untilReady();
    assert.equal(await rig.metric('thunder_resets_total'), 0);

    log.truncate(0, 1);
    await whileTimePasses(rig, 'the reset', async () => (await rig.status()).resets.length > 0);
    const status = await rig.status();
    assert.deepEqual(
      status.resets.map(({ partition, kind, detail }) => ({ partition, kind, detail })),
      [
        {
          partition: 0,
          kind: 'log_shrank',
          detail: 'the log ends at 1 and ended at 3: re-created or truncated',
        },
      ],
    );
    assert.ok(Math.abs(Date.parse(status.resets[0]?.at ?? '') - Date.now()) < 60_000);
    assert.equal(status.ready, true);
    assert.match(status.reason, /^reset of partition 0: the log ends at 1/);
    assert.equal(status.partitions[0]?.state, 'reset');
    assert.equal(await rig.metric('thunder_resets_total'), 1);
    await assertServing(rig);

    log.append(0, [original(9n), deleteEvent(3n)], Date.now());
    const before = (await rig.status()).stalenessMs ?? Number.NaN;
    rig.clock.jump(60_000);
    const after = await rig.ask({ followingUserIds: [author] });
    assert.deepEqual(
      after.posts.map((post) => post.postId),
      [3n, 2n, 1n],
      'nothing more is applied',
    );
    assert.ok((after.metadata.stalenessMs ?? 0) >= before + 60_000);
    assert.ok(((await rig.status()).stalenessMs ?? 0) >= before + 60_000);
    assert.ok((await rig.metric('thunder_staleness_seconds')) >= before / 1000 + 60);
    await assertServing(rig);
  });

  it('L2: --on-reset exit ends the process with the code of a dependency', async (t) => {
    const log = logOf([1n, 2n, 3n]);
    const rig = await startRig(t, { logs: [log], flags: ['--on-reset', 'exit'] });
    await rig.untilReady();
    log.truncate(0, 0);
    let ended: number | undefined;
    void rig.exitCode.then((code) => {
      ended = code;
    });
    await whileTimePasses(rig, 'the end', () => ended !== undefined);
    assert.equal(ended, exitCodes.dependency);
    assert.ok(log.isClosed);
    await assert.rejects(rig.page('/livez'), 'nothing listens any more');
  });

  it('L2: --on-reset rebuild empties the store, is unready while it replays, and serves the new log', async (t) => {
    const old = logOf([1n, 2n, 3n]);
    old.append(0, [deleteEvent(5n)], Date.now());
    const anew = logOf([4n, 5n], { held: true });
    const rig = await startRig(t, { logs: [old, anew], flags: ['--on-reset', 'rebuild'] });
    await rig.untilReady();
    assert.deepEqual(await rig.posts(author), [3n, 2n, 1n]);
    const first = await rig.status();

    old.truncate(0, 2);
    await whileTimePasses(rig, 'a new beginning', () => old.isClosed);
    await anew.ran;
    await assertNotServing(rig, 'replaying', /^catching up/);
    const during = await rig.status();
    assert.deepEqual(
      [during.posts, during.authors, during.tombstones, during.readyAt, during.progress],
      [0, 0, 0, null, 0],
    );
    assert.equal(during.resets.length, 1);
    assert.equal(await rig.metric('thunder_ready'), 0);
    await assert.rejects(rig.posts(author), { code: 'GRPC_UNAVAILABLE', message: /catching up/ });

    anew.release();
    await rig.untilReady();
    await waitFor('health says so', async () => (await healthOf(rig)) === serving);
    await assertServing(rig);
    assert.deepEqual(await rig.posts(author), [5n, 4n], 'tombstones are forgotten too');
    const then = await rig.status();
    assert.deepEqual(
      then.resets.map((reset) => reset.kind),
      ['log_shrank'],
    );
    assert.equal(then.reason, '');
    assert.equal(then.startedAt, first.startedAt, 'the process is the same');
    assert.equal(await rig.metric('thunder_resets_total'), 1);
    anew.append(0, [original(6n)], Date.now());
    await waitFor('the tail', async () => (await rig.posts(author)).length === 3);
  });

  it('L2: a second reset while it replays makes a node begin anew once more', async (t) => {
    const [first, second, third] = [logOf([1n]), logOf([2n, 3n], { held: true }), logOf([4n])];
    const logs = [first, second, third];
    const rig = await startRig(t, { logs, flags: ['--on-reset', 'rebuild'] });
    await rig.untilReady();
    first.truncate(0, 0);
    await whileTimePasses(rig, 'the second log', () => first.isClosed);
    await second.ran;
    second.truncate(0, 1);
    await whileTimePasses(rig, 'the third log', () => second.isClosed);
    await rig.untilReady();
    assert.deepEqual(await rig.posts(author), [4n]);
    assert.equal((await rig.status()).resets.length, 2);
  });

  it('L2: /status lists the newest resets only, metrics count them all', async (t) => {
    const resetsListed = 16;
    const logs = Array.from({ length: resetsListed + 3 }, () => logOf([1n, 2n]));
    const rig = await startRig(t, { logs, flags: ['--on-reset', 'rebuild'] });
    for (const log of logs.slice(0, -1)) {
      await log.ran;
      await whileTimePasses(rig, 'readiness', () => rig.node.ready());
      log.truncate(0, 0);
      await whileTimePasses(rig, 'a new beginning', () => log.isClosed);
    }
    await rig.untilReady();
    assert.equal((await rig.status()).resets.length, resetsListed);
    assert.equal(await rig.metric('thunder_resets_total'), resetsListed + 2);
  });

  for (const policy of ['serve', 'exit', 'rebuild']) {
    it(`L2: a node that was never ready begins anew by itself, with --on-reset ${policy} too`, async (t) => {
      const old = logOf([1n, 2n, 3n], { held: true });
      const rig = await startRig(t, {
        logs: [old, logOf([8n])],
        flags: ['--on-reset', policy],
      });
      await old.ran;
      await assertNotServing(rig, 'replaying', /^catching up/);
      old.truncate(0, 1);
      await whileTimePasses(rig, 'readiness', () => rig.node.ready());
      assert.deepEqual(await rig.posts(author), [8n]);
      assert.equal((await rig.status()).resets.length, 1);
    });
  }

  it('L2, L4: a signal in the middle of beginning anew still ends the process in order', async (t) => {
    const [old, anew] = [logOf([1n]), logOf([2n], { held: true })];
    const rig = await startRig(t, { logs: [old, anew], flags: ['--on-reset', 'rebuild'] });
    await rig.untilReady();
    old.truncate(0, 0);
    await whileTimePasses(rig, 'a new beginning', () => old.isClosed);
    rig.signal('SIGTERM');
    assert.equal(await rig.exitCode, exitCodes.ok);
  });
});

describe('staleness', () => {
  it('L2: --max-staleness-seconds ends readiness, and catching up brings it back', async (t) => {
    const log = logOf([1n]);
    const rig = await startRig(t, { logs: [log], flags: ['--max-staleness-seconds', '30'] });
    await rig.untilReady();
    log.isAway = true;
    rig.clock.jump(20_000);
    await assertServing(rig);
    rig.clock.jump(20_000);
    await waitFor('unreadiness', () => !rig.node.ready());
    await assertNotServing(
      rig,
      'replaying',
      /^staler than the limit, catching up again; no broker$/,
    );
    assert.deepEqual(await rig.posts(author), [1n], 'who asks all the same is answered');

    log.append(0, [original(2n)], Date.now());
    log.isAway = false;
    await whileTimePasses(rig, 'readiness again', () => rig.node.ready());
    await waitFor('health says so', async () => (await healthOf(rig)) === serving);
    await assertServing(rig);
    assert.deepEqual(await rig.posts(author), [2n, 1n]);
    assert.equal((await rig.status()).reason, '');
  });

  it('L2: without it a node stays ready however long its broker is away', async (t) => {
    const log = logOf([1n]);
    const rig = await startRig(t, { logs: [log] });
    await rig.untilReady();
    log.isAway = true;
    const dayMs = 86_400_000;
    rig.clock.jump(dayMs);
    await waitFor('trouble', async () => (await rig.status()).reason === 'no broker');
    await assertServing(rig);
    const { metadata } = await rig.ask({ followingUserIds: [author] });
    assert.ok((metadata.stalenessMs ?? 0) >= dayMs);
    assert.ok((await rig.metric('kafka_poll_errors_total')) >= 1);
  });
});

describe('stages', () => {
  it('L1, L3: /readyz says each stage and why, from the first second on', async (t) => {
    const log = logOf([1n, 2n], { held: true });
    log.isAway = true;
    const rig = await startRig(t, { logs: [log] });
    await assertNotServing(rig, 'connecting', /^waiting for the log/);
    await waitFor('the reason', async () => (await rig.status()).reason.endsWith('; no broker'));
    assert.deepEqual(
      { ...(await rig.readyz()), reason: '' },
      {
        code: 503,
        ready: false,
        stage: 'connecting',
        reason: '',
        progress: null,
        etaSeconds: null,
        lagEvents: 0,
      },
    );
    await assert.rejects(rig.posts(author), {
      code: 'GRPC_UNAVAILABLE',
      message: /catching up; retry on another node/,
    });
    assert.equal((await rig.page('/startupz')).code, 200);

    log.isAway = false;
    await log.ran;
    await waitFor('no trouble', async () => !(await rig.status()).reason.endsWith('no broker'));
    assert.deepEqual(await rig.readyz(), {
      code: 503,
      ready: false,
      stage: 'replaying',
      reason: 'catching up with the log',
      progress: 0,
      etaSeconds: null,
      lagEvents: 2,
    });
    await assert.rejects(rig.posts(author), { message: /catching up, 0 %; retry on another node/ });

    log.release();
    await rig.untilReady();
    assert.deepEqual(await rig.readyz(), {
      code: 200,
      ready: true,
      stage: 'ready',
      reason: '',
      progress: 1,
      etaSeconds: 0,
      lagEvents: 0,
    });
  });

  it('L4: a node is unready at once, answers while it drains, and ends with 0', async (t) => {
    const log = logOf([1n]);
    const rig = await startRig(t, { logs: [log], flags: ['--drain-delay-ms', '4000'] });
    await rig.untilReady();
    rig.signal('SIGTERM');
    const beganMs = performance.now();
    await assertNotServing(rig, 'draining', /^shutting down$/);
    const { metadata, posts } = await rig.ask({ followingUserIds: [author] });
    assert.equal(posts.length, 1);
    assert.notEqual(metadata.stalenessMs, null);
    log.append(0, [original(2n)], Date.now());
    await waitFor('fresh posts', async () => (await rig.posts(author)).length === 2);
    assert.equal(log.isClosed, false);
    assert.equal(await rig.exitCode, exitCodes.ok);
    assert.ok(performance.now() - beganMs >= 3_900, 'it took the time it was given');
    assert.ok(log.isClosed);
    await assert.rejects(rig.posts(author), { code: 'GRPC_UNAVAILABLE' });
    await assert.rejects(rig.page('/livez'));
  });

  it('L4: a node that was never ready does not wait for clients it never had', async (t) => {
    const log = logOf([1n], { held: true });
    const rig = await startRig(t, { logs: [log], flags: ['--drain-delay-ms', '600000'] });
    await log.ran;
    rig.signal('SIGINT');
    assert.equal(await rig.exitCode, exitCodes.ok);
  });

  it('a log that can never be opened ends the process with the code of a dependency', async (t) => {
    const log = new TestLog();
    log.failNext(brokerAway(), Object.assign(brokerAway(), { retry: 'never' }));
    // On a slow machine it ends before it has started.
    const code = await startRig(t, { logs: [log] }).then(
      (rig) => rig.exitCode,
      ({ message }: Error) => Number(/^ended with (\d+) while it started$/.exec(message)?.[1]),
    );
    assert.equal(code, exitCodes.dependency);
  });
});
