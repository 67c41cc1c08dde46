/**
 * The admin server over real sockets: its pages, its bounds, its end.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { ConfigurationError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import { createMetricsRegistry, metricsText } from '../metrics.ts';
import { createAdminApp } from './admin-app.ts';
import type { AdminProvider, Readiness } from './admin-provider.ts';
import { type AdminServer, type AdminServerOptions, startAdminServer } from './admin-server.ts';

const notReady: Readiness = {
  ready: false,
  stage: 'replaying',
  reason: '3 of 4 partitions are behind',
  progress: 0.5,
  etaSeconds: 12,
  details: { lagEvents: 7 },
};

function createProvider(changes: Partial<AdminProvider> = {}): AdminProvider {
  return {
    hasStarted: () => true,
    readiness: () => notReady,
    status: ({ hash }) => ({ stage: 'replaying', ...(hash ? { stateHash: 'ab' } : {}) }),
    metrics: async () => ({ contentType: 'text/plain', body: 'a 1\n' }),
    ...changes,
  };
}

const get = (server: AdminServer, page: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${page}`, init);

const open = async (server: AdminServer, text: string): Promise<Socket> => {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
};

const readAll = async (socket: Socket): Promise<string> => {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
};

const fails = (): never => {
  throw new Error('broken');
};

describe('startAdminServer', () => {
  const servers: AdminServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  const start = async (
    changes: Partial<AdminProvider> = {},
    options: Partial<AdminServerOptions> = {},
  ): Promise<AdminServer> => {
    const server = await startAdminServer({
      provider: createProvider(changes),
      logger: silentLogger,
      host: '127.0.0.1',
      port: 0,
      ...options,
    });
    servers.push(server);
    return server;
  };

  it('answers /livez whatever the provider says', async () => {
    const server = await start({ readiness: fails, status: fails, hasStarted: fails });
    const answer = await get(server, '/livez');
    assert.deepEqual([answer.status, await answer.text()], [200, 'ok\n']);
  });

  it('L3: /readyz says stage, reason, progress and time left until it is 200', async () => {
    let readiness = notReady;
    const server = await start({ readiness: () => readiness });
    const before = await get(server, '/readyz');
    assert.equal(before.status, 503);
    assert.deepEqual(await before.json(), {
      ready: false,
      stage: 'replaying',
      reason: '3 of 4 partitions are behind',
      progress: 0.5,
      etaSeconds: 12,
      lagEvents: 7,
    });
    readiness = { ready: true, stage: 'ready', reason: '', progress: 1, etaSeconds: 0 };
    const then = await get(server, '/readyz');
    assert.equal(then.status, 200);
    assert.deepEqual(await then.json(), readiness);
  });

  it('/startupz is 503 until the process has started', async () => {
    let started = false;
    const server = await start({ hasStarted: () => started });
    assert.equal((await get(server, '/startupz')).status, 503);
    started = true;
    assert.equal((await get(server, '/startupz')).status, 200);
  });

  it('/status passes the wish for a hash on', async () => {
    const server = await start();
    assert.deepEqual(await (await get(server, '/status')).json(), { stage: 'replaying' });
    const hashed = { stage: 'replaying', stateHash: 'ab' };
    assert.deepEqual(await (await get(server, '/status?hash')).json(), hashed);
    assert.deepEqual(await (await get(server, '/status?hash=true')).json(), hashed);
  });

  it('computes one hash at a time, however many ask', async () => {
    let computing = 0;
    const held = Promise.withResolvers<object>();
    const provider = createProvider({
      status: () => {
        computing++;
        return held.promise;
      },
    });
    const app = createAdminApp({ provider, logger: silentLogger, answerMs: 10_000 });
    const answers = Array.from({ length: 20 }, async () => app.request('/status?hash'));
    held.resolve({ stateHash: 'cd' });
    for (const answer of await Promise.all(answers)) {
      assert.deepEqual(await answer.json(), { stateHash: 'cd' });
    }
    assert.equal(computing, 1);
    await app.request('/status?hash');
    assert.equal(computing, 2);
  });

  it('/metrics is what the registry says, with its content type', async () => {
    const registry = createMetricsRegistry({ version: '0', role: 'serve' });
    const server = await start({ metrics: () => metricsText(registry) });
    const answer = await get(server, '/metrics');
    assert.equal(answer.headers.get('content-type'), registry.contentType);
    assert.match(await answer.text(), /thunder_build_info/);
  });

  it('lists its pages at / and in a 404; refuses other methods with 405', async () => {
    const server = await start();
    assert.match(await (await get(server, '/')).text(), /^\/livez {5}whether/);
    const missing = await get(server, '/nothing');
    assert.equal(missing.status, 404);
    assert.match(await missing.text(), /no such page here[^]*\/readyz/);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const refused = await get(server, '/status', { method });
      assert.equal(refused.status, 405, method);
      assert.equal(refused.headers.get('allow'), 'GET, HEAD');
      assert.match(await refused.text(), /only GET and HEAD/);
    }
    const head = await get(server, '/readyz', { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [503, '']);
  });

  it('sends security headers on every answer', async () => {
    const server = await start();
    for (const page of ['/', '/livez', '/readyz', '/status', '/metrics', '/nothing']) {
      const { headers } = await get(server, page);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', page);
      assert.equal(headers.get('cache-control'), 'no-store', page);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/, page);
    }
  });

  it('a provider that fails gives 500, one that hangs 503, and both leave the rest alone', async () => {
    const server = await start(
      {
        status: () => Promise.reject(new Error('disk\nfull')),
        metrics: () => new Promise(() => {}),
      },
      { limits: { answerMs: 20 } },
    );
    const failed = await get(server, '/status');
    assert.deepEqual([failed.status, await failed.text()], [500, 'this page failed: disk full\n']);
    assert.equal((await get(server, '/metrics')).status, 503);
    assert.equal((await get(server, '/livez')).status, 200);
  });

  it('a port in use is a ConfigurationError that names the port and the flag', async () => {
    const { port } = await start();
    await assert.rejects(start({}, { port }), (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.equal(
        error.message,
        `port ${port} on 127.0.0.1 is already in use: stop what uses it, or choose another with --http-port`,
      );
      return true;
    });
    await assert.rejects(start({}, { host: '192.0.2.1' }), /this machine has no address 192.0.2.1/);
  });

  describe('bounds', { timeout: 30_000 }, () => {
    it('answers long headers with 431, garbage with 400, and stays alive', async () => {
      const server = await start();
      const long = `GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(9_000)}\r\n\r\n`;
      assert.match(await readAll(await open(server, long)), /^HTTP\/1.1 431 /);
      assert.match(await readAll(await open(server, '\u0000\u0001\r\n\r\n')), /^HTTP\/1.1 400 /);
      const odd = 'TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
      assert.match(await readAll(await open(server, odd)), /^HTTP\/1.1 4\d\d /);
      const noHost = 'GET /livez HTTP/1.0\r\n\r\n';
      assert.match(await readAll(await open(server, noHost)), /^HTTP\/1.1 (200|400) /);
      const badEscape = 'GET /%E0%A4%A?hash=%ZZ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
      assert.match(await readAll(await open(server, badEscape)), /^HTTP\/1.1 4\d\d /);
      assert.equal((await get(server, '/livez')).status, 200);
    });

    it('does not keep a connection that carries a body', async () => {
      const server = await start();
      const post = 'POST /status HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello';
      assert.match(
        await readAll(await open(server, post)),
        /^HTTP\/1.1 405 [^]*connection: close/i,
      );
    });

    it('closes connections that say nothing or too little', async () => {
      const hourMs = 3_600_000;
      const server = await start(
        {},
        { limits: { headersMs: 50, checkMs: 20, requestMs: hourMs, silenceMs: hourMs } },
      );
      for (const text of ['', 'GET / HT']) {
        const answer = await readAll(await open(server, text));
        assert.match(answer, /^(HTTP\/1.1 408 [^]*)?$/);
      }
    });

    it('takes no more connections than the bound', async () => {
      const server = await start({}, { limits: { connectionsMax: 2 } });
      const held = [await open(server, ''), await open(server, '')];
      assert.equal(await readAll(await open(server, '')), '');
      for (const socket of held) {
        socket.destroy();
      }
    });

    it('close cuts off what does not finish in time, and can be called twice', async () => {
      const server = await start(
        { status: () => new Promise(() => {}) },
        { limits: { closeMs: 20, answerMs: 10_000 } },
      );
      const socket = await open(server, 'GET /status HTTP/1.1\r\nhost: a\r\n\r\n');
      const closed = readAll(socket);
      await get(server, '/livez');
      await Promise.all([server.close(), server.close()]);
      assert.equal(await closed, '');
      await assert.rejects(get(server, '/livez'));
    });
  });
});
