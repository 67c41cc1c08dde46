/** The query client against a gRPC server that does as scripted. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Metadata, Server, ServerCredentials, type ServiceDefinition, status } from '@grpc/grpc-js';
import * as fc from 'fast-check';
import { createLightPostFields, toId } from '#proto/wire/light-post-fields.ts';
import { readRequest } from '#proto/wire/read-request.ts';
import { createRequestFields } from '#proto/wire/request-fields.ts';
import { writePostFrame } from '#proto/wire/response.ts';
import { encodeLightPost } from '#proto/wire/write-light-post.ts';
import { ConfigurationError, DependencyError } from '#runtime/errors.ts';
import { decodePosts, kindOfPost } from './answered-post.ts';
import { createQueryClient, getInNetworkPostsPath } from './query-client.ts';
import { encodeQueryRequest } from './query-request.ts';

const service: ServiceDefinition = {
  getInNetworkPosts: {
    path: getInNetworkPostsPath,
    requestStream: false,
    responseStream: false,
    requestSerialize: (value: Buffer) => value,
    requestDeserialize: (value: Buffer) => value,
    responseSerialize: (value: Buffer) => value,
    responseDeserialize: (value: Buffer) => value,
  },
};

function onePostBody(): Buffer {
  const post = createLightPostFields();
  post.postIdHi = 0x8000_0000;
  post.postIdLo = 1;
  post.authorIdLo = 7;
  post.createdAt = 1_790_000_000;
  post.isReply = true;
  post.hasInReplyToPostId = true;
  post.inReplyToPostIdLo = 5;
  post.hasVideo = true;
  const payload = Buffer.alloc(100);
  const end = encodeLightPost(post, payload, 0);
  const body = Buffer.alloc(200);
  return body.subarray(0, writePostFrame(payload, 0, end, body, 0));
}

/** What the next calls meet: a status to fail with, or a body. */
const scripted: (status | Buffer)[] = [];
const seen: Buffer[] = [];
let server: Server;
let address = '';

