/**
 * Combinations of settings: those that cannot work are refused with one sentence each, those that
 * can are not, and a Kafka connection is made of the right side's values.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '#runtime/logger.ts';
import { loadSettings, SettingsError } from '#runtime/settings/load-settings.ts';
import type { SettingsRecord, SettingsTable } from '#runtime/settings/settings-table.ts';
import { kafkaConnectionOf } from './kafka-settings.ts';
import { servingSettings } from './serving-settings.ts';
import { producerSecurityOf, transformerSettings } from './transformer-settings.ts';

const serve = ['--in-network-events-consumer-dest', 'events:9092'];
const transform = [
  ...['--tweet-events-consumer-dest', 'tweets:9092'],
  ...['--in-network-events-producer-dest', 'events:9092'],
];

/** Flags as one line; every secret file holds the name of its path. */
function load<const S extends SettingsRecord>(
  table: SettingsTable<S>,
  required: readonly string[],
  flags: string,
) {
  return loadSettings(table, {
    argv: [...required, ...flags.split(' ').filter((flag) => flag !== '')],
    env: {},
    readFile: (path) => Buffer.from(`secret of ${path}\n`),
  }).values;
}

function problemsOf<const S extends SettingsRecord>(
  table: SettingsTable<S>,
  required: readonly string[],
  flags: string,
): readonly string[] {
  try {
    load(table, required, flags);
    return [];
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.problems;
  }
}

/** Of one side of Kafka; PRE stands for the beginning of its flags. */
const badKafka: Readonly<Record<string, readonly string[]>> = {
  '--PREsecurity-protocol SASL_SSL --PREsasl-password-file p': [
    '--PREsecurity-protocol SASL_SSL needs --PREsasl-username',
  ],
  '--PREsecurity-protocol SASL_PLAINTEXT --PREsasl-mechanism SCRAM-SHA-512 --PREsasl-username u': [
    '--PREsecurity-protocol SASL_PLAINTEXT needs --PREsasl-password-file',
  ],
  '--PREsecurity-protocol SASL_SSL': [
    '--PREsecurity-protocol SASL_SSL needs --PREsasl-username',
    '--PREsecurity-protocol SASL_SSL needs --PREsasl-password-file',
  ],
  '--PREsecurity-protocol SASL_SSL --PREsasl-mechanism OAUTHBEARER': [
    '--PREsasl-mechanism OAUTHBEARER needs --PREsasl-token-file',
  ],
  '--PREsecurity-protocol SASL_SSL --PREsasl-mechanism OAUTHBEARER --PREsasl-token-file t --PREsasl-password-file p':
    ['--PREsasl-token-file and a SASL password are both given: keep one'],
  '--PREsecurity-protocol SASL_SSL --PREsasl-username u --PREsasl-password-file p --PREsasl-token-file t':
    ['--PREsasl-token-file is for --PREsasl-mechanism OAUTHBEARER only'],
  '--PREsecurity-protocol SSL --PREsasl-token-file t': [
    '--PREsecurity-protocol SSL takes no SASL user, password or token: choose SASL_SSL or SASL_PLAINTEXT, or leave them out',
  ],
  '--PREsasl-username u': [
    '--PREsecurity-protocol PLAINTEXT takes no SASL user, password or token: choose SASL_SSL or SASL_PLAINTEXT, or leave them out',
  ],
  '--PREsecurity-protocol SSL --PREsasl-password-file p': [
    '--PREsecurity-protocol SSL takes no SASL user, password or token: choose SASL_SSL or SASL_PLAINTEXT, or leave them out',
  ],
  '--PREssl-ca-file ca': [
    '--PREsecurity-protocol PLAINTEXT takes no --PREssl-… files: choose SSL or SASL_SSL, or leave them out',
  ],
  '--PREsecurity-protocol SSL --PREssl-cert-file c': [
    '--PREssl-cert-file and --PREssl-key-file go together',
  ],
  '--PREsecurity-protocol SSL --PREssl-key-file k': [
    '--PREssl-cert-file and --PREssl-key-file go together',
  ],
  '--PREsecurity-protocol SASL_PLAINTEXT --PREsasl-username u --PREssl-key-file k': [
    '--PREsecurity-protocol SASL_PLAINTEXT needs --PREsasl-password-file',
    '--PREsecurity-protocol SASL_PLAINTEXT takes no --PREssl-… files: choose SSL or SASL_SSL, or leave them out',
    '--PREssl-cert-file and --PREssl-key-file go together',
  ],
};

