/**
 * The one place a Kafka client is made: security, timeouts, retries, logs, codecs. What is imported
 * from kafkajs elsewhere are types of what comes out of here.
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import kafkajs, { type KafkaConfig, type Producer, type ProducerConfig } from 'kafkajs';
import { ConfigurationError, DependencyError, messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { readBoundedFile } from '../read-bounded-file.ts';
import { registerCodecs } from './codecs.ts';
import { installFetchDecoder } from './fetch-answer.ts';
import { kafkaLogCreator } from './kafka-log.ts';
import { choosingOnce } from './send-acknowledged.ts';

export const securityProtocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
export type SecurityProtocol = (typeof securityProtocols)[number];

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
export type SaslMechanism = (typeof saslMechanisms)[number];

export interface KafkaTlsOptions {
  /** Certificates to trust, PEM; the system's own when absent. */
  readonly caFile?: string | undefined;
  /** Our certificate and its key, PEM, for mutual TLS: both or neither. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** The same as text, for programs that get them in other ways than as files. */
  readonly pem?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
}

export interface KafkaConnectionOptions {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Default PLAINTEXT. */
  readonly securityProtocol?: SecurityProtocol | undefined;
  /** Needed with the SASL protocols, ignored without. */
  readonly saslMechanism?: SaslMechanism | undefined;
  readonly username?: string | undefined;
  /** The value itself, never a file name. For OAUTHBEARER: the token, as long as the client lives. */
  readonly password?: string | undefined;
  /** For OAUTHBEARER, in place of the password: read whenever a token is needed, so it may be renewed. */
  readonly tokenFile?: string | undefined;
  readonly ssl?: KafkaTlsOptions | undefined;
  readonly logger: Logger;
}

/** Largest file with a token. */
const tokenBytesMax = 65_536;
/** Longest wait for a TCP and TLS handshake, milliseconds. */
export const connectTimeoutMs = 5_000;
/** Longest wait for a SASL exchange, milliseconds. */
export const authenticationTimeoutMs = 10_000;
/** Longest wait for an answer, milliseconds. Longer than any wait we ask a broker for. */
export const requestTimeoutMs = 15_000;
/** Tries within one call; what lasts longer is retried by whoever called, who can say so. */
export const requestRetry = { retries: 3, initialRetryTime: 100, maxRetryTime: 2_000 } as const;

/** Makes a client; nothing is dialled yet. Throws a ConfigurationError for options that cannot work. */
export function createKafka(options: KafkaConnectionOptions): kafkajs.Kafka {
  registerCodecs();
  installFetchDecoder();
  const protocol = options.securityProtocol ?? 'PLAINTEXT';
  const config: KafkaConfig = {
    brokers: options.brokers.map(checkedBroker),
    clientId: options.clientId,
    connectionTimeout: connectTimeoutMs,
    authenticationTimeout: authenticationTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry: requestRetry,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: kafkaLogCreator(options.logger),
  };
  if (config.brokers.length === 0) throw new ConfigurationError('no Kafka broker is named');
  if (protocol === 'SSL' || protocol === 'SASL_SSL') config.ssl = tlsOptions(options.ssl ?? {});
  if (protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL') config.sasl = saslOptions(options);
  return new kafkajs.Kafka(config);
}

/**
 * A producer that spreads keys as Kafka's Java clients do (murmur2), so that a key has one partition
 * whoever writes it, and never creates topics by accident. Fit for `sendAcknowledged`.
 */
export function createKafkaProducer(
  kafka: kafkajs.Kafka,
  options: Omit<ProducerConfig, 'createPartitioner' | 'allowAutoTopicCreation'> = {},
): Producer {
  return kafka.producer({
    ...options,
    createPartitioner: choosingOnce(kafkajs.Partitioners.DefaultPartitioner),
    allowAutoTopicCreation: false,
  });
}

function checkedBroker(broker: string): string {
  const match = /^(?:\[[\da-f:]+\]|[^\s:/,[\]]+):(\d{1,5})$/i.exec(broker);
  const port = Number(match?.[1]);
  if (match === null || port < 1 || port > 65_535) {
    throw new ConfigurationError(`Kafka broker "${broker}" is not of the form host:port`);
  }
  return broker;
}

function tlsOptions(options: KafkaTlsOptions): ConnectionOptions {
  if ((options.certFile === undefined) !== (options.keyFile === undefined)) {
    throw new ConfigurationError('a TLS client certificate needs both its cert file and key file');
  }
  const { ca, cert, key } = options.pem ?? {};
  const tls: ConnectionOptions = {};
  if (ca !== undefined) tls.ca = ca;
  if (cert !== undefined && key !== undefined) Object.assign(tls, { cert, key });
  if (options.caFile !== undefined) tls.ca = readPem(options.caFile, 'CA');
  if (options.certFile !== undefined) tls.cert = readPem(options.certFile, 'certificate');
  if (options.keyFile !== undefined) tls.key = readPem(options.keyFile, 'key');
  return tls;
}

function readPem(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`cannot read the Kafka ${what} file: ${messageOf(error)}`, error);
  }
}

/** Whoever renews a token replaces the file; one that cannot be read now may be there again soon. */
function readToken(path: string): string {
  try {
    const bytes = readBoundedFile(path, tokenBytesMax);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch (error) {
    throw new DependencyError(`cannot read the Kafka token file ${path}: ${messageOf(error)}`, {
      code: 'KAFKA_TOKEN_UNREADABLE',
      retry: 'backoff',
      cause: error,
    });
  }
}

function saslOptions(options: KafkaConnectionOptions): NonNullable<KafkaConfig['sasl']> {
  const { saslMechanism, username, password, tokenFile } = options;
  switch (saslMechanism) {
    case undefined:
      throw new ConfigurationError(
        `${options.securityProtocol} needs sasl-mechanism, one of ${saslMechanisms.join(', ')}`,
      );
    case 'OAUTHBEARER': {
      const token = tokenFile === undefined ? () => password : () => readToken(tokenFile);
      if (token() === undefined) {
        throw new ConfigurationError(
          'OAUTHBEARER needs sasl-token-file, or sasl-password, the token',
        );
      }
      return {
        mechanism: 'oauthbearer',
        // Asked for every connection, and again before a session ends (KIP-368).
        oauthBearerProvider: async () => ({ value: token() ?? '' }),
      };
    }
    default: {
      if (username === undefined || password === undefined) {
        throw new ConfigurationError(`${saslMechanism} needs sasl-username and sasl-password`);
      }
      // One literal each: kafkajs's type pairs every mechanism with its own options.
      if (saslMechanism === 'PLAIN') return { mechanism: 'plain', username, password };
      if (saslMechanism === 'SCRAM-SHA-256') {
        return { mechanism: 'scram-sha-256', username, password };
      }
      return { mechanism: 'scram-sha-512', username, password };
    }
  }
}
