/** What only several brokers, or secured ones, can show of the explicit event source. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { startSource, until } from '#node/ingest/event-source.suite.ts';
import { createKafkaEventSource } from '#node/ingest/kafka-event-source.ts';
import { silentLogger } from '#runtime/logger.ts';
import { clusterFor, skipWithoutCluster } from '#test/components/kafka/kafka-cluster.ts';
import { createAssignedTopic, leaderOf } from '#test/components/kafka/topic-state.ts';
import { KafkaLog } from './ingest-kafka-log.ts';

/** kafkajs renews ten seconds before the end, and a broker takes it ill within a second of the last time. */
const tokenSeconds = 17;

describe('several brokers', { skip: await skipWithoutCluster() }, () => {
  it('KIP-392: records are fetched from the replica in our rack, and from the leader when it is gone', async (t) => {
    const cluster = await clusterFor(t, {
      settings: ['replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector'],
    });
    const topic = 'racks';
    await createAssignedTopic(cluster, topic, [{ partition: 0, replicas: [1, 2, 3] }]);
    const log = new KafkaLog(cluster, topic);
    const texts = Array.from({ length: 100 }, (_, index) => String(index));
    await log.append(0, texts);
    const source = log.createSource({ rack: 'rack-3' });
    const listener = await startSource(t, source);
    await listener.reaches(0, 100);
    assert.equal(await leaderOf(cluster, topic), 1);
    assert.deepEqual(source.facts().fetchedFrom, new Map([[0, 3]]));
    await cluster.broker(3).kill();
    await log.append(0, ['after']);
    await listener.reaches(0, 101);
    assert.deepEqual(listener.textsOf(0), [...texts, 'after']);
  });

  it('fault 4: of a topic that has a partition without leader the others are read, also at the start', async (t) => {
    const cluster = await clusterFor(t);
    const topic = 'half-offline';
    await createAssignedTopic(cluster, topic, [
      { partition: 0, replicas: [1] },
      { partition: 1, replicas: [2] },
    ]);
    const log = new KafkaLog(cluster, topic);
    await log.append(0, ['a', 'b']);
    await log.append(1, ['c']);
    const running = log.createSource();
    const listener = await startSource(t, running);
    await listener.reaches(0, 2);
    await listener.reaches(1, 1);
    await cluster.broker(2).kill();
    await until(
      () => listener.troubles.length > 0,
      () => 'trouble with the broker',
    );
    await log.append(0, ['d']);
    await listener.reaches(0, 3);

    const late = log.createSource();
    t.after(() => late.close());
    const bounds = await late.open(new AbortController().signal);
    assert.deepEqual(bounds, [
      { partition: 0, start: 0, end: 3 },
      { partition: 1, start: 0, end: 0, isOffline: true },
    ]);
    const lateListener = await startSource(t, log.createSource());
    await lateListener.reaches(0, 3);
    await cluster.broker(2).restart();
    await lateListener.reaches(1, 1);
    await log.append(1, ['e']);
    await listener.reaches(1, 2);
    await lateListener.reaches(1, 2);
    assert.deepEqual(listener.textsOf(1), ['c', 'e']);
    assert.deepEqual(lateListener.textsOf(1), ['c', 'e']);
  });
});

describe('OAUTHBEARER', { skip: await skipWithoutCluster() }, () => {
  it('a token is read again when its session ends, and for every connection', async (t) => {
    const users = 'listener.name.nodes';
    const login = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule';
    const cluster = await clusterFor(t, {
      brokers: 1,
      security: { protocol: 'SASL_PLAINTEXT' },
      settings: [
        `${users}.sasl.enabled.mechanisms=OAUTHBEARER`,
        `${users}.oauthbearer.sasl.jaas.config=${login} required unsecuredLoginStringClaim_sub="broker";`,
        `${users}.oauthbearer.connections.max.reauth.ms=3600000`,
      ],
    });
    const tokenFile = join(await directoryFor(t), 'token');
    const renew = (): void => writeFileSync(tokenFile, `${tokenFor(tokenSeconds)}\n`);
    renew();
    const topic = await cluster.createTopic();
    const log = new KafkaLog(cluster, topic);
    await log.append(0, ['a']);
    const source = createKafkaEventSource({
      connection: {
        brokers: cluster.nodesBootstrap.split(','),
        clientId: 'test',
        logger: silentLogger,
        securityProtocol: 'SASL_PLAINTEXT',
        saslMechanism: 'OAUTHBEARER',
        tokenFile,
      },
      topic,
      groupId: 'oauth',
      logger: silentLogger,
      limits: { fetchWaitMs: 100 },
    });
    const listener = await startSource(t, source);
    await listener.reaches(0, 1);
    // A broker cuts a session off at the end of its token: beyond that only a new one was accepted.
    const expired = Date.now() + (tokenSeconds + 1) * 1000;
    const renewing = setInterval(renew, 500);
    t.after(() => clearInterval(renewing));
    await until(
      () => Date.now() > expired,
      () => 'the first token has expired',
    );
    await log.append(0, ['b']);
    await listener.reaches(0, 2);
    await cluster.broker(1).restart();
    await log.append(0, ['c']);
    await listener.reaches(0, 3);
    assert.deepEqual(listener.textsOf(0), ['a', 'b', 'c']);
    assert.deepEqual(
      listener.troubles.filter(({ name }) => name === 'ConfigurationError').map(String),
      [],
    );
  });
});

async function directoryFor(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'thunder-token-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

/** A token that nobody signed, which a broker without a key of its own accepts. */
function tokenFor(seconds: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: 'thunder', iat: now, exp: now + seconds })}.`;
}
