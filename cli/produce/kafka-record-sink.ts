/**
 * Records into a Kafka topic, acknowledged by all replicas in sync.
 */
import { retry } from '#runtime/backoff.ts';
import {
  createKafka,
  createKafkaProducer,
  type KafkaConnectionOptions,
} from '#runtime/kafka/kafka-connection.ts';
import { toKafkaError } from '#runtime/kafka/kafka-errors.ts';
import { sendAcknowledged, UnansweredSendError } from '#runtime/kafka/send-acknowledged.ts';
import type { RecordSink } from './record-sink.ts';

const allReplicas = -1;
/** How long a broker may wait for its replicas. */
const acknowledgeTimeoutMs = 10_000;
/** Tries of a batch that only some brokers have answered; other errors are kafkajs's to try again. */
const unansweredAttemptsMax = 5;

/** The topic must exist. Keys choose the partition as Kafka's Java clients do. */
export function createKafkaRecordSink(
  connection: KafkaConnectionOptions,
  topic: string,
): RecordSink {
  const producer = createKafkaProducer(createKafka(connection));
  const context = { brokers: connection.brokers, topic, topicFlag: '--topic' };
  return {
    async open() {
      try {
        await producer.connect();
      } catch (error) {
        throw toKafkaError(error, context);
      }
    },
    async send(records) {
      try {
        await retry(
          () =>
            sendAcknowledged(producer, {
              topic,
              acks: allReplicas,
              timeout: acknowledgeTimeoutMs,
              messages: records.map(({ key, value, timestampMs }) => ({
                key,
                value,
                timestamp: String(timestampMs),
              })),
            }),
          {
            attemptsMax: unansweredAttemptsMax,
            shouldRetry: (error) => error instanceof UnansweredSendError,
          },
        );
      } catch (error) {
        throw toKafkaError(error, context);
      }
    },
    async close() {
      await producer.disconnect();
    },
  };
}
