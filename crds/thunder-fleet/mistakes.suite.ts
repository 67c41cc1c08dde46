/**
 * Specs with one mistake each, for the checks in the process and for those of the API server.
 */
import type { JsonObject } from '../schema/json.ts';

export const kafka = { brokers: ['kafka:9092'] };
/** Field that is to blame: specs with the mistake. */
export const mistakes: Readonly<Record<string, readonly JsonObject[]>> = {
  'spec.kafka': [{}],
  'spec.kafka.brokers': [{ kafka: {} }, { kafka: { brokers: [] } }],
  'spec.kafka.brokers[0]': [{ kafka: { brokers: ['kafka'] } }],
  'spec.kafka.brokers[1]': [{ kafka: { brokers: ['a:1', 'a:1'] } }],
  'spec.kafka.sasl.username': [
    { kafka: { ...kafka, sasl: { password: { name: 's' } } } },
    {
      kafka: {
        ...kafka,
        sasl: { mechanism: 'OAUTHBEARER', username: 'u', password: { name: 's' } },
      },
    },
  ],
  'spec.kafka.sasl.password': [{ kafka: { ...kafka, sasl: { username: 'u' } } }],
  'spec.kafka.sasl.mechanism': [
    { kafka: { ...kafka, sasl: { mechanism: 'GSSAPI', username: 'u', password: { name: 's' } } } },
  ],
  'spec.kafka.tls.clientCertificate.name': [
    { kafka: { ...kafka, tls: { clientCertificate: {} } } },
    { kafka: { ...kafka, tls: { clientCertificate: { name: 'A' } } } },
  ],
  'spec.kafka.inNetworkTopic.replication': [
    { kafka: { ...kafka, inNetworkTopic: { replication: 3 } } },
  ],
  'spec.serving.replicas': [
    { kafka, serving: { replicas: -1 } },
    { kafka, serving: { replicas: 1.5 } },
    { kafka, serving: { replicas: '2' } },
  ],
  'spec.serving.retention': [
    { kafka, serving: { retention: '2d' } },
    { kafka, serving: { retention: '59s' } },
    { kafka, serving: { retention: '121h' } },
  ],
  'spec.serving.resources.limits.memory': [
    { kafka, serving: { resources: { limits: { memory: '1Mi' } } } },
    { kafka, serving: { resources: { limits: { memory: '2 GB' } } } },
  ],
  'spec.serving.resources.requests.memory': [
    { kafka, serving: { resources: { requests: { memory: '3Gi' } } } },
  ],
  'spec.serving.decodeFailureMax': [
    { kafka, serving: { decodeFailureMax: -1 } },
    { kafka, serving: { decodeFailureMax: 101 } },
    { kafka, serving: { decodeFailureMax: '10%' } },
  ],
  'spec.serving.maxStaleness': [{ kafka, serving: { maxStaleness: '2s' } }],
  'spec.serving.podTemplate.labels': [
    { kafka, serving: { podTemplate: { labels: { team: 'no spaces' } } } },
  ],
  'spec.serving.podTemplate.env[0]': [
    { kafka, serving: { podTemplate: { env: [{ name: 'A' }] } } },
    {
      kafka,
      serving: {
        podTemplate: { env: [{ name: 'A', value: '', secret: { name: 's', key: 'k' } }] },
      },
    },
  ],
  'spec.serving.podTemplate.env[1].name': [
    {
      kafka,
      serving: {
        podTemplate: {
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
        },
      },
    },
  ],
  'spec.transformers': [
    { kafka, transformers: [{ input: { topic: 'in_network_events' } }] },
    {
      kafka,
      transformers: [{ input: { topic: 'in_network_events', brokers: ['b:1', 'kafka:9092'] } }],
    },
    { kafka, transformers: [{ deadLetterTopic: 'in_network_events' }] },
    { kafka, transformers: [{ deadLetterTopic: 'tweet_events' }] },
  ],
  'spec.transformers[1].name': [
    { kafka, transformers: [{}, { name: 'transformer', input: { topic: 'other' } }] },
  ],
  'spec.transformers[0].input.tls': [{ kafka, transformers: [{ input: { tls: {} } }] }],
  'spec.transformers[0].input.sasl': [
    { kafka, transformers: [{ input: { sasl: { username: 'u', password: { name: 's' } } } }] },
  ],
  'spec.rollout.maxSurge': [{ kafka, rollout: { maxSurge: 0 } }],
  'spec.security.clientCa': [{ kafka, security: { clientCa: { name: 'ca' } } }],
  'spec.followGraph.url': [
    { kafka, followGraph: {} },
    { kafka, followGraph: { url: 'ftp://graph' } },
    { kafka, followGraph: { url: 'https://user:word@graph' } },
    { kafka, followGraph: { url: 'http://graph', ca: { name: 'ca' } } },
  ],
  'spec.image': [{ kafka, image: 'a b' }],
  'spec.paused': [{ kafka, paused: 'yes' }],
};

/** What looks like a mistake and is none. */
export const noMistakes: readonly JsonObject[] = [
  { kafka, transformers: [{ input: { topic: 'in_network_events', brokers: ['b:1'] } }] },
  {
    kafka,
    transformers: [{ deadLetterTopic: 'tweet_events', input: { brokers: ['b:1'] } }],
  },
  { kafka, rollout: { maxSurge: 0, maxUnavailable: 1 } },
  { kafka, serving: { replicas: 0, resources: { requests: { cpu: 1 } } } },
  { kafka, serving: { podTemplate: { env: [{ name: 'A', value: '' }] } } },
  { kafka: { ...kafka, sasl: { mechanism: 'OAUTHBEARER', password: { name: 's' } } } },
];
