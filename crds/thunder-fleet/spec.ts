/**
 * `spec` of a ThunderFleet: what a user wants.
 */
import {
  and,
  equals,
  every,
  field,
  has,
  implies,
  item,
  neverShrinks,
  not,
  or,
  rule,
  some,
  unchanged,
} from '../schema/rules.ts';
import { as, boolean, integer, object, text } from '../schema/schema.ts';
import { followGraph, rollout, security, warmStart } from './delivery.ts';
import { brokers, kafkaSasl, kafkaTls, topicName } from './references.ts';
import { serving } from './serving.ts';
import { transformers } from './transformers.ts';

const inNetworkTopic = object('InNetworkTopic', {
  description: 'The topic of in-network events.',
  default: {},
  fields: {
    name: as(topicName, {
      default: 'in_network_events',
      rules: [
        rule(
          unchanged,
          'cannot be changed: pods on two topics answer differently; make a new fleet and move the clients',
        ),
      ],
    }),
    partitions: integer({
      description:
        'Create the topic, if it is missing, with so many partitions; default: it has to be there.',
      unit: 'partitions',
      min: 1,
      max: 1_024,
      optional: true,
      rules: [rule(neverShrinks, 'cannot shrink: Kafka takes no partition away')],
    }),
    replication: integer({
      description:
        'Copies of each partition, if the topic is created; default: as the brokers say.',
      unit: 'copies',
      min: 1,
      max: 16,
      optional: true,
    }),
  },
  rules: [
    rule(
      implies(has('replication'), has('partitions')),
      'set partitions too: only with them is the topic created',
      '.replication',
    ),
  ],
});

const kafka = object('Kafka', {
  description: 'The Kafka cluster that holds the in-network events.',
  fields: {
    brokers,
    tls: kafkaTls,
    sasl: kafkaSasl,
    inNetworkTopic,
    groupPrefix: text({
      description:
        'Beginning of every consumer group of the fleet; the uids of fleet and pod follow.',
      lengthMax: 64,
      pattern: '^[a-zA-Z0-9._-]+$',
      default: 'thunder',
      rules: [
        rule(
          unchanged,
          'cannot be changed: the groups, and with them the transformers’ positions, bear it',
        ),
      ],
    }),
  },
});

const readsItsOwnOutput = and(
  equals(field('input.topic', 't'), field('kafka.inNetworkTopic.name')),
  or(
    not(has('input.brokers', 't')),
    some(
      field('input.brokers', 't'),
      'b',
      some(field('kafka.brokers'), 'k', equals(item('k'), item('b'))),
    ),
  ),
);

const deadLettersGoRoundAgain = and(
  has('deadLetterTopic', 't'),
  or(
    equals(field('deadLetterTopic', 't'), field('kafka.inNetworkTopic.name')),
    and(
      equals(field('deadLetterTopic', 't'), field('input.topic', 't')),
      not(has('input.brokers', 't')),
    ),
  ),
);

export const thunderFleetSpec = object('ThunderFleetSpec', {
  description: 'What is wanted.',
  fields: {
    image: text({
      description: 'Image of all pods. Default: the one that the operator was installed with.',
      lengthMax: 512,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._/:@-]*$',
      optional: true,
    }),
    kafka,
    serving,
    transformers,
    warmStart,
    rollout,
    security,
    followGraph,
    paused: boolean({
      description:
        'Leave the pods as they are: changes wait, the status goes on, Kubernetes still replaces pods that die.',
      default: false,
    }),
  },
  rules: [
    rule(
      every(field('transformers'), 't', not(readsItsOwnOutput)),
      'choose another input.topic, or other input.brokers: a transformer would read what it writes',
      '.transformers',
    ),
    rule(
      every(field('transformers'), 't', not(deadLettersGoRoundAgain)),
      'choose another deadLetterTopic: it is the topic that is read or the one of good events',
      '.transformers',
    ),
  ],
});
