/**
 * What is committed in proto/gen is what the schemas give, and loads where it has to.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { findDrift, findThriftVersion, thriftInstallHint, thriftVersion } from './generate.ts';

const thriftHere = await findThriftVersion();
const onBuildServer = process.env['CI'] === 'true';
const excuse =
  thriftHere === null
    ? thriftInstallHint
    : `the committed code is Thrift compiler ${thriftVersion}'s, here is ${thriftHere}`;

test('the generated code is what the schemas give', {
  skip: thriftHere === thriftVersion || onBuildServer ? false : excuse,
}, async () => {
  assert.equal(thriftHere, thriftVersion, excuse);
  assert.deepEqual(await findDrift(), [], 'run: node proto/generate.ts');
});

test('the schemas load as gRPC reflection loads them', () => {
  const require = createRequire(import.meta.url);
  const loader = createRequire(require.resolve('@grpc/reflection'))('@grpc/proto-loader');
  const loaded: Record<string, unknown> = loader.loadSync(
    ['thunder/v1/in_network_posts_service.proto', 'thunder/v1/in_network_event.proto'],
    { includeDirs: [import.meta.dirname] },
  );
  assert.deepEqual(
    Object.keys(loaded).toSorted(),
    [
      'GetInNetworkPostsRequest',
      'GetInNetworkPostsResponse',
      'InNetworkEvent',
      'InNetworkPostsService',
      'LightPost',
      'TweetCreateEvent',
      'TweetDeleteEvent',
    ].map((name) => `thunder.v1.${name}`),
  );
});
