/** `thunder query`, against a gRPC server in the same process. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import type { CommandIo } from '#cli/command.ts';
import { createLightPostFields, toId } from '#proto/wire/light-post-fields.ts';
import { readRequest } from '#proto/wire/read-request.ts';
import { createRequestFields } from '#proto/wire/request-fields.ts';
import { writePostFrame } from '#proto/wire/response.ts';
import { encodeLightPost } from '#proto/wire/write-light-post.ts';
import { readBoundedFile } from '#runtime/read-bounded-file.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { getInNetworkPostsPath } from './query-client.ts';
import { queryCommand } from './query-command.ts';
import { type QuerySettings, querySettings } from './query-settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'thunder-query-'));
const request = createRequestFields();
let server: Server;
let address = '';

function identity(value: Buffer): Buffer {
  return value;
}

function bodyOfTwo(): Buffer {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const payload = Buffer.alloc(100);
  const body = Buffer.alloc(300);
  let end = 0;
  for (const [index, isRetweet] of [false, true].entries()) {
    const post = createLightPostFields();
    post.postIdHi = 0x8000_0000;
    post.postIdLo = 9 - index;
    post.authorIdLo = 7;
    post.createdAt = nowSeconds - 200;
    post.isRetweet = isRetweet;
    const size = encodeLightPost(post, payload, 0);
    end = writePostFrame(payload, 0, size, body, end);
  }
  return body.subarray(0, end);
}

before(async () => {
  server = new Server();
  server.addService(
    {
      getInNetworkPosts: {
        path: getInNetworkPostsPath,
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    },
    {
      getInNetworkPosts: (
        call: { request: Buffer; sendMetadata(metadata: Metadata): void },
        callback: (error: null, body: Buffer) => void,
      ) => {
        readRequest(call.request, request);
        const metadata = new Metadata();
        metadata.set('x-thunder-node', 'n1');
        metadata.set('x-thunder-staleness-ms', '15');
        metadata.set('x-thunder-partial', 'deadline; authors=512/1000');
        call.sendMetadata(metadata);
        callback(null, bodyOfTwo());
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  address = `127.0.0.1:${port}`;
});

after(() => {
  server.forceShutdown();
  rmSync(directory, { recursive: true, force: true });
});

function settings(...argv: string[]): QuerySettings {
  return loadSettings(querySettings, { argv, env: {}, readFile: readBoundedFile }).values;
}

async function query(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const io: CommandIo = {
    stdout: { write: (part) => (text.out += part) },
    stderr: { write: (part) => (text.err += part) },
    signal: new AbortController().signal,
    isTty: false,
    env: {},
  };
  const code = await queryCommand.run(settings('--address', address, ...argv), io);
  return { code, ...text };
}

test('an answer is a table of posts, with what the node says about it on standard error', async () => {
  const { code, out, err } = await query('--user', '42', '--following', '1,2');
  assert.equal(code, 0);
  assert.equal(
    out,
    [
      '               POST  AUTHOR      AGE  KIND',
      '9223372036854775817       7  3 m ago  original',
      '9223372036854775816       7  3 m ago  retweet',
      '',
    ].join('\n'),
  );
  assert.equal(err, '2 posts from node n1\nstaleness 15 ms\npartial deadline; authors=512/1000\n');
});

test('JSON has the ids as strings', async () => {
  const { out, err } = await query('--following', '1', '--output', 'json');
  assert.doesNotThrow(() => JSON.parse(out));
  assert.match(out, /^\{"posts":\[\{"postId":"9223372036854775817","authorId":"7",/);
  assert.match(out, /"stalenessMs":15,"node":"n1"/);
  assert.equal(err, '');
});

test('everything that was asked reaches the node', async () => {
  const file = join(directory, 'ids');
  writeFileSync(file, '# loud ones\n5\n\n18446744073709551615 # the last id\r\n');
  await query(
    '--user=9223372036854775809',
    '--following=1,2',
    `--following-file=${file}`,
    '--exclude=7',
    '--max-results=3',
    '--algorithm=latest',
    '--video',
    '--debug',
  );
  const ids = Array.from({ length: request.following.length }, (_, index) =>
    toId(request.following.hi[index] ?? 0, request.following.lo[index] ?? 0),
  );
  assert.deepEqual(ids, [1n, 2n, 5n, 2n ** 64n - 1n]);
  assert.equal(toId(request.userIdHi, request.userIdLo), 2n ** 63n + 1n);
  assert.equal(request.excluded.length, 1);
  assert.equal(request.maxResults, 3);
  assert.equal(request.algorithm, 'latest');
  assert.equal(request.isVideoRequest && request.debug, true);
});

test('bad ids and files are refused before anything is asked', async () => {
  assert.throws(() => settings('--user', '18446744073709551616'), /--user is above/);
  assert.throws(() => settings('--following', '1,x'), /following/);
  assert.throws(() => settings('--tls-cert-file', 'a'), /go together/);
  const file = join(directory, 'bad');
  writeFileSync(file, '1\nanna\n');
  await assert.rejects(query('--following-file', file), /line 2: "anna" is not an id/);
  await assert.rejects(query('--following-file', join(directory, 'none')), /cannot read .*ENOENT/);
});

test('the examples are command lines that load', () => {
  for (const example of queryCommand.examples) {
    settings(...example.split(' ').slice(2));
  }
});
