/**
 * How to reach a Kafka cluster: the settings of the consumer side (named as in the reference) and
 * of the transformer's producer side, whose names begin with `producer_`.
 */
import {
  type KafkaConnectionOptions,
  type SaslMechanism,
  type SecurityProtocol,
  saslMechanisms,
  securityProtocols,
} from '#runtime/kafka/kafka-connection.ts';
import type { Logger } from '#runtime/logger.ts';
import { oneOf, path, secret, string } from '#runtime/settings/setting.ts';

export const consumerSecuritySettings = {
  securityProtocol: oneOf(securityProtocols, {
    default: 'PLAINTEXT',
    description: 'How to talk to the Kafka cluster that is read.',
  }),
  saslMechanism: oneOf(saslMechanisms, {
    default: 'PLAIN',
    description:
      'SASL mechanism, with SASL_PLAINTEXT or SASL_SSL. OAUTHBEARER takes its token from --sasl-token-file, or for good from the password.',
  }),
  saslUsername: string({ optional: true, description: 'SASL user name.' }),
  saslPassword: secret({ optional: true, description: 'SASL password, or the OAuth token.' }),
  saslTokenFile: path({
    optional: true,
    description:
      'File with the OAuth token, read again for every connection and whenever a session is renewed.',
  }),
  sslCaFile: path({
    optional: true,
    description: 'Certificates to trust, PEM; without it the system’s own.',
  }),
  sslCertFile: path({ optional: true, description: 'Client certificate for mutual TLS, PEM.' }),
  sslKeyFile: path({ optional: true, description: 'Key of the client certificate, PEM.' }),
};

export const consumerRackSettings = {
  kafkaRack: string({
    optional: true,
    description:
      'Where this process runs, as brokers name it in `broker.rack`: fetches then go to a replica there, if the brokers allow it.',
  }),
};

/** How a serving node reads, and from where on. */
export const consumerPositionSettings = {
  kafkaAssignment: oneOf(['explicit', 'group'], {
    default: 'explicit',
    description:
      'How partitions are read: named by this node, or through membership in its consumer group, for clusters that allow nothing else.',
  }),
  autoOffsetReset: oneOf(['window', 'earliest', 'latest'], {
    default: 'window',
    description:
      'Where to begin in each partition: at the first record that can still matter (younger than the retention and 25 hours), the first there is, or behind the last.',
  }),
};

export const producerSecuritySettings = {
  producerSecurityProtocol: oneOf(securityProtocols, {
    default: 'PLAINTEXT',
    description: 'How to talk to the Kafka cluster that is written.',
  }),
  producerSaslMechanism: oneOf(saslMechanisms, {
    default: 'PLAIN',
    description: 'SASL mechanism of the cluster that is written.',
  }),
  producerSaslUsername: string({
    optional: true,
    description: 'SASL user name at the cluster that is written.',
  }),
  producerSaslPassword: secret({
    optional: true,
    description: 'SASL password, or the OAuth token, at the cluster that is written.',
  }),
  producerSaslTokenFile: path({
    optional: true,
    description: 'File with the OAuth token at the cluster that is written, read again as needed.',
  }),
  producerSslCaFile: path({
    optional: true,
    description: 'Certificates to trust at the cluster that is written, PEM.',
  }),
  producerSslCertFile: path({
    optional: true,
    description: 'Client certificate for mutual TLS at the cluster that is written, PEM.',
  }),
  producerSslKeyFile: path({
    optional: true,
    description: 'Key of that client certificate, PEM.',
  }),
};

/** One side's security, whatever its prefix. */
export interface KafkaSecurityValues {
  readonly securityProtocol: SecurityProtocol;
  readonly saslMechanism: SaslMechanism;
  readonly saslUsername: string | undefined;
  readonly saslPassword: string | undefined;
  readonly saslTokenFile: string | undefined;
  readonly sslCaFile: string | undefined;
  readonly sslCertFile: string | undefined;
  readonly sslKeyFile: string | undefined;
}

/** What cannot work, one sentence each; `prefix` is `` or `producer-`. */
export function checkKafkaSecurity(prefix: string, security: KafkaSecurityValues): string[] {
  const problems: string[] = [];
  const usesSasl = security.securityProtocol.startsWith('SASL_');
  const usesTls = security.securityProtocol.endsWith('SSL');
  const needsUser = usesSasl && security.saslMechanism !== 'OAUTHBEARER';
  if (needsUser && security.saslUsername === undefined) {
    problems.push(
      `--${prefix}security-protocol ${security.securityProtocol} needs --${prefix}sasl-username`,
    );
  }
  problems.push(...checkSecret(prefix, security, usesSasl));
  const tlsFiles = [security.sslCaFile, security.sslCertFile, security.sslKeyFile];
  if (!usesTls && tlsFiles.some((file) => file !== undefined)) {
    problems.push(
      `--${prefix}security-protocol ${security.securityProtocol} takes no --${prefix}ssl-… files: choose SSL or SASL_SSL, or leave them out`,
    );
  }
  if ((security.sslCertFile === undefined) !== (security.sslKeyFile === undefined)) {
    problems.push(`--${prefix}ssl-cert-file and --${prefix}ssl-key-file go together`);
  }
  return problems;
}

function checkSecret(prefix: string, security: KafkaSecurityValues, usesSasl: boolean): string[] {
  const { securityProtocol, saslMechanism, saslUsername, saslPassword, saslTokenFile } = security;
  if (!usesSasl) {
    const given = saslUsername ?? saslPassword ?? saslTokenFile;
    if (given === undefined) return [];
    return [
      `--${prefix}security-protocol ${securityProtocol} takes no SASL user, password or token: choose SASL_SSL or SASL_PLAINTEXT, or leave them out`,
    ];
  }
  if (saslMechanism !== 'OAUTHBEARER') {
    const problems: string[] = [];
    if (saslPassword === undefined) {
      problems.push(
        `--${prefix}security-protocol ${securityProtocol} needs --${prefix}sasl-password-file`,
      );
    }
    if (saslTokenFile !== undefined) {
      problems.push(`--${prefix}sasl-token-file is for --${prefix}sasl-mechanism OAUTHBEARER only`);
    }
    return problems;
  }
  if (saslPassword === undefined && saslTokenFile === undefined) {
    return [`--${prefix}sasl-mechanism OAUTHBEARER needs --${prefix}sasl-token-file`];
  }
  if (saslPassword !== undefined && saslTokenFile !== undefined) {
    return [`--${prefix}sasl-token-file and a SASL password are both given: keep one`];
  }
  return [];
}

/** What a Kafka connection needs, out of one side's settings. */
export function kafkaConnectionOf(
  brokers: readonly string[],
  clientId: string,
  security: KafkaSecurityValues,
  logger: Logger,
): KafkaConnectionOptions {
  return {
    brokers,
    clientId,
    securityProtocol: security.securityProtocol,
    saslMechanism: security.saslMechanism,
    username: security.saslUsername,
    password: security.saslPassword,
    tokenFile: security.saslTokenFile,
    ssl: {
      caFile: security.sslCaFile,
      certFile: security.sslCertFile,
      keyFile: security.sslKeyFile,
    },
    logger,
  };
}
