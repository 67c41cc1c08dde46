/**
 * The whole way: tweet events in Kafka, a transformer process, serving processes, answers. What comes
 * out is held against a reference that reads the same log.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { compareAnswers } from '#cli/demo/compare-answers.ts';
import { readReference } from '#cli/demo/reference-node.ts';
import { createAuthors } from '#cli/generator/authors.ts';
import { createEventEncoder } from '#cli/generator/event-encoder.ts';
import { generateRequests } from '#cli/generator/request-generator.ts';
import { createQueryClient } from '#cli/query/query-client.ts';
import { systemClock } from '#runtime/clock.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { type Processes, processesFor } from '#test/components/processes/processes.ts';
import type { ThunderNode } from '#test/components/processes/thunder-node.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { hostileInNetworkEvents, hostileTweetEvents } from './hostile-records.ts';
import {
  append,
  createEvent,
  nowSeconds,
  positionsOf,
  postIdsAt,
  startServing,
  startTransforming,
  untilApplied,
  untilReady,
  withClient,
} from './node-fixture.ts';

const events = 20_000;
const garbage = 0.05;
const authors = 500;
const bigIds = [2n ** 53n + 1n, 2n ** 63n + 1n];
/** A killed member's partitions are given to another when its session is over: 10 s, and then some. */
const takeOverMsMax = 120_000;

const encodeTweet = createEventEncoder('thrift');

/** An original post as a TweetEvent. */
function tweetOf(postId: bigint, authorId: bigint): Buffer {
  const record = encodeTweet({
    kind: 'create',
    label: 'original',
    recordTimestampMs: Date.now(),
    duplicate: false,
    postId,
    authorId,
    createdAtSeconds: nowSeconds() - 1,
    text: 'as people write',
    nullcast: false,
    inReplyToPostId: null,
    inReplyToUserId: null,
    conversationId: null,
    sourcePostId: null,
    sourceUserId: null,
    media: [],
  });
  assert.ok(record !== null);
  return record.value;
}

