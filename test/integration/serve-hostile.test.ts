/**
 * Callers that follow no rules: whatever they send, the server answers or closes, keeps no units,
 * and goes on serving others.
 */
import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { defaultGrpcLimits } from '#node/limits.ts';
import { postsServiceName } from '#node/serve/grpc-server.ts';
import {
  createClient,
  encodeRequest,
  query,
  type ServerFixture,
  startServer,
  waitFor,
} from './serve-fixture.ts';

const path = `/${postsServiceName}/GetInNetworkPosts`;
const request = encodeRequest({ user_id: 1, following_user_ids: [2] });

async function start(t: TestContext): Promise<ServerFixture & { session: ClientHttp2Session }> {
  const fixture = await startServer();
  const session = connect(`http://${fixture.address}`);
  session.on('error', () => undefined);
  t.after(async () => {
    session.destroy();
    await fixture.server.shutdown({ graceMs: 0 });
  });
  return { ...fixture, session };
}

/** The server still answers, and holds nothing of what came before. */
async function assertHealthy({ address, metrics }: ServerFixture): Promise<void> {
  const client = createClient(address);
  const result = await query(client, request);
  client.close();
  assert.equal(result.code, status.OK, result.message);
  await waitFor('no unit is held', () => metrics.inFlightUnits.value === 0);
  assert.equal(metrics.inFlightRequests.value, 0);
}

function frame(message: Uint8Array, compressed = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Sends chunks on a stream of its own and answers the gRPC status, or null when there was none. */
function call(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>>,
  chunks: readonly Uint8Array[],
): Promise<{ code: number | null; message: string }> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let code: number | null = null;
    let message = '';
    const read = (fields: IncomingHttpHeaders): void => {
      if (fields['grpc-status'] !== undefined) {
        code = Number(fields['grpc-status']);
        message = String(fields['grpc-message'] ?? '');
      }
    };
    stream.on('response', read);
    stream.on('trailers', read);
    stream.on('error', () => undefined);
    stream.on('close', () => resolve({ code, message }));
    stream.resume();
    for (const chunk of chunks) {
      stream.write(chunk);
    }
    stream.end();
  });
}

test('an unknown coding is UNIMPLEMENTED', async (t) => {
  const fixture = await start(t);
  const answer = await call(fixture.session, { 'grpc-encoding': 'snappy' }, [frame(request, 1)]);
  assert.equal(answer.code, status.UNIMPLEMENTED);
  assert.match(answer.message, /snappy/);
  await assertHealthy(fixture);
});

test('broken, cut and exploding gzip are refused', async (t) => {
  const fixture = await start(t);
  const gzip = { 'grpc-encoding': 'gzip' };
  const packed = gzipSync(request);
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  assert.ok(bomb.length < defaultGrpcLimits.requestBytesMax);
  for (const message of [Buffer.from('not gzip'), packed.subarray(0, packed.length - 9), bomb]) {
    const { code } = await call(fixture.session, gzip, [frame(message, 1)]);
    assert.ok(code === status.INTERNAL || code === status.RESOURCE_EXHAUSTED, String(code));
  }
  await assertHealthy(fixture);
});

test('wrong, missing, second and cut messages are refused and hold no units', async (t) => {
  const fixture = await start(t);
  const tooLarge = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]);
  const cases: (readonly Uint8Array[])[] = [
    [],
    [frame(request), frame(request)],
    [frame(request), tooLarge],
    [Buffer.concat([frame(request), tooLarge])],
    [tooLarge],
    [frame(request).subarray(0, 4)],
    [frame(request).subarray(0, 7)],
    [frame(Buffer.alloc(100_000, 0xff))],
  ];
  for (const chunks of cases) {
    const { code } = await call(fixture.session, {}, chunks);
    assert.notEqual(code, status.OK);
  }
  await assertHealthy(fixture);
});

test('a message that is followed by nothing until its deadline holds no units', async (t) => {
  const fixture = await start(t);
  const stream = fixture.session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    'grpc-timeout': '30m',
  });
  stream.on('error', () => undefined);
  const answered = new Promise<unknown>((resolve) => {
    stream.on('response', (headers) => resolve(headers['grpc-status']));
  });
  stream.resume();
  stream.write(frame(request));
  assert.equal(await answered, String(status.DEADLINE_EXCEEDED));
  stream.end();
  await assertHealthy(fixture);
});

test('odd headers and paths are refused', async (t) => {
  const fixture = await start(t);
  const cases: Readonly<Record<string, string>>[] = [
    { ':path': '/' },
    { ':path': `/${'x'.repeat(4_000)}` },
    { ':path': '/\u00e9\u00ff%zz' },
    { ':method': 'GET', 'content-type': 'text/html' },
    { 'content-type': 'application/json' },
    { 'grpc-timeout': 'soon' },
    { 'grpc-timeout': '99999999999S' },
    { 'x-thunder-bin': '%%%' },
  ];
  for (const headers of cases) {
    await call(fixture.session, headers, [frame(request)]);
  }
  await assertHealthy(fixture);
});

