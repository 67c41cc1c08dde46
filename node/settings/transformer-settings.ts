/**
 * The settings of `thunder transform`.
 */
import { hostPorts, inGroup, integer, oneOf, string } from '#runtime/settings/setting.ts';
import {
  defineSettings,
  type SettingsOf,
  type ValuesOf,
} from '#runtime/settings/settings-table.ts';
import {
  checkKafkaSecurity,
  consumerRackSettings,
  consumerSecuritySettings,
  type KafkaSecurityValues,
  producerSecuritySettings,
} from './kafka-settings.ts';
import { processSettings } from './process-settings.ts';

export const transformerSettings = defineSettings(
  {
    ...inGroup('Process', processSettings),
    ...inGroup('Input', {
      tweetEventsConsumerDest: hostPorts({
        description: 'Brokers of the cluster that holds the tweet events.',
      }),
      tweetEventsTopic: string({ default: 'tweet_events', description: 'Topic that is read.' }),
      inputFormat: oneOf(['tweet-event', 'event', 'in-network-event'], {
        default: 'tweet-event',
        description: 'What the topic holds; in-network events are passed through and keyed anew.',
      }),
      kafkaGroupId: string({
        default: 'thunder',
        description:
          'Beginning of the consumer group that all transformers of a fleet share: PREFIX-FLEET-TRANSFORMER.',
      }),
      transformer: string({
        pattern: /^[a-z0-9]([-a-z0-9]{0,28}[a-z0-9])?$/,
        allowed: 'lower-case letters, digits and dashes, at most 30',
        default: 'transformer',
        description:
          'End of that group: tells transformers of one fleet that read different topics from each other.',
      }),
      ...consumerRackSettings,
      ...consumerSecuritySettings,
    }),
    ...inGroup('Output', {
      inNetworkEventsProducerDest: hostPorts({
        description: 'Brokers of the cluster that gets the in-network events.',
      }),
      inNetworkEventsTopic: string({
        default: 'in_network_events',
        description: 'Topic that is written.',
      }),
      deadLetterTopic: string({
        optional: true,
        description: 'Topic in the output cluster for records that could not be read.',
      }),
      ...producerSecuritySettings,
      lingerMs: integer({
        min: 0,
        max: 10_000,
        unit: 'milliseconds',
        default: 50,
        description: 'How long a partial batch waits for more.',
      }),
    }),
    ...inGroup('Rules', {
      postRetentionSeconds: integer({
        min: 60,
        max: 31_536_000,
        unit: 'seconds',
        default: 172_800,
        description: 'Deletes of posts older than this are dropped.',
      }),
    }),
  },
  (values) => {
    const problems = [
      ...checkKafkaSecurity('', values),
      ...checkKafkaSecurity('producer-', producerSecurityOf(values)),
    ];
    const sharesCluster = values.tweetEventsConsumerDest.some((broker) =>
      values.inNetworkEventsProducerDest.includes(broker),
    );
    if (sharesCluster && values.tweetEventsTopic === values.inNetworkEventsTopic) {
      problems.push(
        '--tweet-events-topic and --in-network-events-topic are the same topic of one cluster: the transformer would read what it writes',
      );
    }
    if (sharesCluster && values.tweetEventsTopic === values.deadLetterTopic) {
      problems.push('--dead-letter-topic is the topic that is read: choose another');
    }
    if (values.deadLetterTopic === values.inNetworkEventsTopic) {
      problems.push('--dead-letter-topic is the topic of good events: choose another');
    }
    return problems;
  },
);

export type TransformerSettings = SettingsOf<typeof transformerSettings>;

/** The producer side's security under the names of the consumer side's. */
export function producerSecurityOf(
  values: ValuesOf<typeof producerSecuritySettings>,
): KafkaSecurityValues {
  return {
    securityProtocol: values.producerSecurityProtocol,
    saslMechanism: values.producerSaslMechanism,
    saslUsername: values.producerSaslUsername,
    saslPassword: values.producerSaslPassword,
    saslTokenFile: values.producerSaslTokenFile,
    sslCaFile: values.producerSslCaFile,
    sslCertFile: values.producerSslCertFile,
    sslKeyFile: values.producerSslKeyFile,
  };
}
