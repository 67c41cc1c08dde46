/**
 * What kafkajs throws, as errors of ours: one clear sentence that names what to change, and whether
 * trying again can help.
 */
import { ConfigurationError, DependencyError, messageOf, ThunderError } from '../errors.ts';

export interface KafkaErrorContext {
  readonly brokers: readonly string[];
  readonly topic?: string;
  readonly groupId?: string;
  /** The flag that names the topic: `--tweet-events-topic`. */
  readonly topicFlag?: string | undefined;
  /** Put before the names of settings in sentences, for a program with two clusters: `source-`. */
  readonly settingsPrefix?: string;
}

/** What we look at, from the whole chain of causes. */
interface Facts {
  readonly names: ReadonlySet<string>;
  /** Kafka's own error types (`UNKNOWN_TOPIC_OR_PARTITION`) and Node's codes (`ECONNREFUSED`). */
  readonly types: ReadonlySet<string>;
  readonly message: string;
  readonly retriable: boolean;
}

/** How many causes are followed: kafkajs nests two or three. */
const causesMax = 8;

const tlsCodes =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO$|HOSTNAME_MISMATCH)/;

/** Turns anything thrown around kafkajs into a ThunderError; one that already is passes through. */
export function toKafkaError(error: unknown, context: KafkaErrorContext): ThunderError {
  const chain = causesOf(error);
  const ours = chain.find((one) => one instanceof ThunderError);
  if (ours instanceof ThunderError) return ours;
  const facts = factsOf(chain);
  return (
    securityError(facts, context, error) ??
    topicError(facts, context, error) ??
    contentError(facts, error) ??
    connectionError(facts, context, error) ??
    new DependencyError(`Kafka at ${context.brokers.join(',')} failed: ${facts.message}`, {
      code: 'KAFKA',
      retry: facts.retriable ? 'backoff' : 'never',
      cause: error,
    })
  );
}

function securityError(
  facts: Facts,
  context: KafkaErrorContext,
  cause: unknown,
): ThunderError | undefined {
  const at = context.brokers.join(',');
  const flag = `--${context.settingsPrefix ?? ''}`;
  if (
    facts.types.has('UNSUPPORTED_SASL_MECHANISM') ||
    /mechanism is not supported by the server/.test(facts.message)
  ) {
    return new ConfigurationError(
      `Kafka at ${at} does not offer this SASL mechanism: correct ${flag}sasl-mechanism (${facts.message})`,
      cause,
    );
  }
  if (
    facts.names.has('KafkaJSSASLAuthenticationError') ||
    facts.types.has('SASL_AUTHENTICATION_FAILED')
  ) {
    return new ConfigurationError(
      `Kafka at ${at} refused our credentials: correct ${flag}sasl-username, its password or ${flag}sasl-mechanism`,
      cause,
    );
  }
  if (facts.types.has('ILLEGAL_SASL_STATE')) {
    return new ConfigurationError(
      `Kafka at ${at} wants no SASL on this port, or wants it first: correct ${flag}security-protocol`,
      cause,
    );
  }
  const denied = [...facts.types].find((type) => type.endsWith('_AUTHORIZATION_FAILED'));
  if (denied !== undefined) {
    return new ConfigurationError(
      `Kafka at ${at} does not allow us ${deniedOn(denied, context)}: grant it, or use another ${flag}sasl-username`,
      cause,
    );
  }
  const tls = [...facts.types].find((type) => tlsCodes.test(type));
  if (tls !== undefined) {
    return new ConfigurationError(
      `TLS to Kafka at ${at} failed (${tls}): correct ${flag}security-protocol or the CA, certificate, key or server name (${flag}ssl-ca-file, ${flag}ssl-cert-file, ${flag}ssl-key-file): ${facts.message}`,
      cause,
    );
  }
  return undefined;
}

