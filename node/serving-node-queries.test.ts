/**
 * What the query settings of a node do, asked over gRPC (rules Q1, Q2, Q7 to Q10).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ConfigurationError } from '#runtime/errors.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { createEvent, nowSeconds } from '#test/integration/node-fixture.ts';
import { type Rig, startRig, TestLog } from './serving-node-rig.suite.ts';

/** The file of blocked authors is looked at every five seconds. */
const reloadMsMax = 20_000;

/** A ready node with `postsEach` posts of each author; ids count on, the newest is the last. */
async function startFilled(
  t: TestContext,
  options: {
    readonly authors: readonly bigint[];
    readonly postsEach?: number;
    readonly flags?: readonly string[];
  },
): Promise<Rig> {
  const log = new TestLog();
  let postId = 0n;
  const events = options.authors.flatMap((author) =>
    Array.from({ length: options.postsEach ?? 1 }, () => {
      postId += 1n;
      return createEvent(postId, author, nowSeconds() - 1_000 + Number(postId));
    }),
  );
  log.append(0, events, Date.now());
  const rig = await startRig(t, { logs: [log], flags: options.flags ?? [] });
  await rig.untilReady();
  return rig;
}

function ids(count: number, first = 1): bigint[] {
  return Array.from({ length: count }, (_, index) => BigInt(first + index));
}

const over = 10_001;

describe('lists and numbers beyond a limit', () => {
  it('Q1: a list that is too long is cut and the answer and the metrics say so', async (t) => {
    const rig = await startFilled(t, { authors: [1n, BigInt(over)] });
    const { posts, metadata } = await rig.ask({
      followingUserIds: ids(over),
      excludeTweetIds: ids(over, 1_000),
    });
    assert.deepEqual(
      posts.map((post) => post.postId),
      [1n],
      'the last of the list is not looked at',
    );
    assert.equal(metadata.truncated, 'following=10001/10000,exclude=10001/10000');
    const name = 'thunder_queries_truncated_total';
    assert.equal(await rig.metric(`${name}{field="following"}`), 1);
    assert.equal(await rig.metric(`${name}{field="exclude"}`), 1);
    assert.equal((await rig.ask({ followingUserIds: ids(10) })).metadata.truncated, null);
  });

  it('Q1: --strict-limits refuses what would be cut, and nothing else', async (t) => {
    const rig = await startFilled(t, {
      authors: [1n],
      flags: ['--strict-limits', '--max-results', '3'],
    });
    const refusals: readonly [Parameters<Rig['ask']>[0], RegExp][] = [
      [{ followingUserIds: ids(over) }, /INVALID_ARGUMENT: .*following 10001, at most 10000/],
      [{ excludeTweetIds: ids(over) }, /INVALID_ARGUMENT: .*exclude 10001, at most 10000/],
      [{ maxResults: 4 }, /INVALID_ARGUMENT: .*max_results 4, at most 3/],
    ];
    for (const [request, message] of refusals) {
      await assert.rejects(rig.ask({ followingUserIds: [1n], ...request }), (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, message);
        return true;
      });
    }
    const repeated = [...ids(over - 1), ...ids(over - 1)];
    assert.equal((await rig.ask({ followingUserIds: repeated })).posts.length, 1);
    assert.equal((await rig.ask({ followingUserIds: [1n], maxResults: 3 })).posts.length, 1);
    assert.equal(await rig.metric('thunder_queries_total{code="INVALID_ARGUMENT"}'), 3);
  });

  it('Q2: --max-results cuts a request that wants more and says so; a default is no wish', async (t) => {
    const rig = await startFilled(t, {
      authors: [1n],
      postsEach: 5,
      flags: ['--max-results', '3'],
    });
    const cut = await rig.ask({ followingUserIds: [1n], maxResults: 5 });
    assert.deepEqual(
      cut.posts.map((post) => post.postId),
      [5n, 4n, 3n],
    );
    assert.equal(cut.metadata.truncated, 'max_results=5/3');
    assert.equal(await rig.metric('thunder_queries_truncated_total{field="max_results"}'), 1);
    for (const maxResults of [0, 3]) {
      const answer = await rig.ask({ followingUserIds: [1n], maxResults });
      assert.deepEqual([answer.posts.length, answer.metadata.truncated], [3, null]);
    }
  });
});

