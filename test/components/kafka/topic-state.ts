/** What a cluster says of a topic, asked for over the plain listener, and what can be done to it. */
import type { Admin, ITopicMetadata } from 'kafkajs';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { createTopics } from './create-topics.ts';
import type { TestKafka } from './kafka.ts';

export async function withAdmin<T>(
  kafka: TestKafka,
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = kafka.client().admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Leaders and replicas as a broker sees them now. */
export async function metadataOf(kafka: TestKafka, topic: string): Promise<ITopicMetadata> {
  const { topics } = await withAdmin(kafka, (admin) =>
    admin.fetchTopicMetadata({ topics: [topic] }),
  );
  const [metadata] = topics;
  if (metadata === undefined) throw new Error(`no metadata of ${topic}`);
  return metadata;
}

/** The id of a partition's leader; -1 while it has none, or nobody says. */
export async function leaderOf(kafka: TestKafka, topic: string, partition = 0): Promise<number> {
  try {
    const { partitions } = await metadataOf(kafka, topic);
    return partitions.find((one) => one.partitionId === partition)?.leader ?? -1;
  } catch (error) {
    // kafkajs throws when a partition has no leader, and when it asks a broker that is gone.
    if (error instanceof Error && error.name.startsWith('KafkaJS')) return -1;
    throw error;
  }
}

export interface Assignment {
  readonly partition: number;
  /** Broker ids, the preferred leader first. */
  readonly replicas: readonly number[];
}

/**
 * A topic whose replicas are where they are told to be. A broker that was frozen or has just started takes
 * none for some seconds: that is waited for.
 */
export async function createAssignedTopic(
  kafka: TestKafka,
  topic: string,
  assignments: readonly Assignment[],
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const replicaAssignment = assignments.map(({ partition, replicas }) => ({
    partition,
    replicas: [...replicas],
  }));
  let refusal: unknown;
  await waitFor('the brokers take replicas', () =>
    withAdmin(kafka, (admin) =>
      createTopics(admin, [{ topic, replicaAssignment, configEntries }]),
    ).then(
      () => true,
      (error: unknown) => {
        refusal = error;
        return false;
      },
    ),
  ).catch((error: unknown) => {
    throw new Error(`${topic} cannot be created`, { cause: refusal ?? error });
  });
}

/** Deletes the topic and creates it again under the same name, empty; `between` while it is gone. */
export async function recreateTopic(
  kafka: TestKafka,
  topic: string,
  options: { readonly partitions?: number; readonly between?: () => Promise<unknown> } = {},
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    await waitFor('the topic is gone', async () => !(await admin.listTopics()).includes(topic));
    await options.between?.();
    await createTopics(admin, [{ topic, numPartitions: options.partitions ?? 1 }]);
  });
}

/** As retention does, at once: the log begins at `offset` from now on. */
export async function deleteRecordsBefore(
  kafka: TestKafka,
  topic: string,
  partition: number,
  offset: number,
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    // kafkajs looks for the leaders in metadata that only this call loads.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  });
}
