/**
 * Creates topics and waits until every partition has a leader. kafkajs's own wait gives up at the
 * first answer of a broker that has not heard of the topic yet.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';

const leadersMsMax = 15_000;
const pollMs = 50;

export async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  await admin.createTopics({ waitForLeaders: false, topics: [...topics] });
  const names = topics.map(({ topic }) => topic);
  const deadlineMs = performance.now() + leadersMsMax;
  for (;;) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics: names });
      if (
        metadata.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))
      ) {
        return;
      }
    } catch (error) {
      // Not heard of yet, or its leader not known yet.
      if (performance.now() > deadlineMs) throw error;
    }
    if (performance.now() > deadlineMs) {
      throw new Error(`topics ${names.join(', ')} have no leaders after ${leadersMsMax} ms`);
    }
    await pause(pollMs);
  }
}
