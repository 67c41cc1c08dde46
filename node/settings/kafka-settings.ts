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
      'SASL mechanism, with SASL_PLAINTEXT or SASL_SSL. OAUTHBEARER takes the token from the password, read once at the start.',
  }),
  saslUsername: string({ optional: true, description: 'SASL user name.' }),
  saslPassword: secret({ optional: true, description: 'SASL password, or the OAuth token.' }),
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
  if (usesSasl && security.saslPassword === undefined) {
    problems.push(
      `--${prefix}security-protocol ${security.securityProtocol} needs --${prefix}sasl-password-file`,
    );
  }
  if (!usesSasl && (security.saslUsername ?? security.saslPassword) !== undefined) {
    problems.push(
      `--${prefix}security-protocol ${security.securityProtocol} takes no SASL user or password: choose SASL_SSL or SASL_PLAINTEXT, or leave them out`,
    );
  }
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
    ssl: {
      caFile: security.sslCaFile,
      certFile: security.sslCertFile,
      keyFile: security.sslKeyFile,
    },
    logger,
  };
}
