/**
 * How the operator reaches the Kafka of a fleet: as the pods do, with the same Secrets. Their values
 * are read when a connection is made, and kept nowhere else.
 */
import { createHash } from 'node:crypto';
import type { KafkaCluster } from '#operator/desired/kafka-access.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { KubeClient } from '#operator/kube/ports.ts';
import { secrets } from '#operator/kube/types.ts';
import { DependencyError } from '#runtime/errors.ts';
import type { KafkaConnectionOptions } from '#runtime/kafka/kafka-connection.ts';
import type { Logger } from '#runtime/logger.ts';

export interface ResolvedCluster {
  /** Equal for equal brokers and credentials: connections can be shared. */
  readonly id: string;
  readonly connection: KafkaConnectionOptions;
}

const clientId = 'thunder-operator';

/** The cluster of the in-network topic. */
export function clusterOf({ spec }: Pick<Fleet, 'spec'>): KafkaCluster {
  return spec.kafka;
}

/** The cluster that a transformer reads. */
export function inputClusterOf(
  { spec }: Pick<Fleet, 'spec'>,
  { input }: Fleet['spec']['transformers'][number],
): KafkaCluster {
  return input.brokers === undefined ? spec.kafka : { ...input, brokers: input.brokers };
}

/** Throws a DependencyError that names a Secret or key that is missing. */
export async function resolveCluster(
  cluster: KafkaCluster,
  options: {
    readonly namespace: string;
    readonly client: Pick<KubeClient, 'get'>;
    readonly logger: Logger;
    readonly signal: AbortSignal;
  },
): Promise<ResolvedCluster> {
  const { brokers, tls, sasl } = cluster;
  const read = (name: string, key: string): Promise<string> => readSecret(name, key, options);
  const certificate = tls?.clientCertificate;
  const pem = {
    ca: tls?.ca === undefined ? undefined : await read(tls.ca.name, tls.ca.key),
    cert:
      certificate === undefined
        ? undefined
        : await read(certificate.name, certificate.certificateKey),
    key:
      certificate === undefined ? undefined : await read(certificate.name, certificate.privateKey),
  };
  const password =
    sasl === undefined ? undefined : (await read(sasl.password.name, sasl.password.key)).trim();
  const transport = tls === undefined ? 'PLAINTEXT' : 'SSL';
  const connection = {
    brokers,
    clientId,
    securityProtocol: sasl === undefined ? transport : (`SASL_${transport}` as const),
    saslMechanism: sasl?.mechanism,
    username: sasl?.username,
    password,
    ssl: { pem },
    logger: options.logger,
  } as const;
  const { logger: _, ...identity } = connection;
  const id = createHash('sha256').update(JSON.stringify(identity)).digest('base64');
  return { id, connection };
}

async function readSecret(
  name: string,
  key: string,
  {
    namespace,
    client,
    signal,
  }: {
    readonly namespace: string;
    readonly client: Pick<KubeClient, 'get'>;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const secret = await client.get(secrets, { namespace, name }, { signal });
  const value = secret?.data?.[key];
  if (value === undefined) {
    throw new DependencyError(
      secret === undefined ? `Secret ${name} is missing` : `Secret ${name} has no key ${key}`,
      { code: 'SECRET_MISSING', retry: 'backoff' },
    );
  }
  return Buffer.from(value, 'base64').toString('utf8');
}