const goodKafka = [
  '',
  '--PREsecurity-protocol PLAINTEXT',
  '--PREsecurity-protocol SSL',
  '--PREsecurity-protocol SSL --PREssl-ca-file ca',
  '--PREsecurity-protocol SSL --PREssl-ca-file ca --PREssl-cert-file c --PREssl-key-file k',
  '--PREsecurity-protocol SASL_PLAINTEXT --PREsasl-username u --PREsasl-password-file p',
  '--PREsecurity-protocol SASL_SSL --PREsasl-username u --PREsasl-password-file p --PREsasl-mechanism SCRAM-SHA-256 --PREssl-ca-file ca',
  '--PREsecurity-protocol SASL_SSL --PREsasl-password-file p --PREsasl-mechanism OAUTHBEARER',
  '--PREsecurity-protocol SASL_SSL --PREsasl-token-file t --PREsasl-mechanism OAUTHBEARER',
  '--PREsecurity-protocol SASL_SSL --PREsasl-username u --PREsasl-password-file p --PREssl-cert-file c --PREssl-key-file k',
];

const prefixed = (text: string, prefix: string): string => text.replaceAll('PRE', prefix);

const badServing: Readonly<Record<string, readonly string[]>> = {
  '--grpc-tls-cert-file c': ['--grpc-tls-cert-file and --grpc-tls-key-file go together'],
  '--grpc-tls-key-file k': ['--grpc-tls-cert-file and --grpc-tls-key-file go together'],
  '--grpc-tls-client-ca-file ca': [
    '--grpc-tls-client-ca-file needs --grpc-tls-cert-file and --grpc-tls-key-file',
  ],
  '--max-staleness-seconds 14 --lag-monitor-interval-secs 5': [
    '--max-staleness-seconds 14 is too short: staleness grows to --lag-monitor-interval-secs 5 between two looks at the log, so it must be at least 15',
  ],
  '--fill-following': ['--fill-following needs --following-url'],
  '--following-url http://graph --following-cert-file c': [
    '--following-cert-file and --following-key-file go together',
  ],
  '--following-url http://graph --following-key-file k': [
    '--following-cert-file and --following-key-file go together',
  ],
  '--fill-following --grpc-tls-key-file k --sasl-username u': [
    '--security-protocol PLAINTEXT takes no SASL user, password or token: choose SASL_SSL or SASL_PLAINTEXT, or leave them out',
    '--grpc-tls-cert-file and --grpc-tls-key-file go together',
    '--fill-following needs --following-url',
  ],
};

const goodServing = [
  '--max-staleness-seconds 15 --lag-monitor-interval-secs 5',
  '--grpc-tls-cert-file c --grpc-tls-key-file k',
  '--grpc-tls-cert-file c --grpc-tls-key-file k --grpc-tls-client-ca-file ca',
  '--following-url https://graph/base --fill-following',
  '--following-url https://graph --following-token-file t --following-ca-file ca --following-cert-file c --following-key-file k',
  '--skip-to-latest --auto-offset-reset latest --strict-limits --blocked-authors b',
];

const sameCluster = '--in-network-events-producer-dest other:9092,tweets:9092';
const badTransform: Readonly<Record<string, readonly string[]>> = {
  [`${sameCluster} --tweet-events-topic a --in-network-events-topic a`]: [
    '--tweet-events-topic and --in-network-events-topic are the same topic of one cluster: the transformer would read what it writes',
  ],
  [`${sameCluster} --tweet-events-topic a --dead-letter-topic a`]: [
    '--dead-letter-topic is the topic that is read: choose another',
  ],
  '--in-network-events-topic a --dead-letter-topic a': [
    '--dead-letter-topic is the topic of good events: choose another',
  ],
  [`${sameCluster} --tweet-events-topic a --in-network-events-topic a --dead-letter-topic a`]: [
    '--tweet-events-topic and --in-network-events-topic are the same topic of one cluster: the transformer would read what it writes',
    '--dead-letter-topic is the topic that is read: choose another',
    '--dead-letter-topic is the topic of good events: choose another',
  ],
};
const goodTransform = [
  '--tweet-events-topic a --in-network-events-topic a --input-format in-network-event',
  '--tweet-events-topic a --dead-letter-topic a',
  `${sameCluster} --tweet-events-topic a --in-network-events-topic b --dead-letter-topic c`,
];

