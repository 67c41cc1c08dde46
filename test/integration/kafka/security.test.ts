/**
 * Secured brokers: every way in that we offer works, and every mistake in it is one clear sentence
 * that names the setting to change, soon. Nodes run as processes, as whoever reads the sentence does.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import kafkajs from 'kafkajs';
import { JavaTool } from '#test/components/kafka/java-tool.ts';
import {
  type KafkaCluster,
  skipWithoutCluster,
  startKafkaCluster,
} from '#test/components/kafka/kafka-cluster.ts';
import { withAdmin } from '#test/components/kafka/topic-state.ts';
import { Processes, type ThunderProcess } from '#test/components/processes/processes.ts';
import { startNode, type ThunderNode } from '#test/components/processes/thunder-node.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { untilReady } from '../node-fixture.ts';
import { CertificateFolder, opensslMissing } from '../serve-certificates.ts';
import { Ledger } from './ledger.ts';

/** A mistake is told within this, from the process's first words. */
const toldMsMax = 10_000;
const user = 'reader';
const password = 'a-secret-nobody-may-see';
const groupPrefix = 'thunder-test';

const missing = opensslMissing() ?? (await skipWithoutCluster());

describe('secured brokers', { skip: missing }, () => {
  let certificates: CertificateFolder;
  let strangers: CertificateFolder;
  let sasl: KafkaCluster;
  let mutual: KafkaCluster;
  let processes: Processes;
  let names = 0;
  let topic: string;
  let passwordFile: string;

  before(async () => {
    certificates = new CertificateFolder();
    strangers = new CertificateFolder();
    processes = await Processes.create();
    passwordFile = secretFile('password', password);
    const server = certificates.issue('broker');
    sasl = await startKafkaCluster({
      brokers: 1,
      security: {
        protocol: 'SASL_SSL',
        tls: server,
        users: { [user]: password, stranger: password, ungrouped: password },
        acls: true,
      },
    });
    const clientCaFile = certificates.authority.certFile;
    mutual = await startKafkaCluster({
      brokers: 1,
      security: { protocol: 'SSL', tls: { ...server, clientCaFile } },
    });
    topic = await sasl.createTopic();
    for (const name of [user, 'scram256', 'scram512']) {
      await allow(name, 'TOPIC', topic);
      await allow(name, 'GROUP', groupPrefix);
    }
    await allow('ungrouped', 'TOPIC', topic);
    const tool = await JavaTool.start(sasl.bootstrap);
    await tool.scramUser('scram256', 'SCRAM-SHA-256', password);
    await tool.scramUser('scram512', 'SCRAM-SHA-512', password);
    await tool.kill();
  });
  after(async () => {
    await processes.stop();
    await sasl.stop();
    await mutual.stop();
    certificates.remove();
    strangers.remove();
  });

  function secretFile(name: string, text: string): string {
    const file = path.join(certificates.folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  /** Read and describe, for all that begins with the name; group deletion too. */
  async function allow(name: string, kind: 'TOPIC' | 'GROUP', resourceName: string): Promise<void> {
    const operations = ['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'DELETE'] as const;
    const fitting = operations.filter((one) =>
      kind === 'GROUP' ? one !== 'DESCRIBE_CONFIGS' : one !== 'DELETE',
    );
    await withAdmin(sasl, (admin) =>
      admin.createAcls({
        acl: fitting.map((operation) => ({
          resourceType: kafkajs.AclResourceTypes[kind],
          resourceName,
          resourcePatternType: kafkajs.ResourcePatternTypes.PREFIXED,
          principal: `User:${name}`,
          host: '*',
          operation: kafkajs.AclOperationTypes[operation],
          permissionType: kafkajs.AclPermissionTypes.ALLOW,
        })),
      }),
    );
  }

  const saslFlags = (changes: Readonly<Record<string, string>> = {}): string[] =>
    flagsOf({
      'in-network-events-consumer-dest': sasl.nodesBootstrap,
      'in-network-events-topic': topic,
      'kafka-group-id': groupPrefix,
      'security-protocol': 'SASL_SSL',
      'sasl-mechanism': 'PLAIN',
      'sasl-username': user,
      'sasl-password-file': passwordFile,
      'ssl-ca-file': certificates.authority.certFile,
      'lag-monitor-interval-secs': '1',
      ...changes,
    });

  const start = (flags: readonly string[]): Promise<ThunderNode> => {
    names += 1;
    return startNode(processes, { name: `node-${names}`, command: 'serve', flags });
  };

  async function assertServes(
    t: TestContext,
    cluster: KafkaCluster,
    log: string,
    flags: readonly string[],
  ) {
    const ledger = new Ledger({ kafka: cluster, topic: log, firstId: 1_000 * (names + 1) });
    t.after(() => ledger.close());
    const ids = await ledger.create(5);
    const node = await start(flags);
    await untilReady(node);
    assert.deepEqual(await ledger.missingAt(node), [], `${ids.length} posts`);
    assert.doesNotMatch(node.log(), new RegExp(password));
    assert.equal(await node.stop(), 0);
  }

  for (const [mechanism, name] of [
    ['PLAIN', user],
    ['SCRAM-SHA-256', 'scram256'],
    ['SCRAM-SHA-512', 'scram512'],
  ] as const) {
    it(`SASL_SSL with ${mechanism} reads what an ACL allows`, async (t) => {
      const flags = saslFlags({ 'sasl-mechanism': mechanism, 'sasl-username': name });
      await assertServes(t, sasl, topic, flags);
    });
  }

  it('mutual TLS reads', async (t) => {
    const log = await mutual.createTopic();
    await assertServes(t, mutual, log, mutualFlags(log, certificates.issue('client')));
  });

  function mutualFlags(log: string, client: { certFile: string; keyFile: string }): string[] {
    return flagsOf({
      'in-network-events-consumer-dest': mutual.nodesBootstrap,
      'in-network-events-topic': log,
      'security-protocol': 'SSL',
      'ssl-ca-file': certificates.authority.certFile,
      'ssl-cert-file': client.certFile,
      'ssl-key-file': client.keyFile,
    });
  }

  /** The process says it within the time, in a log line; a mistake that waiting cannot cure ends it. */
  async function assertTold(flags: readonly string[], sentence: RegExp): Promise<ThunderProcess> {
    names += 1;
    const ports = ['--http-host', '127.0.0.1', '--http-port', '0', '--grpc-host', '127.0.0.1'];
    const child = processes.start({
      name: `node-${names}`,
      args: ['serve', ...ports, '--grpc-port', '0', ...flags],
    });
    const telling = (): string | undefined =>
      child
        .log()
        .split('\n')
        .find((line) => line.startsWith('{') && sentence.test(line));
    await waitFor(`${child.name} has something to say`, () => telling() ?? child.hasExited, {
      withinMs: toldMsMax * 3,
    }).catch((error: unknown) => {
      throw new Error(`${String(sentence)} is not in:\n${child.log()}`, { cause: error });
    });
    const line = telling() ?? '';
    assert.match(line, sentence, child.log());
    // By its own stamps: how long a busy machine takes to start a process is not the point.
    const tookMs = timeOf(line) - timeOf(child.log());
    assert.ok(tookMs <= toldMsMax, `told after ${tookMs} ms`);
    assert.doesNotMatch(child.log(), new RegExp(password));
    assert.doesNotMatch(child.log(), /\n\s+at |\\n\s+at /, 'no stack');
    return child;
  }

  it('a wrong password names the user, the password and the mechanism', async () => {
    const wrong = secretFile('wrong-password', 'wrong');
    await assertTold(
      saslFlags({ 'sasl-password-file': wrong }),
      /refused our credentials.*--sasl-username, its password or --sasl-mechanism/,
    );
    const scram = { 'sasl-mechanism': 'SCRAM-SHA-512', 'sasl-username': 'scram512' };
    await assertTold(
      saslFlags({ ...scram, 'sasl-password-file': wrong }),
      /refused our credentials.*--sasl-username/,
    );
  });

  it('an unknown authority names the CA file', async () => {
    const flags = saslFlags({ 'ssl-ca-file': strangers.authority.certFile });
    await assertTold(flags, /TLS to Kafka .*(--ssl-ca-file|the CA)/);
  });

  it('a server certificate that has expired is named as such', async (t) => {
    const expired = await startKafkaCluster({
      brokers: 1,
      security: { protocol: 'SSL', tls: certificates.issue('expired', -1) },
    });
    t.after(() => expired.stop());
    const flags = flagsOf({
      'in-network-events-consumer-dest': expired.nodesBootstrap,
      'security-protocol': 'SSL',
      'ssl-ca-file': certificates.authority.certFile,
    });
    await assertTold(flags, /CERT_HAS_EXPIRED|certificate has expired/);
  });

  it('a client certificate of another authority, or none, names the certificate', async () => {
    const log = await mutual.createTopic();
    await assertTold(mutualFlags(log, strangers.issue('stranger')), /TLS to Kafka .*certificate/);
  });

  it('a mechanism that the broker does not have is named', async () => {
    await assertTold(
      saslFlags({ 'sasl-mechanism': 'OAUTHBEARER' }),
      /does not offer .*--sasl-mechanism/,
    );
  });

  it('plain text to a TLS port names the protocol', async () => {
    const plain = flagsOf({
      'in-network-events-consumer-dest': sasl.nodesBootstrap,
      'security-protocol': 'PLAINTEXT',
    });
    await assertTold(plain, /cannot reach Kafka .*correct --security-protocol/);
  });

  it('TLS to a plain port names the protocol', async () => {
    const flags = saslFlags({ 'in-network-events-consumer-dest': sasl.bootstrap });
    await assertTold(flags, /(cannot reach|TLS to) Kafka .*correct --security-protocol/);
  });

  it('a topic without an ACL is named', async () => {
    const flags = saslFlags({ 'sasl-username': 'stranger' });
    await assertTold(flags, new RegExp(`does not allow us the topic ${topic}: .*--sasl-username`));
  });

  it('a group without an ACL is not needed: only other tools miss the lag', async () => {
    const flags = saslFlags({ 'sasl-username': 'ungrouped' });
    const node = await start(flags);
    await untilReady(node);
    await waitFor('the refusal is counted', async () => {
      return ((await node.status()).counters['commit_failures'] ?? 0) > 0;
    });
    const { ready, reason } = await node.status();
    assert.deepEqual({ ready, reason }, { ready: true, reason: '' });
    assert.equal(await node.stop(), 0);
  });
});

/** Of the first line, in milliseconds. */
function timeOf(log: string): number {
  return Date.parse(/"time":"([^"]+)"/.exec(log)?.[1] ?? '');
}

function flagsOf(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
}
