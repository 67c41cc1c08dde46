/**
 * The service as a stock client meets it: real sockets, @grpc/grpc-js on the other side; and as a
 * hostile one does, byte by byte.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { type Client, credentials, makeClientConstructor, status } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { defaultGrpcLimits } from '#node/limits.ts';
import type { QueryEngine } from '#node/query/query-engine.ts';
import { postsServiceName, startGrpcServer } from '#node/serve/grpc-server.ts';
import { atCapacity } from '#node/serve/posts-service.ts';
import { systemClock } from '#runtime/clock.ts';
import { ConfigurationError } from '#runtime/errors.ts';
import { silentLogger } from '#runtime/logger.ts';
import {
  answerOf,
  countingEngine,
  createClient,
  createService,
  encodeRequest,
  postIdsOf,
  query,
  startServer,
  waitFor,
} from './serve-fixture.ts';

const request = encodeRequest({ user_id: 1, following_user_ids: [2, 3], max_results: 5 });

test('Q10: a query is answered, with staleness and node in its metadata', async (t) => {
  const { server, address } = await startServer();
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  const result = await query(client, request);
  assert.equal(result.code, status.OK, result.message);
  assert.deepEqual(postIdsOf(result.body), [1, 2, 3, 4, 5]);
  assert.equal(result.metadata['x-thunder-node'], 'node-1');
  assert.equal(result.metadata['x-thunder-staleness-ms'], '42');
  assert.equal(result.metadata['x-thunder-partial'], undefined);
  assert.equal(result.metadata['x-thunder-truncated'], undefined);
});

test('a request reaches the engine as it was sent, and so does its size', async (t) => {
  const seen: unknown[] = [];
  const engine: QueryEngine = {
    answer: (fields, context) => {
      seen.push({
        user: fields.userIdLo,
        following: [...fields.following.lo.subarray(0, fields.following.length)],
        excluded: [...fields.excluded.lo.subarray(0, fields.excluded.length)],
        maxResults: fields.maxResults,
        algorithm: fields.algorithm,
        video: fields.isVideoRequest,
        isNow: Math.abs(context.now - Date.now() / 1000) < 5,
      });
      return countingEngine.answer(fields, context);
    },
  };
  const { server, address } = await startServer({ engine });
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  const result = await query(
    client,
    encodeRequest({
      user_id: 7,
      following_user_ids: [2, 3, 2],
      exclude_tweet_ids: [9],
      max_results: 5_000,
      algorithm: 'latest',
      is_video_request: true,
    }),
  );
  assert.equal(postIdsOf(result.body).length, 5_000);
  assert.deepEqual(seen, [
    {
      user: 7,
      following: [2, 3, 2],
      excluded: [9],
      maxResults: 5_000,
      algorithm: 'latest',
      video: true,
      isNow: true,
    },
  ]);
});

test('Q8, Q10: what was cut and what is missing stands in the metadata', async (t) => {
  const engine: QueryEngine = {
    answer: () =>
      answerOf([1], {
        partial: { authorsScanned: 512, authors: 1_000 },
        truncations: [
          { field: 'following', given: 12_000, used: 10_000 },
          { field: 'max_results', given: 9_000, used: 5_000 },
        ],
      }),
  };
  const { server, address, metrics } = await startServer({ engine });
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  const result = await query(client, request);
  assert.equal(result.metadata['x-thunder-partial'], 'deadline; authors=512/1000');
  assert.equal(
    result.metadata['x-thunder-truncated'],
    'following=12000/10000,max_results=9000/5000',
  );
  assert.equal(metrics.queriesPartial.value, 1);
  assert.equal(metrics.queriesTruncated.get('following'), 1);
});

// An engine that would scan for ever, as a huge list does, and asks in between whether to stop.
const endlessEngine: QueryEngine = {
  answer: (_fields, { shouldStop }) => {
    let authorsScanned = 0;
    while (!shouldStop()) {
      authorsScanned += 1;
    }
    return answerOf([1, 2], { partial: { authorsScanned, authors: 1e9 } });
  },
};

test('Q8: a scan that takes too long is answered with what it found', async (t) => {
  const { server, address, metrics } = await startServer({
    engine: endlessEngine,
    requestTimeoutMs: 20,
  });
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  const result = await query(client, request);
  assert.equal(result.code, status.OK, result.message);
  assert.deepEqual(postIdsOf(result.body), [1, 2]);
  assert.match(String(result.metadata['x-thunder-partial']), /^deadline; authors=\d+\/1000000000$/);
  assert.equal(metrics.storeRequestTimeouts.value, 1);
});

test('Q8: a caller’s own deadline reaches the scan', async (t) => {
  const { server, address, metrics } = await startServer({ engine: endlessEngine });
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  await new Promise((resolve) => client.waitForReady(Date.now() + 5_000, resolve));
  // Client and server share this process, so the answer may come too late; that the scan ended shows.
  const result = await query(client, request, { deadlineMs: 200 });
  assert.ok([status.OK, status.DEADLINE_EXCEEDED].includes(result.code), result.message);
  assert.equal(metrics.queriesPartial.value, 1);
  await waitFor('the units are back', () => metrics.inFlightUnits.value === 0);
});

test('Q8: a cancelled call stops the fetch that it waits for, and its units come back', async (t) => {
  const aborted: boolean[] = [];
  const { server, address, metrics } = await startServer({
    fillFollowing: true,
    followGraph: {
      following: (_user, _deadline, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted.push(true);
            resolve({ kind: 'failed', reason: 'cancelled' });
          });
        }),
    },
  });
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  const cancel = new AbortController();
  const result = query(client, encodeRequest({ user_id: 1 }), { signal: cancel.signal });
  await waitFor('the call is under way', () => metrics.inFlightRequests.value === 1);
  cancel.abort();
  assert.equal((await result).code, status.CANCELLED);
  await waitFor('the units are back', () => metrics.inFlightUnits.value === 0);
  assert.deepEqual(aborted, [true]);
});

test('Q9: what is over capacity is refused at once and counted, and the rest is served', async (t) => {
  const held: (() => void)[] = [];
  const { server, address, metrics } = await startServer({
    maxConcurrentRequests: 2,
    fillFollowing: true,
    followGraph: {
      following: () =>
        new Promise((resolve) => {
          held.push(() => resolve({ kind: 'found', ids: [1n] }));
        }),
    },
  });
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  const slow = [1, 2].map(() => query(client, encodeRequest({ user_id: 1 })));
  await waitFor('two requests are in', () => held.length === 2);
  const refused = await query(client, request);
  assert.equal(refused.code, status.RESOURCE_EXHAUSTED);
  assert.equal(refused.message, atCapacity);
  assert.equal(refused.metadata['x-thunder-node'], 'node-1');
  assert.equal(metrics.rejectedRequests.value, 1);
  for (const release of held) {
    release();
  }
  assert.deepEqual(
    (await Promise.all(slow)).map(({ code }) => code),
    [status.OK, status.OK],
  );
  await waitFor('the units are back', () => metrics.inFlightUnits.value === 0);
  assert.equal((await query(client, request)).code, status.OK);
});

test('health follows readiness, for the server and the service, and is watched', async (t) => {
  const { server, address } = await startServer();
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createHealthClient(address);
  t.after(() => client.close());
  const watched: string[] = [];
  const watch = client.watch({ service: postsServiceName });
  watch.on('data', (message: { status: string }) => watched.push(message.status));
  const ended = new Promise<string>((resolve) => {
    watch.on('end', () => resolve('end'));
    watch.on('error', () => resolve('error'));
  });
  for (const service of ['', postsServiceName]) {
    assert.equal(await check(client, service), 'NOT_SERVING');
  }
  server.setServing(true);
  for (const service of ['', postsServiceName]) {
    assert.equal(await check(client, service), 'SERVING');
  }
  assert.equal(await check(client, 'another'), status.NOT_FOUND);
  await waitFor('the watch has seen both', () => watched.length === 2);
  // A watch does not hold up the end: it is told, and closed.
  assert.equal(await server.shutdown({ graceMs: 5_000 }), true);
  assert.equal(await ended, 'end');
  assert.deepEqual(watched, ['NOT_SERVING', 'SERVING', 'NOT_SERVING']);
});

test('reflection, old and new, lists the service and describes its messages', async (t) => {
  const { server, address } = await startServer();
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  for (const version of ['v1', 'v1alpha']) {
    const listed = await reflect(client, version, { list_services: '*' });
    const names = listed.list_services_response?.service.map(({ name }) => name);
    assert.deepEqual(names?.toSorted(), ['grpc.health.v1.Health', postsServiceName]);
    const described = await reflect(client, version, { file_containing_symbol: postsServiceName });
    const messages = described.file_descriptor_response?.file_descriptor_proto.flatMap((bytes) =>
      messagesOf(bytes),
    );
    const post = messages?.find((message) => message.name === 'LightPost');
    assert.equal(post?.field?.find(({ name }) => name === 'in_reply_to_post_id')?.number, 4);
  }
});

test('gzip requests are accepted', async (t) => {
  const { server, address, metrics } = await startServer();
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address, undefined, { 'grpc.default_compression_algorithm': 2 });
  t.after(() => client.close());
  const following = Array.from({ length: 2_000 }, (_, index) => 1_000_000 + index);
  const result = await query(
    client,
    encodeRequest({ user_id: 1, following_user_ids: following, max_results: 4 }),
  );
  assert.deepEqual(postIdsOf(result.body), [1, 2, 3, 4]);
  assert.equal(metrics.followingSize.sum, 2_000);
});

test('an over-size request is refused, the next one on the same connection is served', async (t) => {
  const { server, address } = await startServer(
    {},
    { limits: { ...defaultGrpcLimits, requestBytesMax: 10_000 } },
  );
  t.after(() => server.shutdown({ graceMs: 0 }));
  const big = encodeRequest({
    following_user_ids: Array.from({ length: 20_000 }, (_, index) => index + 1_000_000),
  });
  for (const compression of [0, 2]) {
    const client = createClient(address, undefined, {
      'grpc.default_compression_algorithm': compression,
    });
    const result = await query(client, big);
    assert.equal(result.code, status.RESOURCE_EXHAUSTED);
    assert.equal((await query(client, request)).code, status.OK);
    client.close();
  }
});

test('what is no request is INVALID_ARGUMENT, and an unknown method UNIMPLEMENTED', async (t) => {
  const { server, address } = await startServer();
  t.after(() => server.shutdown({ graceMs: 0 }));
  const client = createClient(address);
  t.after(() => client.close());
  const garbage = await query(client, Buffer.from([0xff, 0xff, 0xff]));
  assert.equal(garbage.code, status.INVALID_ARGUMENT);
  const other = await query(client, request, { path: `/${postsServiceName}/Other` });
  assert.equal(other.code, status.UNIMPLEMENTED);
});

test('a port in use is one clear sentence', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { service, metrics } = createService();
  const starting = startGrpcServer({
    handler: service,
    host: '127.0.0.1',
    port,
    tls: null,
    reloadIntervalMs: 0,
    limits: defaultGrpcLimits,
    metrics,
    clock: systemClock,
    logger: silentLogger,
  });
  await assert.rejects(starting, (error: Error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, new RegExp(`port ${port} .*in use.*--grpc-port`));
    return true;
  });
});

interface Described {
  readonly name?: string;
  readonly field?: readonly { readonly name?: string; readonly number?: number }[];
}

function messagesOf(file: Uint8Array): readonly Described[] {
  const { messageType } = descriptor.FileDescriptorProto.decode(file).toJSON();
  return messageType as readonly Described[];
}

interface HealthClient extends Client {
  check(
    request: { service: string },
    done: (error: { code: number } | null, response?: { status: string }) => void,
  ): void;
  watch(request: { service: string }): NodeJS.ReadableStream;
}

function createHealthClient(address: string): HealthClient {
  const HealthClient = makeClientConstructor(healthService, 'Health');
  return new HealthClient(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  }) as unknown as HealthClient;
}

function check(client: HealthClient, service: string): Promise<string | number | undefined> {
  return new Promise((resolve) => {
    client.check({ service }, (error, response) => resolve(error?.code ?? response?.status));
  });
}

interface Reflected {
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Uint8Array[] };
}

/** One reflection question, with the messages of the library's own .proto files. */
async function reflect(client: Client, version: string, question: object): Promise<Reflected> {
  const path = `@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`;
  const root = new protobuf.Root();
  await root.load(createRequire(import.meta.url).resolve(path), { keepCase: true });
  const requestType = root.lookupType(`grpc.reflection.${version}.ServerReflectionRequest`);
  const responseType = root.lookupType(`grpc.reflection.${version}.ServerReflectionResponse`);
  const stream = client.makeBidiStreamRequest(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
  );
  stream.write(Buffer.from(requestType.encode(requestType.fromObject(question)).finish()));
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    stream.on('data', resolve);
    stream.on('error', reject);
  });
  stream.end();
  return responseType.toObject(responseType.decode(bytes));
}