function deniedOn(type: string, context: KafkaErrorContext): string {
  if (type.startsWith('TOPIC')) return `the topic ${context.topic ?? '(unnamed)'}`;
  if (type.startsWith('GROUP')) return `the consumer group ${context.groupId ?? '(unnamed)'}`;
  return `this operation (${type})`;
}

function topicError(
  facts: Facts,
  context: KafkaErrorContext,
  cause: unknown,
): ThunderError | undefined {
  const at = context.brokers.join(',');
  if (facts.types.has('INVALID_TOPIC_EXCEPTION')) {
    return new ConfigurationError(`"${context.topic}" is not a valid topic name`, cause);
  }
  if (facts.types.has('UNKNOWN_TOPIC_OR_PARTITION')) {
    return new ConfigurationError(
      `topic ${context.topic ?? '(unnamed)'} does not exist in Kafka at ${at}: create it, or correct ${context.topicFlag ?? "the topic's name"}`,
      cause,
    );
  }
  return undefined;
}

function contentError(facts: Facts, cause: unknown): ThunderError | undefined {
  const codec = /(\w+) compression not implemented/i.exec(facts.message)?.[1];
  if (codec !== undefined) {
    return new DependencyError(
      `a record batch is compressed with ${codec.toLowerCase()}, which is not supported: let the producer use none, gzip, snappy, lz4 or zstd`,
      { code: 'KAFKA_CODEC_UNSUPPORTED', retry: 'never', cause },
    );
  }
  if (facts.types.has('MESSAGE_TOO_LARGE') || facts.types.has('RECORD_LIST_TOO_LARGE')) {
    return new DependencyError(
      'a record batch is larger than the topic allows: raise max.message.bytes of the topic',
      { code: 'KAFKA_RECORD_TOO_LARGE', retry: 'never', cause },
    );
  }
  return undefined;
}

function connectionError(
  facts: Facts,
  context: KafkaErrorContext,
  cause: unknown,
): ThunderError | undefined {
  const lost = ['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSBrokerNotFound'];
  const late = ['KafkaJSRequestTimeoutError', 'KafkaJSNoBrokerAvailableError', 'KafkaJSTimeout'];
  if (![...lost, ...late].some((name) => facts.names.has(name))) return undefined;
  return new DependencyError(
    `cannot reach Kafka at ${context.brokers.join(',')}: ${facts.message}${protocolHint(facts, context)}`,
    {
      code: 'KAFKA_UNREACHABLE',
      retry: 'backoff',
      cause,
    },
  );
}

/** What a broker that is there does to whoever speaks another protocol, and one that goes away to all. */
function protocolHint(facts: Facts, context: KafkaErrorContext): string {
  const isHungUp =
    facts.names.has('KafkaJSConnectionClosedError') ||
    facts.types.has('ECONNRESET') ||
    /ApiVersions.* timed out|before secure TLS connection/i.test(facts.message);
  if (!isHungUp) return '';
  return `; if the broker is up, correct --${context.settingsPrefix ?? ''}security-protocol: one side may speak TLS and the other plain text`;
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let one = error; one !== undefined && one !== null && chain.length < causesMax; ) {
    chain.push(one);
    if (hasErrors(one)) one = one.errors[0];
    else one = one instanceof Error ? one.cause : undefined;
  }
  return chain;
}

function hasErrors(error: unknown): error is { readonly errors: readonly unknown[] } {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function factsOf(chain: readonly unknown[]): Facts {
  const names = new Set<string>();
  const types = new Set<string>();
  let message = 'unknown';
  let retriable = true;
  for (const one of chain) {
    message = messageOf(one);
    if (!(one instanceof Error)) continue;
    names.add(one.name);
    if ('type' in one && typeof one.type === 'string') types.add(one.type);
    if ('code' in one && typeof one.code === 'string') types.add(one.code);
    if ('retriable' in one) retriable = one.retriable === true;
  }
  return { names, types, message, retriable };
}
