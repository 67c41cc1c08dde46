/**
 * Sends to Kafka and believes answers only. kafkajs resolves a send that it tried again without
 * having sent all of it: it skips every broker that has answered once, though a partition may have
 * moved there since, and messages for a partition that it does not know.
 */
import type {
  ICustomPartitioner,
  Message,
  Producer,
  ProducerRecord,
  RecordMetadata,
} from 'kafkajs';
import { DependencyError } from '../errors.ts';

/** Some of what was sent may not be in the log; all of it has to be sent again. */
export class UnansweredSendError extends DependencyError {
  constructor(topic: string, partitions: readonly number[]) {
    const list = partitions.join(', ');
    super(`no broker has answered for partitions ${list} of topic ${topic}`, {
      code: 'KAFKA_UNANSWERED',
      retry: 'backoff',
    });
  }
}

/**
 * Writes the partition that is chosen into the message, where `sendAcknowledged` finds it and a
 * second choice has to leave it: `createPartitioner` must keep to a partition that a message has.
 */
export function choosingOnce(createPartitioner: ICustomPartitioner): ICustomPartitioner {
  return () => {
    const choose = createPartitioner();
    return (args) => {
      args.message.partition = choose(args);
      return args.message.partition;
    };
  };
}

/**
 * Resolves once every partition used is known to hold its messages. The producer's partitioner must
 * be `choosingOnce`. Rejects with an `UnansweredSendError` when only some brokers have answered.
 */
export async function sendAcknowledged(producer: Producer, record: ProducerRecord): Promise<void> {
  const answers = await producer.send(record);
  const unanswered = unansweredPartitions(record.topic, record.messages, answers);
  if (unanswered.length > 0) throw new UnansweredSendError(record.topic, unanswered);
}

/** Partitions of `messages` without an answer that names an offset; -1 for a message without one. */
export function unansweredPartitions(
  topic: string,
  messages: readonly Message[],
  answers: readonly RecordMetadata[],
): number[] {
  const unanswered = new Set(messages.map(({ partition }) => partition ?? -1));
  for (const { topicName, partition, errorCode, baseOffset } of answers) {
    const isWritten = errorCode === 0 && baseOffset !== undefined && Number(baseOffset) >= 0;
    if (topicName === topic && isWritten) unanswered.delete(partition);
  }
  return [...unanswered].toSorted((one, other) => one - other);
}
