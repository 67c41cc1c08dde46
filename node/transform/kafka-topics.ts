/**
 * Whether topics are there, and how many partitions they have, with an error that names the one that
 * is not.
 */
import type { Admin } from 'kafkajs';
import type { ThunderError } from '#runtime/errors.ts';

/** Topic -> partition count. `toError` is given what kafkajs threw and the topic it was about. */
export async function checkTopics(
  admin: Admin,
  topics: readonly string[],
  toError: (error: unknown, topic: string) => ThunderError,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const topic of topics) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
      counts.set(topic, metadata.topics[0]?.partitions.length ?? 0);
    } catch (error) {
      throw toError(error, topic);
    }
  }
  return counts;
}