describe('blocked authors', () => {
  it('Q1: --blocked-authors hides authors before the cap, and is read again on change', async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'thunder-blocked-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'authors');
    const write = (text: string): void => {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    };
    write('# blocked\n2\n');
    const flags = ['--blocked-authors', file];
    const rig = await startFilled(t, { authors: [1n, 2n, BigInt(over)], flags });
    const all = await rig.ask({ followingUserIds: ids(over) });
    assert.deepEqual(
      all.posts.map((post) => post.postId),
      [3n, 1n],
    );
    assert.equal(all.metadata.truncated, null, '10,000 are left');
    assert.equal(await rig.metric('thunder_blocked_authors'), 1);

    write('1\n10001 # and why\n');
    await waitFor('the new list', async () => (await rig.posts(1n, 2n))[0] === 2n, {
      withinMs: reloadMsMax,
    });
    assert.deepEqual(await rig.posts(1n, 2n, BigInt(over)), [2n]);
    assert.equal(await rig.metric('thunder_blocked_authors'), 2);

    write('1\nnobody\n');
    const refused = 'thunder_blocked_authors_reload_failures_total';
    await waitFor('the refusal', async () => (await rig.metric(refused)) === 1, {
      withinMs: reloadMsMax,
    });
    assert.deepEqual(await rig.posts(1n, 2n, BigInt(over)), [2n], 'the list in use stays');
  });
});

describe('deadlines', () => {
  it('Q8: --request-timeout-ms ends a scan early; what was found is answered, marked and counted', async (t) => {
    const authors = ids(64);
    const rig = await startFilled(t, { authors, flags: ['--request-timeout-ms', '60000'] });
    const whole = await rig.ask({ followingUserIds: authors });
    assert.deepEqual([whole.posts.length, whole.metadata.partial], [64, null]);

    // A machine so slow that three looks at the clock are all the time there is.
    rig.clock.stepMs = 25_000;
    const cut = await rig.ask({ followingUserIds: authors }, { deadlineMs: 3_600_000 });
    rig.clock.stepMs = 0;
    const scanned = Number(/^deadline; authors=(\d+)\/64$/.exec(cut.metadata.partial ?? '')?.[1]);
    assert.ok(scanned >= 0 && scanned < 64, String(cut.metadata.partial));
    assert.equal(cut.posts.length, scanned, 'one post of each author that was reached');
    assert.equal(await rig.metric('thunder_queries_partial_total'), 1);
    assert.equal(await rig.metric('post_store_request_timeouts_total'), 1);
    assert.equal((await rig.status()).counters['queries_partial'], 1);
  });
});

describe('admission', () => {
  it('Q9: --max-concurrent-requests refuses at once while others are answered, by cost', async (t) => {
    const graph = await startGraph(t);
    const rig = await startFilled(t, {
      authors: [1n],
      flags: [
        ...['--max-concurrent-requests', '8', '--following-url', graph.url],
        ...['--following-timeout-ms', '60000'],
      ],
    });
    // Each waits for the follow graph, so it stays in flight.
    const held: { readonly answered: ReturnType<Rig['ask']>; answer(): void }[] = [];
    const hold = async (): Promise<void> => {
      const { asked, answer } = graph.hold();
      const answered = rig.ask({ debug: true }, { deadlineMs: 60_000 });
      held.push({ answered, answer: () => answer([1n]) });
      await asked;
    };
    const refused = {
      code: 'GRPC_RESOURCE_EXHAUSTED',
      message: /server at capacity, retry on another node/,
    };
    for (let count = 0; count < 7; count++) await hold();
    assert.equal((await rig.status()).requests.inFlight, 7);
    assert.deepEqual(await rig.posts(1n), [1n], 'one unit is left');
    await assert.rejects(rig.ask({ followingUserIds: ids(101) }), refused, 'but not two');
    await hold();
    await assert.rejects(rig.posts(1n), refused);
    assert.equal(await rig.metric('rejected_requests_total'), 2);
    assert.equal(await rig.metric('thunder_admission_rejected_total{bound="concurrency"}'), 2);
    assert.equal((await rig.status()).requests.rejected, 2);

    for (const { answer } of held) answer();
    for (const { answered } of held) assert.equal((await answered).posts.length, 1);
    await waitFor('nothing in flight', async () => (await rig.metric('in_flight_requests')) === 0);
    assert.equal((await rig.ask({ followingUserIds: ids(101) })).posts.length, 1);
  });

  it('Q9: --qps-limit refuses what comes faster, and lets in again as time passes', async (t) => {
    const rig = await startFilled(t, { authors: [1n], flags: ['--qps-limit', '2'] });
    const refused = { code: 'GRPC_RESOURCE_EXHAUSTED', message: /server at capacity/ };
    // Two units a second; a second's worth has gathered.
    rig.clock.jump(10_000);
    await rig.ask({ followingUserIds: ids(200) });
    await assert.rejects(rig.posts(1n), refused);
    assert.equal(await rig.metric('thunder_admission_rejected_total{bound="rate"}'), 1);
    rig.clock.jump(1_000);
    assert.deepEqual(await rig.posts(1n), [1n]);
    assert.deepEqual(await rig.posts(1n), [1n]);
  });
});

