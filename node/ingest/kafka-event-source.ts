/**
 * `EventSource` over Kafka, in two ways. `explicit`: we name the partitions, fetch them ourselves and
 * own the positions. `group`: a kafkajs consumer that is alone in its group, for clusters whose access
 * rules let nobody read outside of one.
 */
import type { KafkaEventSource, KafkaEventSourceOptions } from './kafka-event-source-options.ts';
import { KafkaExplicitSource } from './kafka-explicit-source.ts';
import { KafkaGroupSource } from './kafka-group-source.ts';

export type { KafkaEventSource, KafkaEventSourceOptions } from './kafka-event-source-options.ts';

/** Throws a ConfigurationError for options that cannot work; nothing is dialled yet. */
export function createKafkaEventSource(options: KafkaEventSourceOptions): KafkaEventSource {
  return options.assignment === 'group'
    ? new KafkaGroupSource(options)
    : new KafkaExplicitSource(options);
}