before(async () => {
  server = new Server();
  server.addService(service, {
    getInNetworkPosts: (
      call: { request: Buffer; sendMetadata(metadata: Metadata): void },
      callback: (error: { code: status; details: string } | null, body?: Buffer) => void,
    ) => {
      seen.push(call.request);
      const next = scripted.shift();
      if (next === undefined) return;
      if (typeof next === 'number') {
        callback({ code: next, details: 'as scripted' });
        return;
      }
      const metadata = new Metadata();
      metadata.set('x-thunder-staleness-ms', '12');
      metadata.set('x-thunder-node', 'n1');
      metadata.set('x-thunder-truncated', 'following=12000/10000');
      call.sendMetadata(metadata);
      callback(null, next);
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  address = `127.0.0.1:${port}`;
});

after(() => server.forceShutdown());

const request = { userId: 42n, followingUserIds: [1n, 2n ** 63n + 1n], maxResults: 10 };

test('posts, bytes and metadata come back', async (t) => {
  const client = createQueryClient({ address });
  t.after(() => client.close());
  const body = onePostBody();
  scripted.push(body);
  const result = await client.getInNetworkPosts(request);
  assert.deepEqual(result.body, body);
  assert.deepEqual(result.metadata, {
    stalenessMs: 12,
    node: 'n1',
    truncated: 'following=12000/10000',
    partial: null,
  });
  assert.equal(result.tries, 1);
  assert.equal(result.posts.length, 1);
  const [post] = result.posts;
  assert.ok(post !== undefined);
  assert.equal(post.postId, 2n ** 63n + 1n);
  assert.equal(post.inReplyToPostId, 5n);
  assert.equal(post.conversationId, null);
  assert.equal(kindOfPost(post), 'reply, video');
  assert.deepEqual(seen.at(-1), encodeQueryRequest(request));
});

test('an unavailable node is asked once more, and only once', async (t) => {
  const client = createQueryClient({ address });
  t.after(() => client.close());
  scripted.push(status.UNAVAILABLE, onePostBody());
  assert.equal((await client.getInNetworkPosts(request)).tries, 2);
  scripted.push(status.UNAVAILABLE, status.UNAVAILABLE);
  await assert.rejects(client.getInNetworkPosts(request), { code: 'GRPC_UNAVAILABLE' });
  assert.equal(scripted.length, 0);
  const patient = createQueryClient({ address, retryUnavailable: false });
  t.after(() => patient.close());
  scripted.push(status.UNAVAILABLE);
  await assert.rejects(patient.getInNetworkPosts(request), DependencyError);
  assert.equal(scripted.length, 0);
});

test('a wrong request is the user’s to correct, a full node is not, and neither is retried', async (t) => {
  const client = createQueryClient({ address });
  t.after(() => client.close());
  scripted.push(status.INVALID_ARGUMENT);
  await assert.rejects(client.getInNetworkPosts(request), (error: unknown) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, /INVALID_ARGUMENT: as scripted/);
    return true;
  });
  scripted.push(status.RESOURCE_EXHAUSTED);
  await assert.rejects(client.getInNetworkPosts(request), {
    code: 'GRPC_RESOURCE_EXHAUSTED',
    retry: 'backoff',
  });
});

test('the deadline, an abort and a malformed answer each end the call', async (t) => {
  const client = createQueryClient({ address });
  t.after(() => client.close());
  scripted.push(Buffer.from([0x0a, 0x7f]));
  await assert.rejects(client.getInNetworkPosts(request), { code: 'GRPC_MALFORMED_ANSWER' });
  await assert.rejects(client.getInNetworkPosts(request, { deadlineMs: 50 }), {
    code: 'GRPC_DEADLINE_EXCEEDED',
  });
  const stop = new AbortController();
  const call = client.getInNetworkPosts(request, { signal: stop.signal });
  stop.abort();
  await assert.rejects(call, { code: 'GRPC_CANCELLED' });
});

test('nobody listening is one clear error', async (t) => {
  const client = createQueryClient({ address: '127.0.0.1:1' });
  t.after(() => client.close());
  await assert.rejects(client.getInNetworkPosts(request, { deadlineMs: 500 }), (error: unknown) => {
    assert.ok(error instanceof DependencyError);
    assert.equal(
      error.message,
      'no connection to 127.0.0.1:1 (connect ECONNREFUSED 127.0.0.1:1): is a node listening there, and with the same TLS settings?',
    );
    return true;
  });
});

test('a certificate without its key is refused', () => {
  const tls = { cert: Buffer.from('x') };
  assert.throws(() => createQueryClient({ address, tls }), ConfigurationError);
});

test('requests read back as they were written', () => {
  const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(
      id,
      fc.array(id),
      fc.array(id),
      fc.nat(),
      fc.string(),
      (userId, following, excluded, maxResults, algorithm) => {
        const fields = createRequestFields();
        const bytes = encodeQueryRequest({
          userId,
          followingUserIds: following,
          excludeTweetIds: excluded,
          maxResults,
          algorithm,
          isVideoRequest: true,
        });
        assert.ok(readRequest(bytes, fields));
        const idsOf = (list: typeof fields.following): bigint[] =>
          Array.from({ length: list.length }, (_, at) => toId(list.hi[at] ?? 0, list.lo[at] ?? 0));
        assert.equal(toId(fields.userIdHi, fields.userIdLo), userId);
        assert.deepEqual(idsOf(fields.following), following);
        assert.deepEqual(idsOf(fields.excluded), excluded);
        assert.equal(fields.maxResults, maxResults);
        assert.equal(fields.isVideoRequest, true);
        assert.equal(fields.debug, false);
      },
    ),
  );
});

test('hostile answers never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const posts = decodePosts(bytes);
      assert.ok(posts === null || Array.isArray(posts));
    }),
  );
});
