/** The proxy that stands between our processes in tests of faults, with real sockets on both sides. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { waitFor } from './processes/wait-for.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Sends back what it gets, and ends when the other side does. */
let echo: Server;
before(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
after(() => echo.close());

class Client {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  ended = false;
  error: string | undefined;

  constructor(port: number) {
    this.socket = dial({ host: '127.0.0.1', port, allowHalfOpen: true });
    this.socket.on('data', (bytes: Buffer) => {
      this.received = Buffer.concat([this.received, bytes]);
    });
    this.socket.on('end', () => {
      this.ended = true;
    });
    this.socket.on('error', (error: Error & { code?: string }) => {
      this.error = error.code;
    });
  }

  has(text: string): Promise<unknown> {
    return waitFor(`the answer ${text}`, () => this.received.toString() === text);
  }
}

async function set(t: TestContext): Promise<{ proxy: TcpProxy; client: Client }> {
  const address = echo.address();
  assert.ok(address !== null && typeof address === 'object');
  const proxy = await TcpProxy.start({ target: { port: address.port } });
  t.after(() => proxy.close());
  const client = new Client(proxy.port);
  t.after(() => client.socket.destroy());
  client.socket.write('a');
  await client.has('a');
  return { proxy, client };
}

describe('the TCP proxy', () => {
  it('passes bytes both ways, more than it holds, and the end of each direction', async (t) => {
    const { client } = await set(t);
    const much = Buffer.alloc(5 * 1024 * 1024, 'b');
    client.socket.end(much);
    await waitFor('everything came back', () => client.received.length === much.length + 1);
    await waitFor('the end came back', () => client.ended);
    assert.equal(client.error, undefined);
  });

  it('delays what it is told to', async (t) => {
    const { proxy, client } = await set(t);
    proxy.fault('down', { delayMs: 150 });
    const sentAtMs = performance.now();
    client.socket.write('b');
    await client.has('ab');
    assert.ok(performance.now() - sentAtMs >= 149);
  });

  it('throttles what it is told to', async (t) => {
    const { proxy, client } = await set(t);
    proxy.fault('up', { bytesPerSecond: 20_000 });
    const sentAtMs = performance.now();
    client.socket.write(Buffer.alloc(10_000, 'b'));
    await waitFor('all of it', () => client.received.length === 10_001);
    assert.ok(performance.now() - sentAtMs >= 400);
  });

  it('stalls one direction, tells nobody, and delivers what was sent when healed', async (t) => {
    const { proxy, client } = await set(t);
    proxy.fault('down', { stalled: true });
    client.socket.write('b');
    const other = new Client(proxy.port);
    t.after(() => other.socket.destroy());
    other.socket.write('c');
    await waitFor('both are connected', () => proxy.connections === 2);
    assert.equal(client.received.toString(), 'a');
    proxy.heal();
    await client.has('ab');
    await other.has('c');
  });

  it('cuts after byte N: by a reset, or by an orderly end', async (t) => {
    const { proxy, client } = await set(t);
    proxy.fault('down', { endAfterBytes: 3 });
    client.socket.write('bcdef');
    await waitFor('the end', () => client.ended);
    assert.equal(client.received.toString(), 'abcd');
    proxy.fault('down', { resetAfterBytes: 2 });
    const other = new Client(proxy.port);
    t.after(() => other.socket.destroy());
    other.socket.write('bcdef');
    await waitFor('the reset', () => other.error === 'ECONNRESET');
  });

  it('flips one bit of the byte it is told', async (t) => {
    const { proxy, client } = await set(t);
    proxy.fault('up', { flipAfterBytes: 1 });
    client.socket.write('bbb');
    await client.has('abcb');
    client.socket.write('b');
    await client.has('abcbb');
  });

  it('half-closes: one direction ends, the other goes on', async (t) => {
    const { proxy, client } = await set(t);
    proxy.fault('down', { delayMs: 100 });
    client.socket.write('b');
    await waitFor('it is sent', () => client.socket.bytesWritten === 2);
    // Behind the proxy the echo ends when its input does, so the answer and its end still come.
    proxy.fault('down', {});
    await client.has('ab');
    proxy.halfClose('up');
    await waitFor('the end', () => client.ended);
    assert.equal(client.error, undefined);
  });

  it('resets connections and refuses new ones until healed', async (t) => {
    const { proxy, client } = await set(t);
    proxy.refuse();
    proxy.reset();
    await waitFor('the reset', () => client.error === 'ECONNRESET');
    const refused = new Client(proxy.port);
    await waitFor('refused', () => refused.error === 'ECONNRESET');
    proxy.heal();
    const again = new Client(proxy.port);
    t.after(() => again.socket.destroy());
    again.socket.write('b');
    await again.has('b');
  });
});