describe('the follow graph', () => {
  const posted = '/op/fetch/socialgraph/serviceV2/followingInternal.User';

  it('Q7: --following-url fills the empty list of a debug request, and of no other', async (t) => {
    const graph = await startGraph(t);
    const rig = await startFilled(t, {
      authors: [1n, 2n],
      flags: ['--following-url', graph.url],
    });
    graph.following = [2n];
    const filled = await rig.ask({ userId: 77n, debug: true });
    assert.deepEqual(
      filled.posts.map((post) => post.postId),
      [2n],
    );
    assert.deepEqual(graph.asked, [`POST ${posted} [77,{"limit":10000}]`]);
    assert.equal((await rig.ask({ userId: 77n })).posts.length, 0);
    const named = await rig.ask({ userId: 77n, debug: true, followingUserIds: [1n] });
    assert.deepEqual(
      named.posts.map((post) => post.postId),
      [1n],
    );
    assert.equal(graph.asked.length, 1);
    assert.equal(await rig.metric('strato_requests_total'), 1);
  });

  it('Q7: --fill-following fills every empty list; a failure is UNAVAILABLE with its reason', async (t) => {
    const graph = await startGraph(t);
    const rig = await startFilled(t, {
      authors: [1n, 2n],
      flags: ['--following-url', graph.url, '--fill-following', '--following-api', 'rest'],
    });
    graph.following = [1n, 2n];
    assert.equal((await rig.ask({ userId: 78n })).posts.length, 2);
    assert.deepEqual(graph.asked, ['GET /following/78?limit=10000 ']);
    graph.status = 403;
    await assert.rejects(rig.ask({ userId: 78n }), {
      code: 'GRPC_UNAVAILABLE',
      message: /the follow list is not to be had: the follow graph answered HTTP 403/,
    });
    assert.equal(await rig.metric('thunder_follow_graph_requests_total{outcome="failed"}'), 1);
    assert.equal(await rig.metric('in_flight_requests'), 0);
  });

  it('Q7: --following-timeout-ms bounds the wait for a follow graph that says nothing', async (t) => {
    const graph = await startGraph(t);
    const rig = await startFilled(t, {
      authors: [1n],
      flags: [
        ...['--following-url', graph.url, '--fill-following'],
        ...['--following-timeout-ms', '50'],
      ],
    });
    graph.hold();
    await assert.rejects(rig.ask({ userId: 78n }, { deadlineMs: 60_000 }), {
      code: 'GRPC_UNAVAILABLE',
      message: /the follow graph did not answer within 50 ms/,
    });
  });
});

describe('metadata', () => {
  it('Q10: every answer names the node and how stale it is', async (t) => {
    const rig = await startFilled(t, { authors: [1n] });
    for (const request of [{ followingUserIds: [1n] }, {}, { isVideoRequest: true }]) {
      const { metadata } = await rig.ask(request);
      assert.equal(metadata.node, 'node-1');
      const { stalenessMs } = metadata;
      assert.ok(stalenessMs !== null && stalenessMs >= 0 && stalenessMs < 60_000);
    }
  });
});

interface TestGraph {
  readonly url: string;
  /** What it answers. */
  following: readonly bigint[];
  status: number;
  /** `METHOD path body` of each request. */
  readonly asked: readonly string[];
  /** The next request waits for `answer`. */
  hold(): { readonly asked: Promise<void>; answer(following: readonly bigint[]): void };
}

/** A follow graph over HTTP that knows one list. */
async function startGraph(t: TestContext): Promise<TestGraph> {
  const asked: string[] = [];
  const holds: ((send: () => void) => void)[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const list = graph.following.map(String);
    response.writeHead(graph.status);
    response.end(JSON.stringify(request.method === 'POST' ? { v: list } : list));
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`);
      const hold = holds.shift();
      const send = (): void => answer(request, response);
      if (hold === undefined) send();
      else hold(send);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const graph: TestGraph = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    following: [],
    status: 200,
    asked,
    hold() {
      const arrived = Promise.withResolvers<() => void>();
      holds.push(arrived.resolve);
      return {
        asked: arrived.promise.then(() => undefined),
        answer(following) {
          graph.following = following;
          void arrived.promise.then((send) => send());
        },
      };
    },
  };
  return graph;
}
