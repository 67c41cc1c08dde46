/**
 * A node whose queries are answered by threads of their own, asked over many connections so that the
 * kernel leads some to each.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createQueryClient, type QueryClient } from '#cli/query/query-client.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { createEvent, deleteEvent, nowSeconds } from '#test/integration/node-fixture.ts';
import { type Rig, startRig, TestLog } from './serving-node-rig.suite.ts';

const threads = ['--threads', '3'];
const author = 7n;
/** So many that the kernel leads all of them to one of two threads once in 2^15 times. */
const connections = 16;

function connect(t: TestContext, rig: Rig): QueryClient[] {
  const clients = Array.from({ length: connections }, () =>
    createQueryClient({ address: rig.address, retryUnavailable: false }),
  );
  t.after(() => clients.forEach((client) => client.close()));
  return clients;
}

const question = { userId: 1n, followingUserIds: [author] };

async function idsFrom(clients: readonly QueryClient[]): Promise<string[]> {
  const answers = await Promise.all(clients.map((client) => client.getInNetworkPosts(question)));
  return answers.map(({ posts }) => posts.map(({ postId }) => postId).join(' '));
}

describe('serving threads', () => {
  it('Q6: every connection sees what the log has brought, and its deletes', async (t) => {
    const log = new TestLog();
    const posts = [1n, 2n, 3n].map((id) => createEvent(id, author, nowSeconds() - 60 + Number(id)));
    log.append(0, posts, Date.now());
    const rig = await startRig(t, { logs: [log], flags: threads });
    await rig.untilReady();
    const clients = connect(t, rig);
    assert.deepEqual(new Set(await idsFrom(clients)), new Set(['3 2 1']));
    log.append(0, [deleteEvent(2n), createEvent(4n, author, nowSeconds())], Date.now());
    await waitFor(
      'the log is read',
      async () => (await rig.status()).partitions[0]?.position === 5,
    );
    assert.deepEqual(new Set(await idsFrom(clients)), new Set(['4 3 1']));
  });

  it('L3: status and metrics are those of all threads together', async (t) => {
    const log = new TestLog();
    log.append(0, [createEvent(1n, author)], Date.now());
    const rig = await startRig(t, { logs: [log], flags: threads });
    await rig.untilReady();
    const clients = connect(t, rig);
    await idsFrom(clients);
    const status = await rig.status();
    assert.equal(status.threads, 3);
    assert.equal(status.counters['queries'], connections);
    assert.ok(status.requests.p99Ms > 0);
    assert.equal(await rig.metric('thunder_queries_total{code="OK"}'), connections);
    assert.equal(await rig.metric('get_in_network_posts_count_count'), connections);
    assert.equal(await rig.metric('get_in_network_posts_count_bucket{le="1"}'), connections);
    assert.equal(await rig.metric('thunder_grpc_connections'), connections);
    await idsFrom(clients);
    assert.equal(await rig.metric('thunder_queries_total{code="OK"}'), 2 * connections);
    await waitFor(
      'all is sent',
      async () =>
        (await rig.metric('thunder_in_flight_units')) === 0 &&
        (await rig.metric('in_flight_requests')) === 0,
    );
  });

  it('L1: nobody is answered from a cold store, and health says so', async (t) => {
    const log = new TestLog({ held: true });
    log.append(0, [createEvent(1n, author)], Date.now());
    const rig = await startRig(t, { logs: [log], flags: threads });
    const clients = connect(t, rig);
    for (const client of clients) {
      await assert.rejects(client.getInNetworkPosts(question), /catching up/);
    }
    log.release();
    await rig.untilReady();
    assert.deepEqual(new Set(await idsFrom(clients)), new Set(['1']));
  });

  it('L2: while a store is emptied and read anew, no answer is from in between', async (t) => {
    const [before, after] = [new TestLog(), new TestLog()];
    before.append(0, [createEvent(1n, author)], Date.now());
    after.append(0, [createEvent(2n, author)], Date.now());
    const rig = await startRig(t, {
      logs: [before, after],
      flags: [...threads, '--on-reset', 'rebuild'],
    });
    await rig.untilReady();
    const clients = connect(t, rig);
    let isOver = false;
    const seen = new Set<string>();
    const asking = clients.map(async (client) => {
      while (!isOver) {
        await client.getInNetworkPosts(question).then(
          ({ posts }) => seen.add(posts.map(({ postId }) => postId).join(' ')),
          (error: unknown) => assert.match(String(error), /catching up/),
        );
      }
    });
    await waitFor('answers come', () => seen.has('1'));
    before.truncate(0, 0);
    await waitFor('answers are from the new log', () => seen.has('2'));
    isOver = true;
    await Promise.all(asking);
    assert.deepEqual(seen, new Set(['1', '2']));
  });

  it('L4: calls under way are answered when the node is told to end', async (t) => {
    const log = new TestLog();
    log.append(0, [createEvent(1n, author)], Date.now());
    const rig = await startRig(t, { logs: [log], flags: threads });
    await rig.untilReady();
    const clients = connect(t, rig);
    const asking = Promise.all(Array.from({ length: 20 }, () => idsFrom(clients)));
    await idsFrom(clients);
    rig.signal('SIGTERM');
    const answers = await asking;
    assert.deepEqual(new Set(answers.flat()), new Set(['1']));
    assert.equal(await rig.exitCode, 0);
  });

  it('Q1: a changed blocklist is read by all of them', async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'thunder-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'blocked');
    writeFileSync(file, `${author}\n`);
    const log = new TestLog();
    log.append(0, [createEvent(1n, author)], Date.now());
    const rig = await startRig(t, { logs: [log], flags: [...threads, '--blocked-authors', file] });
    await rig.untilReady();
    const clients = connect(t, rig);
    assert.deepEqual(new Set(await idsFrom(clients)), new Set(['']));
    writeFileSync(`${file}.new`, '# nobody\n');
    renameSync(`${file}.new`, file);
    await waitFor(
      'all of them answer',
      async () => (await idsFrom(clients)).every((ids) => ids === '1'),
      { withinMs: 20_000 },
    );
  });

  it('two nodes that start on one port at the same moment do not share it', async (t) => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const address = free.address();
    assert.ok(typeof address === 'object' && address !== null);
    await new Promise((resolve) => free.close(resolve));
    const flags = [...threads, '--grpc-port', String(address.port)];
    const started = await Promise.allSettled(
      [1, 2].map(() => startRig(t, { logs: [new TestLog()], flags })),
    );
    const refused = started.filter((one) => one.status === 'rejected');
    assert.equal(refused.length, 1);
    assert.match(String(refused[0]?.reason), /ended with 2 while it started/);
  });

  it('what a user has to correct ends the process before it serves', async (t) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.after(() => new Promise((resolve) => other.close(resolve)));
    const address = other.address();
    assert.ok(typeof address === 'object' && address !== null);
    const wrong = [
      ['--grpc-port', String(address.port)],
      ['--blocked-authors', '/nowhere/blocked'],
      ['--grpc-tls-cert-file', '/nowhere/cert', '--grpc-tls-key-file', '/nowhere/key'],
    ];
    for (const flags of wrong) {
      await assert.rejects(
        startRig(t, { logs: [new TestLog()], flags: [...threads, ...flags] }),
        /ended with 2 while it started/,
      );
    }
  });
});
