/**
 * Broker settings that secure the nodes' listener: TLS from PEM files, SASL users, ACLs. Brokers and
 * tests talk over the plain listener, as a super user.
 */
import { readFileSync, writeFileSync } from 'node:fs';

export interface ClusterSecurity {
  readonly protocol: 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** For the protocols that end in SSL. */
  readonly tls?: {
    readonly certFile: string;
    readonly keyFile: string;
    /** Demands client certificates of this authority. */
    readonly clientCaFile?: string;
  };
  /** Name to password, for PLAIN. Users for SCRAM are made with the Java tool. */
  readonly users?: Readonly<Record<string, string>>;
  /** Default false. Nobody may do anything on the nodes' listener but what an ACL allows. */
  readonly acls?: boolean;
}

const listener = 'listener.name.nodes';
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
const login = 'org.apache.kafka.common.security';

export function securitySettings(security: ClusterSecurity): string[] {
  const settings: string[] = [];
  if (security.protocol.startsWith('SASL')) settings.push(...saslSettings(security.users ?? {}));
  if (security.tls !== undefined) settings.push(...tlsSettings(security.tls));
  if (security.acls === true) {
    settings.push(
      'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users=User:ANONYMOUS',
    );
  }
  return settings;
}

function saslSettings(users: Readonly<Record<string, string>>): string[] {
  const names = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  return [
    `${listener}.sasl.enabled.mechanisms=${mechanisms.join(',')}`,
    `${listener}.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required ${names.join(' ')};`,
    ...['scram-sha-256', 'scram-sha-512'].map(
      (name) => `${listener}.${name}.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
    ),
  ];
}

function tlsSettings(tls: NonNullable<ClusterSecurity['tls']>): string[] {
  // Kafka wants both in one file.
  const keyStoreFile = `${tls.certFile}.keystore`;
  writeFileSync(
    keyStoreFile,
    readFileSync(tls.keyFile, 'utf8') + readFileSync(tls.certFile, 'utf8'),
  );
  const settings = [
    `${listener}.ssl.keystore.type=PEM`,
    `${listener}.ssl.keystore.location=${keyStoreFile}`,
  ];
  if (tls.clientCaFile !== undefined) {
    settings.push(
      `${listener}.ssl.client.auth=required`,
      `${listener}.ssl.truststore.type=PEM`,
      `${listener}.ssl.truststore.location=${tls.clientCaFile}`,
    );
  }
  return settings;
}
