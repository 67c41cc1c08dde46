/**
 * Brokers as containers, for machines with a container engine and no Java. Each has one listener for
 * its peers (by container name) and one published on the loopback for us.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { clusterSettings } from './cluster-settings.ts';
import { findFreePorts } from './free-ports.ts';
import { startJanitor } from './janitor.ts';
import { KAFKA_VERSION } from './kafka-jars.ts';
import type { BrokerSet, TestBroker } from './test-broker.ts';
import { waitForBrokers } from './wait-for-brokers.ts';

const run = promisify(execFile);

const IMAGE = `apache/kafka:${KAFKA_VERSION}`;
const PROBE_TIMEOUT_MS = 5_000;
const PULL_TIMEOUT_MS = 300_000;
const START_TIMEOUT_MS = 90_000;
const PEER_PORT = 9094;
const CONTROLLER_PORT = 9093;

const CLEAN_UP = 'network=$1; shift; docker rm -f -v "$@"; docker network rm "$network"';

/** Why brokers cannot be run in containers here, or undefined if they can. */
export async function whyNoDocker(): Promise<string | undefined> {
  try {
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: PROBE_TIMEOUT_MS });
    return undefined;
  } catch {
    return 'no Docker engine answers';
  }
}

/** Starts `count` brokers (1 or 3) and waits until they answer. */
export async function startDockerBrokers(count: number): Promise<BrokerSet> {
  const cluster = `thunder-kafka-${randomBytes(4).toString('hex')}`;
  const clusterId = randomBytes(16).toString('base64url');
  const ports = await findFreePorts(count);
  const names = ports.map((_, index) => `${cluster}-${index + 1}`);
  const janitor = startJanitor(CLEAN_UP, [cluster, ...names]);
  const bootstrap = ports.map((port) => `127.0.0.1:${port}`).join(',');
  try {
    await docker('network', 'create', cluster);
    for (const [index, port] of ports.entries()) {
      const settings = containerSettings({ index, port, names, clusterId });
      await docker(...containerArguments({ name: names[index] ?? '', cluster, port, settings }));
    }
    await waitForBrokers(bootstrap, count, AbortSignal.timeout(START_TIMEOUT_MS));
  } catch (error) {
    await janitor.clean();
    throw error;
  }
  return {
    how: `Kafka ${KAFKA_VERSION} in Docker (no Java >= 17 with Maven here)`,
    brokers: ports.map((port, index) => dockerBroker(index + 1, port, names[index] ?? '')),
    stop: () => janitor.clean(),
  };
}

/** The environment of one container; the image turns KAFKA_A_B into a.b. */
export function containerSettings(options: {
  readonly index: number;
  readonly port: number;
  readonly names: readonly string[];
  readonly clusterId: string;
}): string[] {
  const { index, port, names } = options;
  const voters = names.map((name, other) => `${other + 1}@${name}:${CONTROLLER_PORT}`).join(',');
  const settings = [
    `node.id=${index + 1}`,
    'process.roles=broker,controller',
    `controller.quorum.voters=${voters}`,
    `listeners=CLIENT://:${port},PEER://:${PEER_PORT},CONTROLLER://:${CONTROLLER_PORT}`,
    `advertised.listeners=CLIENT://127.0.0.1:${port},PEER://${names[index]}:${PEER_PORT}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PEER:PLAINTEXT,CLIENT:PLAINTEXT',
    'inter.broker.listener.name=PEER',
    ...clusterSettings(names.length),
  ];
  const variables = settings.map((setting) => {
    const [name = '', ...value] = setting.split('=');
    return `KAFKA_${name.toUpperCase().replaceAll('.', '_')}=${value.join('=')}`;
  });
  return [...variables, `CLUSTER_ID=${options.clusterId}`, 'KAFKA_HEAP_OPTS=-Xmx384m'];
}

function containerArguments(options: {
  readonly name: string;
  readonly cluster: string;
  readonly port: number;
  readonly settings: readonly string[];
}): string[] {
  const { name, cluster, port, settings } = options;
  const network = ['--network', cluster, '--publish', `127.0.0.1:${port}:${port}`];
  const environment = settings.flatMap((setting) => ['--env', setting]);
  return ['run', '--detach', '--name', name, ...network, ...environment, IMAGE];
}

function dockerBroker(id: number, port: number, name: string): TestBroker {
  return {
    id,
    port,
    pause: () => docker('pause', name),
    resume: () => docker('unpause', name),
    kill: () => docker('kill', name),
    async restart() {
      // `kill` fails when it does not run, which is as good.
      await docker('kill', name).catch(() => undefined);
      await docker('start', name);
      await waitForBrokers(`127.0.0.1:${port}`, 1, AbortSignal.timeout(START_TIMEOUT_MS));
    },
  };
}

async function docker(...values: string[]): Promise<void> {
  await run('docker', values, { timeout: PULL_TIMEOUT_MS });
}
