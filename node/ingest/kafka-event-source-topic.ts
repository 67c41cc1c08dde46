/**
 * What is asked about the topic: its bounds, whether it is there, whether its settings fit. One admin
 * connection, renewed now and then because kafkajs keeps a topic's partitions and leaders for minutes.
 */
import type { Admin, Kafka } from 'kafkajs';
import kafkajs from 'kafkajs';
import type { PartitionBounds } from './event-source.ts';

export class KafkaTopic {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #maxAgeMs: number;
  #admin: Promise<Admin> | null = null;
  #connectedAtMs = 0;
  #asking: Promise<readonly PartitionBounds[]> | null = null;

  constructor(kafka: Kafka, topic: string, maxAgeMs: number) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Fails at once when there is no such topic. */
  async find(): Promise<void> {
    await this.#use((admin) => admin.fetchTopicMetadata({ topics: [this.#topic] }));
  }

  /** Every partition, in order. Calls at the same time share one answer. */
  bounds(): Promise<readonly PartitionBounds[]> {
    this.#asking ??= this.#askBounds().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** What about the topic does not fit a reader that keeps `retentionSeconds`; one sentence each. */
  async warnings(retentionSeconds: number): Promise<string[]> {
    const names = ['cleanup.policy', 'retention.ms'];
    const type = kafkajs.ConfigResourceTypes.TOPIC;
    const { resources } = await this.#use((admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type, name: this.#topic, configNames: names }],
      }),
    );
    const entries = resources[0]?.configEntries ?? [];
    const [policy, retention] = names.map(
      (name) => entries.find((entry) => entry.configName === name)?.configValue,
    );
    const warnings: string[] = [];
    if (policy !== undefined && policy !== 'delete') {
      warnings.push(
        `topic ${this.#topic} has cleanup.policy=${policy}: compaction loses posts; set it to delete`,
      );
    }
    const kept = Number(retention);
    if (retention !== undefined && kept >= 0 && kept < retentionSeconds * 1000) {
      warnings.push(
        `topic ${this.#topic} has retention.ms=${kept}, less than the ${retentionSeconds} s of posts kept here: a start will miss the oldest`,
      );
    }
    return warnings;
  }

  async deleteGroup(groupId: string): Promise<void> {
    await this.#use((admin) => admin.deleteGroups([groupId]));
  }

  async disconnect(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    if (admin !== null) await disconnectQuietly(admin);
  }

  async #askBounds(): Promise<readonly PartitionBounds[]> {
    const offsets = await this.#use((admin) => admin.fetchTopicOffsets(this.#topic));
    return offsets
      .map(({ partition, low, high }) => {
        const start = Number(low);
        // The start is asked for after the end, and may have passed it.
        return { partition, start, end: Math.max(start, Number(high)) };
      })
      .toSorted((one, other) => one.partition - other.partition);
  }

  async #use<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    if (performance.now() - this.#connectedAtMs > this.#maxAgeMs) await this.disconnect();
    this.#admin ??= this.#connect();
    const admin = this.#admin;
    try {
      return await ask(await admin);
    } catch (error) {
      // What it knows about leaders may be stale: the next call asks afresh.
      if (this.#admin === admin) this.#admin = null;
      void disconnectQuietly(admin);
      throw error;
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin();
    this.#connectedAtMs = performance.now();
    await admin.connect();
    return admin;
  }
}

async function disconnectQuietly(admin: Promise<Admin>): Promise<void> {
  try {
    await (await admin).disconnect();
  } catch {
    // Whoever waited for the connection has the error; there is nothing left to disconnect.
  }
}