describe('combinations of settings', () => {
  for (const prefix of ['', 'producer-']) {
    const side = prefix === '' ? 'the consumer' : 'the producer';
    it(`refuses Kafka security of ${side} that cannot work, one sentence each`, () => {
      for (const [flags, sentences] of Object.entries(badKafka)) {
        const expected = sentences.map((sentence) => prefixed(sentence, prefix));
        const given = prefixed(flags, prefix);
        assert.deepEqual(problemsOf(transformerSettings, transform, given), expected, given);
        if (prefix === '') {
          assert.deepEqual(problemsOf(servingSettings, serve, given), expected, given);
        }
      }
    });

    it(`takes Kafka security of ${side} that can work`, () => {
      for (const flags of goodKafka) {
        const given = prefixed(flags, prefix);
        assert.deepEqual(problemsOf(transformerSettings, transform, given), [], given);
        if (prefix === '') assert.deepEqual(problemsOf(servingSettings, serve, given), [], given);
      }
    });
  }

  it('names the side of Kafka that is wrong when both are', () => {
    const given = '--sasl-username u --producer-ssl-ca-file ca';
    assert.deepEqual(problemsOf(transformerSettings, transform, given), [
      '--security-protocol PLAINTEXT takes no SASL user, password or token: choose SASL_SSL or SASL_PLAINTEXT, or leave them out',
      '--producer-security-protocol PLAINTEXT takes no --producer-ssl-… files: choose SSL or SASL_SSL, or leave them out',
    ]);
  });

  it('refuses what a serving node cannot do, all of it at once', () => {
    for (const [flags, sentences] of Object.entries(badServing)) {
      assert.deepEqual(problemsOf(servingSettings, serve, flags), sentences, flags);
    }
    for (const flags of goodServing) {
      assert.deepEqual(problemsOf(servingSettings, serve, flags), [], flags);
    }
  });

  it('refuses a URL of the follow graph that is none, or carries a password', () => {
    for (const url of ['graph:80', 'ftp://graph', 'http://user:password@graph', 'http://a b']) {
      const [problem] = (() => {
        try {
          loadSettings(servingSettings, {
            argv: [...serve, '--following-url', url],
            env: {},
            readFile: () => new Uint8Array(),
          });
          return [];
        } catch (error) {
          assert.ok(error instanceof SettingsError);
          return error.problems;
        }
      })();
      assert.match(
        problem ?? '',
        /must be an http:\/\/ or https:\/\/ URL without a user or password/,
      );
    }
  });

  it('refuses a transformer that would read or spoil its own output', () => {
    const without = transform.slice(0, 2);
    for (const [flags, sentences] of Object.entries(badTransform)) {
      const required = flags.includes('producer-dest') ? without : transform;
      assert.deepEqual(problemsOf(transformerSettings, required, flags), sentences, flags);
    }
    for (const flags of goodTransform) {
      const required = flags.includes('producer-dest') ? without : transform;
      assert.deepEqual(problemsOf(transformerSettings, required, flags), [], flags);
    }
  });
});

describe('a Kafka connection', () => {
  const ours =
    '--security-protocol SASL_SSL --sasl-mechanism SCRAM-SHA-512 --sasl-username reader --sasl-password-file r --ssl-ca-file ca --ssl-cert-file c --ssl-key-file k';
  const read = {
    brokers: ['tweets:9092'],
    clientId: 'client',
    securityProtocol: 'SASL_SSL',
    saslMechanism: 'SCRAM-SHA-512',
    username: 'reader',
    password: 'secret of r',
    tokenFile: undefined,
    ssl: { caFile: 'ca', certFile: 'c', keyFile: 'k' },
  };
  const plain = {
    securityProtocol: 'PLAINTEXT',
    saslMechanism: 'PLAIN',
    username: undefined,
    password: undefined,
    tokenFile: undefined,
    ssl: { caFile: undefined, certFile: undefined, keyFile: undefined },
  };
  const logger = silentLogger;

  it('is made of the settings of its own side only', () => {
    const consumerOnly = load(transformerSettings, transform, ours);
    const reads = (values: typeof consumerOnly) =>
      kafkaConnectionOf(values.tweetEventsConsumerDest, 'client', values, logger);
    const writes = (values: typeof consumerOnly) =>
      kafkaConnectionOf(
        values.inNetworkEventsProducerDest,
        'client',
        producerSecurityOf(values),
        logger,
      );
    assert.deepEqual(reads(consumerOnly), { ...read, logger });
    const toWrite = { brokers: ['events:9092'], clientId: 'client', logger };
    assert.deepEqual(writes(consumerOnly), { ...toWrite, ...plain });

    const producer = ours
      .replaceAll('--', '--producer-')
      .replace('SCRAM-SHA-512', 'PLAIN')
      .replace('reader', 'writer')
      .replace('-file r', '-file w');
    const both = load(transformerSettings, transform, `${ours} ${producer}`);
    assert.deepEqual(reads(both), { ...read, logger });
    assert.deepEqual(writes(both), {
      ...read,
      ...toWrite,
      saslMechanism: 'PLAIN',
      username: 'writer',
      password: 'secret of w',
    });

    const producerOnly = load(transformerSettings, transform, producer);
    assert.deepEqual(reads(producerOnly), {
      ...{ brokers: ['tweets:9092'], clientId: 'client', logger },
      ...plain,
    });
  });

  it('of a serving node is made of the consumer settings', () => {
    const values = load(servingSettings, serve, ours);
    assert.deepEqual(
      kafkaConnectionOf(values.inNetworkEventsConsumerDest, 'client', values, logger),
      { ...read, brokers: ['events:9092'], logger },
    );
  });
});
