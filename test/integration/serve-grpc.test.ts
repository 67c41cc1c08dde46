/**
 * The service as a stock client meets it: real sockets, @grpc/grpc-js on the other side.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  status,
} from '@grpc/grpc-js';
import { service as healthService, protoPath } from 'grpc-health-check';
import { defaultGrpcLimits } from '#node/limits.ts';
import { postsServiceName } from '#node/serve/grpc-server.ts';
import { atCapacity } from '#node/serve/posts-service.ts';
import { ConfigurationError } from '#runtime/errors.ts';
import {
  answerOf,
  createClient,
  encodeRequest,
  postIdsOf,
  query,
  startServer,
  waitFor,
} from './serve-fixture.ts';

const request = encodeRequest({ user_id: 1, following_user_ids: [2, 3], max_results: 5 });

describe('a gRPC server', () => {
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
  });
});
