/** The transport against an HTTP server on the loopback that does whatever the test wants. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { Access } from './access.ts';
import { systemClock } from './clock.ts';
import { isKubeError, type KubeErrorCode } from './errors.ts';
import { createKubeMetrics } from './metrics.ts';
import { createTransport, type HttpCall, type TransportOptions } from './transport.ts';

const call: HttpCall = { method: 'GET', path: '/x', what: 'GET /x', timeoutMs: 10_000 };

async function arrange(
  t: TestContext,
  onRequest: RequestListener,
  options: Partial<TransportOptions> = {},
) {
  const sockets = new Set<Socket>();
  const server = createServer(onRequest);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const access: Access = {
    server: `http://127.0.0.1:${port}`,
    namespace: 'default',
    credentials: async () => ({ headers: {}, tls: {}, tlsHash: '' }),
  };
  const metrics = createKubeMetrics();
  const transport = createTransport({
    access,
    clock: systemClock,
    metrics,
    userAgent: 'test/1',
    ...options,
  });
  t.after(async () => {
    transport.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { transport, metrics, sockets, access };
}

const fails =
  (code: KubeErrorCode) =>
  (error: unknown): boolean => {
    assert.ok(isKubeError(error, code), String(error));
    return true;
  };

describe('the transport', () => {
  it('sends the body as it is, with its length, and who we are', async (t) => {
    const seen: unknown[] = [];
    const { transport, metrics } = await arrange(t, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.once('end', () => {
        const {
          'content-type': type,
          'content-length': length,
          'user-agent': agent,
        } = request.headers;
        seen.push([request.method, request.url, type, length, agent, body]);
        response.end('ok');
      });
    });
    const body = { contentType: 'application/json', text: '"ü"' };
    assert.equal(await transport.request({ ...call, method: 'PATCH', path: '/a?b=c', body }), 'ok');
    assert.deepEqual(seen, [['PATCH', '/a?b=c', 'application/json', '4', 'test/1', '"ü"']]);
    assert.equal(metrics.requests.total(), 1);
  });

  it('reads credentials anew after a 401, and keeps them otherwise', async (t) => {
    let token = 'old';
    let reads = 0;
    let valid = 'old';
    const listener: RequestListener = (request, response) => {
      response.statusCode = request.headers.authorization === `Bearer ${valid}` ? 200 : 401;
      response.end('{}');
    };
    const { access } = await arrange(t, listener);
    const rotating: Access = {
      ...access,
      async credentials() {
        reads += 1;
        return { headers: { Authorization: `Bearer ${token}` }, tls: {}, tlsHash: '' };
      },
    };
    const metrics = createKubeMetrics();
    const options = { access: rotating, clock: systemClock, metrics, userAgent: 'test/1' };
    const transport = createTransport(options);
    t.after(() => transport.close());
    await transport.request(call);
    await transport.request(call);
    assert.equal(reads, 1);
    valid = 'new';
    token = 'new';
    await assert.rejects(transport.request(call), fails('UNAUTHORIZED'));
    await transport.request(call);
    assert.equal(reads, 2);
  });

  it('reads no more than it may', async (t) => {
    let written = 0;
    const { transport } = await arrange(
      t,
      (_, response) => {
        const more = (): void => {
          for (let n = 0; n < 100 && !response.destroyed; n++) {
            written += 1_000;
            if (!response.write('x'.repeat(1_000))) {
              response.once('drain', more);
              return;
            }
          }
          setImmediate(more);
        };
        more();
      },
      { answerBytesMax: 50_000 },
    );
    await assert.rejects(transport.request(call), fails('ANSWER_TOO_LARGE'));
    assert.ok(written < 50_000_000);
  });

  it('gives up on an answer that begins and does not end, and on a stream that outlives its time', async (t) => {
    const { transport, sockets } = await arrange(t, (_, response) => {
      response.writeHead(200);
      response.write('{"begun":');
    });
    const short = { ...call, timeoutMs: 100 };
    await assert.rejects(transport.request(short), fails('TIMEOUT'));
    const stream = await transport.stream(short);
    await assert.rejects(async () => {
      for await (const chunk of stream) assert.ok(chunk);
    }, fails('TIMEOUT'));
    const giving = new AbortController();
    const other = await transport.stream({ ...call, signal: giving.signal });
    setImmediate(() => giving.abort());
    await assert.rejects(async () => {
      for await (const chunk of other) assert.ok(chunk);
    }, fails('ABORTED'));
    while (sockets.size > 0) await once([...sockets][0] as Socket, 'close');
  });

  it('asks again on another connection when a kept one turns out to be closed, for reads only', async (t) => {
    let seen = 0;
    const { transport } = await arrange(t, (request: IncomingMessage, response) => {
      seen += 1;
      // Every second request meets its connection's end, as if it had been closed while idle.
      if (seen % 2 === 0) request.socket.destroy();
      else response.end('ok');
    });
    await transport.request(call);
    assert.equal(await transport.request(call), 'ok');
    assert.equal(seen, 3);
    await assert.rejects(transport.request({ ...call, method: 'DELETE' }), fails('CONNECTION'));
    assert.equal(seen, 4);
  });

  it('says what is wrong with our credentials, and reads them again next time', async (t) => {
    const { access } = await arrange(t, (_, response) => response.end('ok'));
    let broken = true;
    const metrics = createKubeMetrics();
    const transport = createTransport({
      access: {
        ...access,
        credentials: () =>
          broken ? Promise.reject(new Error('no such file')) : access.credentials(),
      },
      clock: systemClock,
      metrics,
      userAgent: 'test/1',
    });
    t.after(() => transport.close());
    await assert.rejects(transport.request(call), /no such file/);
    broken = false;
    assert.equal(await transport.request(call), 'ok');
  });
});
