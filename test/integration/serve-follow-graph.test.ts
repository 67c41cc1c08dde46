/**
 * The follow graph's client against real HTTP servers, good and bad (Q7).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { status } from '@grpc/grpc-js';
import { Registry } from 'prom-client';
import {
  followGraphAnswerBytesMax,
  followGraphAttemptsMax,
  followGraphRetryTokensMax,
} from '#node/limits.ts';
import { createServingMetrics, type ServingMetrics } from '#node/metrics.ts';
import {
  FollowGraph,
  type FollowGraphOptions,
  type FollowingResult,
} from '#node/serve/follow-graph.ts';
import { systemClock } from '#runtime/clock.ts';
import { ConfigurationError } from '#runtime/errors.ts';
import { silentLogger } from '#runtime/logger.ts';
import { CertificateFolder, opensslMissing } from './serve-certificates.ts';
import {
  createClient,
  encodeRequest,
  postIdsOf,
  query,
  startServer,
  waitFor,
} from './serve-fixture.ts';

const missing = opensslMissing();
if (missing !== null && process.env['CI'] !== undefined) {
  throw new Error(missing);
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

interface Graph {
  readonly graph: FollowGraph;
  readonly metrics: ServingMetrics;
  readonly ask: (
    user?: bigint,
    deadlineMs?: number,
    signal?: AbortSignal,
  ) => Promise<FollowingResult>;
}

function onRequest(handler: Handler) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => handler(request, response, body));
  };
}

async function listen(
  t: TestContext,
  server: Server & { closeAllConnections(): void },
): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function createGraph(
  t: TestContext,
  baseUrl: string,
  options: Partial<FollowGraphOptions> = {},
): Graph {
  const metrics = createServingMetrics(new Registry());
  const graph = new FollowGraph({
    baseUrl,
    api: 'strato',
    timeoutMs: 5_000,
    tokenFile: null,
    tls: {},
    reloadIntervalMs: 0,
    metrics,
    clock: systemClock,
    logger: silentLogger,
    random: () => 0.5,
    ...options,
  });
  t.after(() => graph.close());
  const never = new AbortController().signal;
  return {
    graph,
    metrics,
    ask: (user = 1n, deadlineMs = Number.POSITIVE_INFINITY, signal = never) =>
      graph.following(user, deadlineMs, signal),
  };
}

async function start(
  t: TestContext,
  handler: Handler,
  options: Partial<FollowGraphOptions> = {},
): Promise<Graph> {
  const port = await listen(t, createServer(onRequest(handler)));
  return createGraph(t, `http://127.0.0.1:${port}/base`, options);
}

function reasonOf(result: FollowingResult): string {
  assert.ok(result.kind === 'failed', 'it should have failed');
  return result.reason;
}

test('Q7: both APIs ask as the contract says, and ids come back whole', async (t) => {
  const seen: unknown[] = [];
  const big = (1n << 53n) + 1n;
  for (const api of ['strato', 'rest'] as const) {
    const { ask, metrics } = await start(
      t,
      (request, response, body) => {
        seen.push([request.method, request.url, body]);
        response.end(api === 'strato' ? `{"v":["5",${big}]}` : `["5",${big}]`);
      },
      { api },
    );
    assert.deepEqual(await ask((1n << 63n) + 1n), { kind: 'found', ids: [5n, big] });
    assert.equal(metrics.stratoRequests.value, 1);
    assert.equal(metrics.stratoSeconds.count, 1);
    assert.equal(metrics.followGraphOutcomes.get('found'), 1);
  }
  assert.deepEqual(seen, [
    [
      'POST',
      '/base/op/fetch/socialgraph/serviceV2/followingInternal.User',
      '[9223372036854775809,{"limit":10000}]',
    ],
    ['GET', '/base/following/9223372036854775809?limit=10000', ''],
  ]);
});

test('Q7: a user that is not found follows nobody', async (t) => {
  const { ask, metrics } = await start(t, (_request, response) => response.end('"{\\"ttl\\":-1}"'));
  assert.deepEqual(await ask(), { kind: 'found', ids: [] });
  assert.equal(metrics.followGraphOutcomes.get('empty'), 1);
});

test('Q7: what may pass is tried again, a few times, and what may not is not', async (t) => {
  let answers: number[] = [];
  let requests = 0;
  const { ask, metrics } = await start(t, (request, response) => {
    requests += 1;
    const code = answers.shift() ?? 200;
    if (code === 0) {
      request.socket.destroy();
      return;
    }
    response.statusCode = code;
    response.end('{"v":[1]}');
  });
  const cases: [number[], number, RegExp | null][] = [
    [[503], 2, null],
    [[0, 429], 3, null],
    [[500, 500, 500], followGraphAttemptsMax, /HTTP 500/],
    [[401], 1, /HTTP 401/],
    [[404], 1, /HTTP 404/],
    [[301], 1, /HTTP 301/],
  ];
  for (const [codes, expected, reason] of cases) {
    answers = [...codes];
    requests = 0;
    const result = await ask();
    assert.equal(requests, expected, codes.join());
    if (reason === null) {
      assert.deepEqual(result, { kind: 'found', ids: [1n] });
    } else {
      assert.match(reasonOf(result), reason);
    }
  }
  assert.equal(metrics.followGraphRetries.value, 1 + 2 + 2);
});

test('Q7: when the follow graph is down, retries stop at their budget', async (t) => {
  let requests = 0;
  const { ask, metrics } = await start(
    t,
    (_request, response) => {
      requests += 1;
      response.statusCode = 503;
      response.end();
    },
    { random: () => 0 },
  );
  const fetches = 50;
  for (let count = 0; count < fetches; count += 1) {
    reasonOf(await ask());
  }
  const allowed = followGraphRetryTokensMax + fetches / 10;
  assert.equal(requests, fetches + metrics.followGraphRetries.value);
  assert.ok(metrics.followGraphRetries.value <= allowed, `${metrics.followGraphRetries.value}`);
  assert.ok(metrics.followGraphRetries.value >= followGraphRetryTokensMax);
});

test('Q7: bad answers are refused: too large, cut off, not JSON, not ids', async (t) => {
  const cases: [RegExp, Handler][] = [
    [
      /larger than/,
      (_request, response) => response.end(Buffer.alloc(followGraphAnswerBytesMax + 1, 0x20)),
    ],
    [
      /broke off/,
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"v":', () => response.destroy());
      },
    ],
    [/not a list of ids/, (_request, response) => response.end('<html>')],
    [/not a list of ids/, (_request, response) => response.end('{"v":[-1]}')],
    [/not a list of ids/, (_request, response) => response.end('[1]')],
  ];
  for (const [reason, handler] of cases) {
    const { ask, metrics } = await start(t, handler);
    assert.match(reasonOf(await ask()), reason);
    assert.equal(metrics.followGraphOutcomes.get('failed'), 1);
  }
});

test('Q7: silence ends at the timeout or the caller’s deadline, and a cancelled call at once', async (t) => {
  let closed = 0;
  const { ask, metrics } = await start(
    t,
    (request) => {
      request.socket.on('close', () => {
        closed += 1;
      });
    },
    { timeoutMs: 100 },
  );
  assert.match(reasonOf(await ask()), /did not answer within 100 ms/);
  assert.match(reasonOf(await ask(1n, systemClock.monotonicMs() + 20)), /within \d+ ms/);
  assert.match(reasonOf(await ask(1n, systemClock.monotonicMs() - 1)), /no time was left/);
  const cancel = new AbortController();
  const cancelled = ask(1n, Number.POSITIVE_INFINITY, cancel.signal);
  cancel.abort();
  assert.match(reasonOf(await cancelled), /cancelled/);
  assert.equal(metrics.followGraphOutcomes.get('cancelled'), 1);
  await waitFor('the connections are closed', () => closed >= 2);
});

test('Q7: nobody there is a reason, without the address’s secrets', async (t) => {
  const port = await listen(t, createServer());
  const other = createServer();
  const free = await listen(t, other);
  other.close();
  assert.notEqual(port, free);
  const { ask } = createGraph(t, `http://127.0.0.1:${free}`);
  assert.match(reasonOf(await ask()), /cannot be reached: ECONNREFUSED/);
  for (const baseUrl of ['ftp://a', 'nowhere', 'http://user:secret@a/', 'http://a/?token=secret']) {
    assert.throws(
      () => createGraph(t, baseUrl),
      (error: Error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  }
});

test('Q7: the bearer token is read again when its file changes', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'thunder-token-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const tokenFile = path.join(folder, 'token');
  writeFileSync(tokenFile, 'first-secret\n');
  const seen: unknown[] = [];
  const { ask, graph, metrics } = await start(
    t,
    (request, response) => {
      seen.push(request.headers.authorization);
      response.statusCode = request.headers.authorization === 'Bearer third-secret' ? 401 : 200;
      response.end('{"v":[]}');
    },
    { tokenFile },
  );
  await ask();
  writeFileSync(tokenFile, 'second-secret');
  graph.check();
  await ask();
  writeFileSync(tokenFile, 'two\nlines');
  graph.check();
  await ask();
  writeFileSync(tokenFile, 'third-secret');
  graph.check();
  assert.doesNotMatch(reasonOf(await ask()), /secret/);
  assert.deepEqual(seen, [
    'Bearer first-secret',
    'Bearer second-secret',
    'Bearer second-secret',
    'Bearer third-secret',
  ]);
  assert.equal(metrics.certificateReloads.get('follow_graph', 'refused'), 1);
  writeFileSync(tokenFile, 'no token \u00e9');
  assert.throws(() => createGraph(t, 'http://a', { tokenFile }), /holds no token/);
});

describe('the follow graph over TLS', { skip: missing ?? false }, () => {
  const made = new CertificateFolder();
  after(() => made.remove());

  test('Q7: mTLS with certificates from files, which may change', async (t) => {
    const own = made.issue('graph');
    const names: unknown[] = [];
    const server = createHttpsServer(
      {
        cert: readFileSync(own.certFile),
        key: readFileSync(own.keyFile),
        ca: readFileSync(made.authority.certFile),
        requestCert: true,
        rejectUnauthorized: true,
      },
      onRequest((request, response) => {
        names.push((request.socket as TLSSocket).getPeerCertificate().subject.CN);
        response.end('{"v":["8"]}');
      }),
    );
    const port = await listen(t, server);
    const baseUrl = `https://localhost:${port}`;
    const first = made.issue('first');
    const live = {
      certFile: path.join(made.folder, 'live.pem'),
      keyFile: path.join(made.folder, 'live.key'),
    };
    const install = (from: { certFile: string; keyFile: string }): void => {
      writeFileSync(live.certFile, readFileSync(from.certFile));
      writeFileSync(live.keyFile, readFileSync(from.keyFile));
    };
    install(first);
    const caFile = made.authority.certFile;
    const { ask, graph } = createGraph(t, baseUrl, { tls: { ...live, caFile } });
    assert.deepEqual(await ask(), { kind: 'found', ids: [8n] });
    install(made.issue('second'));
    graph.check();
    assert.deepEqual(await ask(), { kind: 'found', ids: [8n] });
    assert.deepEqual(names, ['first', 'second']);

    const anonymous = createGraph(t, baseUrl, { tls: { caFile } });
    reasonOf(await anonymous.ask());
    const distrusting = createGraph(t, baseUrl, { tls: live });
    assert.match(reasonOf(await distrusting.ask()), /cannot be reached/);
  });
});

test('Q7: an empty list is filled over real HTTP, and a failure is UNAVAILABLE, never an empty success', async (t) => {
  let healthy = true;
  const { graph } = await start(t, (_request, response) => {
    response.statusCode = healthy ? 200 : 500;
    response.end('{"v":["4","5","6"]}');
  });
  const { server, address, metrics } = await startServer({ followGraph: graph });
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  const debug = encodeRequest({ user_id: 1, debug: true, max_results: 2 });
  const filled = await query(client, debug);
  assert.deepEqual(postIdsOf(filled.body), [1, 2]);
  assert.equal(metrics.followingSize.sum, 3);
  healthy = false;
  const failed = await query(client, debug);
  assert.equal(failed.code, status.UNAVAILABLE);
  assert.match(failed.message, /follow graph answered HTTP 500/);
  assert.equal((await query(client, encodeRequest({ user_id: 1 }))).code, status.OK);
});
