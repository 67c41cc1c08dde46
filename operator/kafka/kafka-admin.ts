/**
 * What the operator asks of Kafka, each with a deadline. kafkajs's own calls may try again for a
 * long time; here whoever asked decides about that.
 */
import type { Admin } from 'kafkajs';
import type { DesiredTopic } from '#operator/desired/topic.ts';
import { DependencyError, type ThunderError } from '#runtime/errors.ts';
import { createKafka, type KafkaConnectionOptions } from '#runtime/kafka/kafka-connection.ts';
import { toKafkaError } from '#runtime/kafka/kafka-errors.ts';

/** Errors are ThunderErrors, in one sentence without secrets. */
export interface KafkaAdmin {
  connect(signal: AbortSignal): Promise<void>;
  hasTopic(topic: string, signal: AbortSignal): Promise<boolean>;
  /** One that was made meanwhile is as good. */
  createTopic(topic: DesiredTopic, signal: AbortSignal): Promise<void>;
  /** Records of a topic that a group has not committed; null when the topic is not there. */
  lagOf(group: string, topic: string, signal: AbortSignal): Promise<number | null>;
  listGroups(signal: AbortSignal): Promise<string[]>;
  /** Of these, those without members. */
  emptyGroups(groups: readonly string[], signal: AbortSignal): Promise<string[]>;
  /** Kafka itself refuses one that has got members again. Answers how many are gone. */
  deleteGroups(groups: readonly string[], signal: AbortSignal): Promise<number>;
  /** Does not wait for a broker that does not answer. */
  close(): void;
}

export function createKafkaAdmin(connection: KafkaConnectionOptions): KafkaAdmin {
  const admin = createKafka(connection).admin();
  const { brokers } = connection;
  const ask = async <T>(
    call: Promise<T>,
    signal: AbortSignal,
    context: { readonly topic?: string; readonly groupId?: string } = {},
  ): Promise<T> => {
    try {
      return await orAborted(call, signal, brokers);
    } catch (error) {
      throw toKafkaError(error, { brokers, ...context });
    }
  };

  const hasTopic = async (topic: string, signal: AbortSignal): Promise<boolean> => {
    try {
      await orAborted(admin.fetchTopicMetadata({ topics: [topic] }), signal, brokers);
      return true;
    } catch (error) {
      if (typeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') {
        return false;
      }
      throw toKafkaError(error, { brokers, topic });
    }
  };

  return {
    connect: (signal) => ask(admin.connect(), signal),
    hasTopic,
    async createTopic({ name, partitions, replication, config }, signal) {
      const topic = {
        topic: name,
        numPartitions: partitions,
        replicationFactor: replication ?? -1,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      };
      // Answers false for one that is there.
      await ask(admin.createTopics({ topics: [topic], waitForLeaders: false }), signal, {
        topic: name,
      });
    },
    async lagOf(groupId, topic, signal) {
      if (!(await hasTopic(topic, signal))) {
        return null;
      }
      const ends = await ask(admin.fetchTopicOffsets(topic), signal, { topic });
      const committed = await ask(admin.fetchOffsets({ groupId, topics: [topic] }), signal, {
        groupId,
      });
      return sumLag(ends, committed[0]?.partitions ?? []);
    },
    async listGroups(signal) {
      const { groups } = await ask(admin.listGroups(), signal);
      return groups.map(({ groupId }) => groupId);
    },
    async emptyGroups(groups, signal) {
      if (groups.length === 0) {
        return [];
      }
      const described = await ask(admin.describeGroups([...groups]), signal);
      return described.groups
        .filter(({ state, members }) => state === 'Empty' && members.length === 0)
        .map(({ groupId }) => groupId);
    },
    async deleteGroups(groups, signal) {
      if (groups.length === 0) {
        return 0;
      }
      try {
        const results = await orAborted(admin.deleteGroups([...groups]), signal, brokers);
        return results.filter(({ errorCode }) => (errorCode ?? 0) === 0).length;
      } catch (error) {
        const failed = failedGroups(error);
        if (failed !== undefined) {
          return groups.length - failed;
        }
        throw toKafkaError(error, { brokers });
      }
    },
    close() {
      admin.disconnect().catch(() => undefined);
    },
  };
}

/** The call goes on behind our back; kafkajs bounds every request of it. */
async function orAborted<T>(
  call: Promise<T>,
  signal: AbortSignal,
  brokers: readonly string[],
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(tooLate(brokers));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  try {
    return await Promise.race([call, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    call.catch(() => undefined);
  }
}

function tooLate(brokers: readonly string[]): ThunderError {
  return new DependencyError(`Kafka at ${brokers.join(',')} did not answer in time`, {
    code: 'KAFKA_UNREACHABLE',
    retry: 'backoff',
  });
}

type Ends = Awaited<ReturnType<Admin['fetchTopicOffsets']>>;
type Committed = readonly { readonly partition: number; readonly offset: string }[];

/** A group that has committed nothing in a partition begins with its first record. */
function sumLag(ends: Ends, committed: Committed): number {
  return ends.reduce((sum, { partition, offset, low }) => {
    const at = Number(committed.find((each) => each.partition === partition)?.offset ?? -1);
    const from = at < 0 ? Number(low) : Math.max(at, Number(low));
    return sum + Math.max(0, Number(offset) - from);
  }, 0);
}

function typeOf(error: unknown): string | undefined {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  return typeof type === 'string' ? type : undefined;
}

/** How many of several could not be deleted, when that is what the error says. */
function failedGroups(error: unknown): number | undefined {
  const groups = error instanceof Error && 'groups' in error ? error.groups : undefined;
  return Array.isArray(groups) ? groups.length : undefined;
}
