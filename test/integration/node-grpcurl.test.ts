/**
 * A stock gRPC client meets a node: it finds the service by reflection, asks in JSON, and checks
 * health as a probe does, before and after the node is ready.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { grpcurlOrSkip } from '#test/components/grpcurl/grpcurl.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { processesFor } from '#test/components/processes/processes.ts';
import {
  append,
  createEvent,
  nowSeconds,
  postsServiceName,
  startServing,
  untilReady,
} from './node-fixture.ts';

const author = 2n ** 53n + 1n;
const post = 2n ** 53n + 3n;
const check = 'grpc.health.v1.Health/Check';
const method = `${postsServiceName}/GetInNetworkPosts`;

describe('grpcurl', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  it('lists the service by reflection, describes its method and gets posts as JSON', async (t) => {
    const grpcurl = await grpcurlOrSkip(t);
    if (grpcurl === undefined) return;
    t.diagnostic(grpcurl.how);
    const topic = await kafka.createTopic();
    const createdAt = nowSeconds() - 5;
    await append(kafka, topic, [{ value: createEvent(post, author, createdAt) }]);
    const node = await startServing(await processesFor(t), { kafka, topic });
    await untilReady(node);

    const list = await grpcurl.call([node.address, 'list']);
    assert.equal(list.code, 0, list.stderr);
    const services = list.stdout.trim().split('\n');
    assert.ok(services.includes(postsServiceName), list.stdout);
    assert.ok(services.includes('grpc.health.v1.Health'), list.stdout);

    const described = await grpcurl.call([node.address, 'describe', method.replace('/', '.')]);
    assert.match(
      described.stdout,
      /rpc GetInNetworkPosts \( \.thunder\.v1\.GetInNetworkPostsRequest \) returns \( \.thunder\.v1\.GetInNetworkPostsResponse \);/,
    );
    const request = await grpcurl.call([
      node.address,
      'describe',
      'thunder.v1.GetInNetworkPostsRequest',
    ]);
    assert.match(request.stdout, /repeated uint64 following_user_ids = 2;/);

    const data = JSON.stringify({ user_id: '1', following_user_ids: [String(author), '5'] });
    const answer = await grpcurl.call(['-v', '-d', data, node.address, method]);
    assert.equal(answer.code, 0, answer.stderr);
    assert.match(answer.stdout, /^x-thunder-staleness-ms: \d+$/m);
    assert.match(answer.stdout, /^x-thunder-node: node$/m);
    const plain = await grpcurl.call(['-d', data, node.address, method]);
    assert.deepEqual(JSON.parse(plain.stdout), {
      posts: [{ postId: String(post), authorId: String(author), createdAt: String(createdAt) }],
    });

    const wrong = JSON.stringify({ following_user_ids: ['5'], algorithm: 'best' });
    const refused = await grpcurl.call(['-d', wrong, node.address, method]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /Code: InvalidArgument\n\s*Message: .*latest/);
  });

  it('sees NOT_SERVING before a node is ready and SERVING from then on', async (t) => {
    const grpcurl = await grpcurlOrSkip(t);
    if (grpcurl === undefined) return;
    const topic = await kafka.createTopic();
    const processes = await processesFor(t);
    const nobody = { bootstrap: '127.0.0.1:1' };
    const waiting = await startServing(processes, { kafka: nobody, topic, name: 'waiting' });
    const ready = await startServing(processes, { kafka, topic, name: 'ready' });
    await untilReady(ready);
    for (const service of ['', postsServiceName]) {
      const data = JSON.stringify({ service });
      for (const [node, expected] of [
        [waiting, 'NOT_SERVING'],
        [ready, 'SERVING'],
      ] as const) {
        const { stdout, stderr } = await grpcurl.call(['-d', data, node.address, check]);
        assert.deepEqual(JSON.parse(stdout), { status: expected }, stderr);
      }
    }
    const unknown = await grpcurl.call(['-d', '{"service":"other"}', ready.address, check]);
    assert.match(unknown.stderr, /Code: NotFound/);
    const early = await grpcurl.call(['-d', '{"user_id":"1"}', waiting.address, method]);
    assert.match(early.stderr, /Code: Unavailable/);
  });
});
