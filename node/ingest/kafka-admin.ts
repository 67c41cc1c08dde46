/**
 * What kafkajs's admin client does for an event source: whether the topic's settings fit, and the end
 * of a group. Connects when it is asked something; `disconnect` when that was all.
 */
import type { Admin, Kafka } from 'kafkajs';
import kafkajs from 'kafkajs';

export class KafkaAdmin {
  readonly #kafka: Kafka;
  readonly #topic: string;
  #admin: Promise<Admin> | null = null;

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka;
    this.#topic = topic;
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

  async #use<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
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