test('what does not speak HTTP/2 is closed, and silence is closed at the end', async (t) => {
  const fixture = await start(t);
  for (const bytes of ['GET / HTTP/1.1\r\nhost: a\r\n\r\n', '\u0016\u0003\u0001\u0000\u0000', '']) {
    const socket = connectSocket(fixture.server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.resume();
    if (bytes === '') {
      await waitFor('it is connected', () => !socket.connecting);
      await assertHealthy(fixture);
      fixture.session.close();
      await fixture.server.shutdown({ graceMs: 50 });
    } else {
      socket.end(bytes);
    }
    await closed;
  }
  await waitFor('no connection is left', () => fixture.metrics.connections.value === 0);
  assert.equal(fixture.metrics.inFlightUnits.value, 0);
});

test('a reader that takes nothing keeps its units until it leaves', async (t) => {
  const fixture = await start(t);
  const stream = fixture.session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
  });
  stream.on('error', () => undefined);
  // Larger than the window of a stream, and never read.
  stream.end(frame(encodeRequest({ following_user_ids: [1], max_results: 50_000 })));
  await waitFor('the answer is waiting', () => fixture.metrics.answerBytes.count === 1);
  assert.equal(fixture.metrics.inFlightUnits.value, 1);
  stream.close();
  await assertHealthy(fixture);
});

test('Q9: clients that never read an answer lock nobody out: they are reset and their units come back', async (t) => {
  const fixture = await startServer(
    { maxConcurrentRequests: 8 },
    { limits: { ...defaultGrpcLimits, sendMsMax: 100 } },
  );
  const session = connect(`http://${fixture.address}`, { settings: { initialWindowSize: 0 } });
  session.on('error', () => undefined);
  t.after(async () => {
    session.destroy();
    await fixture.server.shutdown({ graceMs: 0 });
  });
  const heavy = encodeRequest({
    following_user_ids: Array.from({ length: 3_000 }, (_, index) => index + 1),
  });
  const resets = Array.from({ length: 4 }, async (_unused, index) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      // Also one whose deadline is over long before: grpc-js itself would keep its bytes.
      ...(index === 0 ? { 'grpc-timeout': '50m' } : {}),
    });
    stream.on('error', () => undefined);
    stream.end(frame(heavy));
    await new Promise((resolve) => stream.on('close', resolve));
    return stream.rstCode;
  });
  const { metrics } = fixture;
  await waitFor('four answers are waiting', () => metrics.answerBytes.count === 4);
  assert.deepEqual(await Promise.all(resets), Array(4).fill(constants.NGHTTP2_CANCEL));
  assert.equal(metrics.answersNotTaken.value, 4);
  // The client is still there; only its answers are gone.
  assert.equal(session.closed, false);
  await assertHealthy(fixture);
});

test('Q9: a client that stops reading its socket keeps no units either', async (t) => {
  const fixture = await startServer({}, { limits: { ...defaultGrpcLimits, sendMsMax: 100 } });
  const { metrics } = fixture;
  const socket = connectSocket(fixture.server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const wire = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
  });
  socket.on('data', (chunk) => wire.push(chunk));
  const session = connect(`http://${fixture.address}`, {
    createConnection: () => wire,
    settings: { initialWindowSize: 2 ** 31 - 1 },
  });
  session.on('error', () => undefined);
  t.after(async () => {
    session.destroy();
    socket.destroy();
    await fixture.server.shutdown({ graceMs: 0 });
  });
  await new Promise((resolve) => session.once('remoteSettings', resolve));
  session.setLocalWindowSize(2 ** 31 - 1);
  socket.pause();
  // More than the buffers of the two sockets can hold between them.
  const large = frame(encodeRequest({ following_user_ids: [1], max_results: 100_000 }));
  for (let index = 0; index < 16; index += 1) {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
    });
    stream.on('error', () => undefined);
    stream.end(large);
  }
  await waitFor('all are answered', () => metrics.answerBytes.count === 16);
  await waitFor('no unit is held', () => metrics.inFlightUnits.value === 0);
  assert.ok(metrics.answersNotTaken.value > 0);
  await assertHealthy(fixture);
});

test('connections over the bound are closed as they arrive, and room is made again', async (t) => {
  const fixture = await startServer({}, { limits: { ...defaultGrpcLimits, connectionsMax: 2 } });
  t.after(() => fixture.server.shutdown({ graceMs: 0 }));
  const open = () => {
    const socket = connectSocket(fixture.server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    return socket;
  };
  const first = [open(), open()];
  await waitFor('two are in', () => fixture.metrics.connections.value === 2);
  const third = open();
  await new Promise((resolve) => third.on('close', resolve));
  assert.equal(fixture.metrics.connectionsRefused.value, 1);
  for (const socket of first) {
    socket.destroy();
  }
  await waitFor('they are gone', () => fixture.metrics.connections.value === 0);
  await assertHealthy({ ...fixture });
});