describe('tweet events to answers', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  async function setUp(t: TestContext): Promise<{
    readonly processes: Processes;
    readonly tweetTopic: string;
    readonly eventTopic: string;
  }> {
    const config = { 'retention.ms': '-1' };
    return {
      processes: await processesFor(t),
      tweetTopic: await kafka.createTopic({ prefix: 'tweets', partitions: 2, config }),
      eventTopic: await kafka.createTopic({ prefix: 'events', partitions: 3, config }),
    };
  }

  /** Until the transformer has committed so many input records. */
  const untilTransformed = (transformer: ThunderNode, records: number): Promise<unknown> =>
    waitFor(`${records} records are transformed`, async () => {
      const status = await transformer.status();
      return status.lagEvents === 0 && positionsOf(status) >= records;
    });

  it('P1, T5, E6: generated events, garbage among them, become the same answers at every node and the reference', async (t) => {
    const { processes, tweetTopic, eventTopic } = await setUp(t);
    const [transformer, early] = await Promise.all([
      startTransforming(processes, { kafka, tweetTopic, eventTopic }),
      startServing(processes, { kafka, topic: eventTopic, name: 'early' }),
    ]);
    const producer = processes.start({
      name: 'produce',
      args: [
        ...['produce', '--brokers', kafka.bootstrap, '--topic', tweetTopic, '--output', 'json'],
        ...['--backlog', String(events), '--garbage', String(garbage), '--seed', '11'],
        ...['--authors', String(authors)],
      ],
    });
    assert.deepEqual(await producer.exited, { code: 0, signal: null }, producer.log());
    const messages = bigIds.map((id) => ({ value: tweetOf(id, id) }));
    await append(kafka, tweetTopic, messages);
    const records = events + bigIds.length;
    await untilTransformed(transformer, records);
    const { counters } = await transformer.status();
    t.diagnostic(`transformer: ${JSON.stringify(counters)}`);
    assert.equal(counters['read'], records);
    for (const reason of ['malformed', 'missing_id', 'other_variant', 'nullcast']) {
      assert.ok((counters[`skipped_${reason}`] ?? 0) > 0, reason);
    }

    const late = await startServing(processes, { kafka, topic: eventTopic, name: 'late' });
    const nodes = [early, late];
    const signal = AbortSignal.timeout(60_000);
    const reference = await readReference(kafka.bootstrap, eventTopic, signal);
    const total = [...reference.ends.values()].reduce((sum, end) => sum + end, 0);
    for (const node of nodes) {
      await untilReady(node);
      await untilApplied(node, total);
    }
    const clients = nodes.map((node) => createQueryClient({ address: node.address }));
    t.after(() => clients.forEach((client) => client.close()));
    const requests = generateRequests({
      seed: 12,
      authors: createAuthors(authors),
      following: [1, 200],
      videoShare: 0.2,
    });
    const comparison = await compareAnswers({
      clients,
      reference,
      requests: Array.from({ length: 40 }, () => requests.next().value),
      clock: systemClock,
    });
    t.diagnostic(`${comparison.compared} answers with ${comparison.posts} posts`);
    assert.ok(comparison.posts > 1_000);
    assert.deepEqual([comparison.equalAcrossNodes, comparison.equalToReference], [true, true]);
    const hashes = await Promise.all(
      nodes.map(async (node) => (await node.status('?hash')).stateHash),
    );
    assert.equal(hashes[0], hashes[1]);

    const query = processes.start({
      name: 'query',
      args: [
        ...['query', '--address', late.address, '--following', bigIds.join(',')],
        ...['--output', 'json'],
      ],
    });
    assert.deepEqual(await query.exited, { code: 0, signal: null }, query.log());
    for (const id of bigIds) {
      assert.match(query.stdout(), new RegExp(`"${id}"`));
    }
  });

  it('T2: a transformer that is killed in the middle and started again loses nothing', async (t) => {
    const { processes, tweetTopic, eventTopic } = await setUp(t);
    const flags = ['--linger-ms', '5'];
    const set = { kafka, tweetTopic, eventTopic, flags };
    const [killed, node] = await Promise.all([
      startTransforming(processes, { ...set, name: 'killed' }),
      startServing(processes, { kafka, topic: eventTopic }),
    ]);
    const perAuthor = 20;
    const authorIds = Array.from({ length: 1_000 }, (_, index) => BigInt(index + 1));
    const tweets = authorIds.flatMap((author) =>
      Array.from({ length: perAuthor }, (_, index) => ({
        partition: index % 2,
        value: tweetOf(author * 100n + BigInt(index), author),
      })),
    );
    const half = tweets.length / 2;
    await append(kafka, tweetTopic, tweets.slice(0, 1_000));
    let readWhenKilled = 0;
    const untilRead = (records: number): Promise<unknown> =>
      waitFor(
        `${records} records are read`,
        async () => {
          readWhenKilled = (await killed.status()).counters['read'] ?? 0;
          return readWhenKilled >= records;
        },
        { pollMs: 1 },
      );
    await untilRead(1_000);
    // Killed while records stream in, so that some are read, some sent and some acknowledged.
    const sending = append(kafka, tweetTopic, tweets.slice(1_000, half));
    await untilRead(1_001);
    killed.kill('SIGKILL');
    assert.deepEqual(await killed.exited, { code: null, signal: 'SIGKILL' });
    await sending;
    await append(kafka, tweetTopic, tweets.slice(half));
    t.diagnostic(`killed after reading ${readWhenKilled} of ${tweets.length} records`);

    await startTransforming(processes, { ...set, name: 'successor' });
    await waitFor(
      'every post is stored',
      async () => (await node.status()).posts === tweets.length,
      { withinMs: takeOverMsMax, pollMs: 100 },
    );
    await untilReady(node);
    const answered = new Set<bigint>();
    await withClient(node, async (client) => {
      for (let at = 0; at < authorIds.length; at += 200) {
        const followingUserIds = authorIds.slice(at, at + 200);
        const request = { userId: 1n, followingUserIds, maxResults: 200 * perAuthor };
        const { posts } = await client.getInNetworkPosts(request);
        for (const { postId } of posts) answered.add(postId);
      }
    });
    const lost = authorIds.flatMap((author) =>
      Array.from({ length: perAuthor }, (_, index) => author * 100n + BigInt(index)).filter(
        (id) => !answered.has(id),
      ),
    );
    assert.deepEqual(lost, []);
    assert.equal(answered.size, tweets.length);
    t.diagnostic(`${(await node.status()).counters['duplicate']} records came twice`);
  });

  it('T5, E1: hostile records are counted and skipped on both sides, and their neighbours get through', async (t) => {
    const { processes, tweetTopic, eventTopic } = await setUp(t);
    const [transformer, node] = await Promise.all([
      startTransforming(processes, { kafka, tweetTopic, eventTopic }),
      startServing(processes, { kafka, topic: eventTopic }),
    ]);
    const author = 7n;
    const expected: bigint[] = [];
    const among = <T>(hostile: readonly T[], good: (id: bigint) => T): T[] =>
      hostile.flatMap((record) => {
        const id = BigInt(expected.length + 1);
        expected.push(id);
        return [record, good(id)];
      });

    const tweets = among(
      hostileTweetEvents.map(({ value }) => value),
      (id) => tweetOf(id, author),
    );
    await append(
      kafka,
      tweetTopic,
      tweets.map((value) => ({ partition: 0, value })),
    );
    await untilTransformed(transformer, tweets.length);
    const transformed = (await transformer.status()).counters;
    assert.deepEqual(
      skippedOf(transformed),
      countsOf(hostileTweetEvents.map(({ reason }) => `skipped_${reason}`)),
    );
    assert.equal(transformed['written_create'], hostileTweetEvents.length);

    const inNetwork = among(
      hostileInNetworkEvents.map(({ value }) => value),
      (id) => createEvent(id, author),
    );
    await append(
      kafka,
      eventTopic,
      inNetwork.map((value) => ({ partition: 0, value })),
    );
    await untilReady(node);
    await untilApplied(node, hostileTweetEvents.length + inNetwork.length);
    const applied = (await node.status()).counters;
    const { created, ...wrong } = Object.fromEntries(
      Object.entries(applied).filter(([name, count]) => count > 0 && outcomes.has(name)),
    );
    assert.equal(created, expected.length);
    assert.deepEqual(wrong, countsOf(hostileInNetworkEvents.map(({ reason }) => reason)));
    assert.deepEqual(
      (await postIdsAt(node, [author])).toSorted((a, b) => Number(a - b)),
      expected,
    );
    for (const one of [transformer, node]) {
      assert.doesNotMatch(one.log(), /"level":"(error|fatal)"/);
      assert.equal(await one.stop(), 0);
    }
  });
});

const outcomes: ReadonlySet<string> = new Set([
  'created',
  'no_value',
  'too_large',
  'malformed',
  'no_variant',
  'missing_id',
  'future',
]);

function skippedOf(counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters).filter(([name, count]) => name.startsWith('skipped_') && count > 0),
  );
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
