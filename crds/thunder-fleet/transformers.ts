/**
 * `spec.transformers`: the pods that turn tweet events into in-network events.
 */
import { has, implies, rule } from '../schema/rules.ts';
import { as, choice, integer, list, object, text } from '../schema/schema.ts';
import { podTemplate, resources } from './pods.ts';
import { brokers, kafkaSasl, kafkaTls, topicName } from './references.ts';

const transformer = object('Transformer', {
  description: 'Reads one topic of tweet events and writes the in-network topic.',
  fields: {
    name: text({
      description:
        'Its name within the fleet, and the end of its consumer group: a new name reads the topic from its beginning.',
      lengthMax: 30,
      pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
      default: 'transformer',
    }),
    replicas: integer({
      description: 'Pods; more than the topic has partitions stand idle.',
      unit: 'pods',
      min: 0,
      max: 100,
      default: 1,
    }),
    input: object('TransformerInput', {
      description: 'What is read.',
      default: {},
      fields: {
        topic: as(topicName, { description: 'Topic that is read.', default: 'tweet_events' }),
        format: choice(['tweet-event', 'event', 'in-network-event'], {
          description: 'What the topic holds; in-network events are passed through and keyed anew.',
          default: 'tweet-event',
        }),
        brokers: as(brokers, {
          description: 'Brokers of the cluster that is read; default: `spec.kafka`, whole.',
          optional: true,
        }),
        tls: as(kafkaTls, { description: 'Talk to `input.brokers` over TLS.' }),
        sasl: as(kafkaSasl, { description: 'Log in to `input.brokers`.' }),
      },
      rules: [
        rule(
          implies(has('tls'), has('brokers')),
          'set brokers too: without them spec.kafka is used, its tls and sasl included',
          '.tls',
        ),
        rule(
          implies(has('sasl'), has('brokers')),
          'set brokers too: without them spec.kafka is used, its tls and sasl included',
          '.sasl',
        ),
      ],
    }),
    deadLetterTopic: as(topicName, {
      description: 'Topic of `spec.kafka` for records that could not be read; default: none.',
      optional: true,
    }),
    resources: resources('TransformerResources', 'CPU and memory of a pod.', {
      cpuRequest: '250m',
      memoryLimit: '512Mi',
      memoryLimitMin: '128Mi',
    }),
    podTemplate,
  },
});

export const transformers = list(transformer, {
  description:
    'Pods that turn tweet events into in-network events; none where others write the in-network topic.',
  itemsMax: 8,
  key: 'name',
  default: [],
});
