/**
 * What was produced and acknowledged, and so what every node has to answer: numbered posts of many
 * authors, some deleted again. The judge of I1, I2 and I3; it knows nothing of Kafka's offsets.
 */
import assert from 'node:assert/strict';
import type { Message, Producer } from 'kafkajs';
import { createQueryClient } from '#cli/query/query-client.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import { metadataOf } from '#test/components/kafka/topic-state.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { createEvent, deleteEvent } from '../node-fixture.ts';

/** No author may have more posts than a query returns of one (Q3): 50. */
export const postsPerAuthorMax = 50;
/** Follow lists are cut at 10,000 (Q1) and answers at 5,000 (Q2). */
const authorsPerQuery = 90;

/** A node as the judge sees it, in this process or another. */
export interface JudgedNode {
  readonly name: string;
  readonly address: string;
  status(query?: string): Promise<NodeStatus>;
}

export interface LedgerOptions {
  readonly kafka: TestKafka;
  readonly topic: string;
  /** Ids begin here, so that ledgers over one topic do not meet. Default 1. */
  readonly firstId?: number;
}

export class Ledger {
  readonly topic: string;
  readonly #kafka: TestKafka;
  readonly #firstId: number;
  readonly #live = new Set<number>();
  readonly #deleted = new Set<number>();
  /** Sent and not acknowledged: may be there or not. */
  readonly #unknown = new Set<number>();
  #nextId: number;
  #producer: Promise<Producer> | null = null;
  /** Of the topic when the producer was made; nothing is sent before. */
  #partitions = 1;
  #turn = 0;
  #dropped = 0;

  constructor(options: LedgerOptions) {
    this.topic = options.topic;
    this.#kafka = options.kafka;
    this.#firstId = options.firstId ?? 1;
    this.#nextId = this.#firstId;
  }

  /** Acknowledged creates that were not deleted. */
  get liveIds(): readonly number[] {
    return [...this.#live];
  }

  /** Deletes that were acknowledged. */
  get deleted(): number {
    return this.#deleted.size;
  }

  /** Records that the producer said were acknowledged and that it had not sent; sent again. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Sent and not acknowledged. */
  get unknown(): number {
    return this.#unknown.size;
  }

  /** Acknowledged creates. */
  get created(): number {
    return this.#live.size + this.#deleted.size;
  }

  /** Ids that are used up, and not acknowledged yet. */
  reserve(count: number): number[] {
    const ids = Array.from({ length: count }, (_, index) => this.#nextId + index);
    this.#nextId += count;
    for (const id of ids) this.#unknown.add(id);
    return ids;
  }

  /** Creates so many posts and waits until they are acknowledged; answers their ids. */
  async create(count: number, options: { readonly partition?: number } = {}): Promise<number[]> {
    const ids = this.reserve(count);
    await this.write(ids, options);
    return ids;
  }

  /** Creates these reserved ids. What fails may be in the log or not, and may be written again. */
  async write(
    ids: readonly number[],
    options: { readonly partition?: number } = {},
  ): Promise<void> {
    await this.#send(
      ids.map((id) => ({ value: createEvent(BigInt(id), authorOf(id)), ...options })),
    );
    this.acknowledged(ids);
  }

  /** Deletes them and waits until that is acknowledged. What fails may be deleted or not. */
  async delete(
    ids: readonly number[],
    options: { readonly partition?: number } = {},
  ): Promise<void> {
    for (const id of ids) {
      this.#live.delete(id);
      this.#unknown.add(id);
    }
    await this.#send(ids.map((id) => ({ value: deleteEvent(BigInt(id)), ...options })));
    for (const id of ids) {
      this.#unknown.delete(id);
      this.#deleted.add(id);
    }
  }

  /** These creates are in the log, written by somebody else. */
  acknowledged(ids: readonly number[]): void {
    for (const id of ids) {
      this.#unknown.delete(id);
      this.#live.add(id);
    }
  }

  /** The bytes of a create of this ledger. */
  valueOf(id: number): Buffer {
    return createEvent(BigInt(id), authorOf(id));
  }

  /** I1, I2: exactly the live posts, on each node, within the time; I3: equal states where positions are equal. */
  async judge(
    nodes: readonly JudgedNode[],
    options: { readonly withinMs?: number } = {},
  ): Promise<void> {
    for (const node of nodes) {
      await this.#untilNoneMissing(node, options.withinMs ?? 30_000);
      assert.deepEqual(await this.surplusAt(node), [], `I1, I2: ${node.name} answers too much`);
    }
    await assertEqualStates(nodes);
  }

  /** Everything of this ledger's authors that the node answers. */
  answersAt(node: JudgedNode): Promise<ReadonlySet<number>> {
    return this.#idsAt(node);
  }

  /** Live posts that the node does not answer. */
  async missingAt(node: JudgedNode): Promise<number[]> {
    const seen = await this.#idsAt(node);
    return [...this.#live].filter((id) => !seen.has(id));
  }

  /** Posts that it answers and that are deleted or never were. */
  async surplusAt(node: JudgedNode): Promise<number[]> {
    const seen = await this.#idsAt(node);
    return [...seen].filter((id) => !this.#live.has(id) && !this.#unknown.has(id));
  }

  async close(): Promise<void> {
    const producer = await this.#producer;
    this.#producer = null;
    await producer?.disconnect();
  }

  async #untilNoneMissing(node: JudgedNode, withinMs: number): Promise<void> {
    let missing: readonly number[] = [];
    const all = async (): Promise<boolean> => {
      missing = await this.missingAt(node);
      return missing.length === 0;
    };
    try {
      await waitFor('all live posts', all, { withinMs, pollMs: 100 });
    } catch (error) {
      const { reason, partitions } = await node.status();
      const examples = missing.slice(0, 10).join(', ');
      throw new Error(
        `I1: ${node.name} misses ${missing.length} of ${this.#live.size} posts (${examples}, …); its reason: "${reason}"; partitions: ${JSON.stringify(partitions)}`,
        { cause: error },
      );
    }
  }

  async #send(messages: readonly Message[]): Promise<void> {
    this.#producer ??= this.#connect();
    const producer = await this.#producer;
    const placed = messages.map((message) => ({ partition: this.#nextPartition(), ...message }));
    const answers = await producer.send({ topic: this.topic, acks: -1, messages: placed });
    // kafkajs resolves without having sent what went to a partition that it has not heard of, or whose
    // leader moved, between two tries, to a broker that had answered already. Only the answers tell.
    const sent = new Set(answers.map(({ partition }) => partition));
    const dropped = placed.filter(({ partition }) => !sent.has(partition));
    if (dropped.length === 0) return;
    this.#dropped += dropped.length;
    await this.close();
    await this.#send(dropped);
  }

  #nextPartition(): number {
    this.#turn += 1;
    return this.#turn % this.#partitions;
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.client().producer({
      allowAutoTopicCreation: false,
      metadataMaxAge: 1_000,
      retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    await producer.connect();
    this.#partitions = (await metadataOf(this.#kafka, this.topic)).partitions.length;
    return producer;
  }

  async #idsAt(node: JudgedNode): Promise<Set<number>> {
    const client = createQueryClient({ address: node.address, retryUnavailable: false });
    const seen = new Set<number>();
    try {
      const first = authorOf(this.#firstId);
      const authors = Number(authorOf(this.#nextId) - first) + 1;
      for (let at = 0; at < authors; at += authorsPerQuery) {
        const count = Math.min(authorsPerQuery, authors - at);
        const followingUserIds = Array.from({ length: count }, (_, i) => first + BigInt(at + i));
        const { posts } = await client.getInNetworkPosts(
          { userId: 2n ** 60n, followingUserIds, maxResults: authorsPerQuery * postsPerAuthorMax },
          { deadlineMs: 20_000 },
        );
        for (const { postId } of posts) seen.add(Number(postId));
      }
    } finally {
      client.close();
    }
    return seen;
  }
}

/** An author for every so many ids, so that one query shows all of an author's. */
export function authorOf(id: number): bigint {
  return BigInt(Math.floor(id / postsPerAuthorMax) + 1);
}

/** I3: nodes at equal positions have equal state hashes. Waits for positions to be equal. */
export async function assertEqualStates(nodes: readonly JudgedNode[]): Promise<void> {
  if (nodes.length < 2) return;
  const states = await waitFor('the nodes are at equal positions', async () => {
    const all = await Promise.all(nodes.map((node) => node.status('?hash')));
    const positions = all.map(({ partitions }) =>
      JSON.stringify(partitions.map(({ partition, position }) => [partition, position])),
    );
    return new Set(positions).size === 1 ? all : undefined;
  });
  const hashes = states.map(({ stateHash }) => stateHash);
  assert.match(hashes[0] ?? '', /^[0-9a-f]{16}$/);
  assert.equal(new Set(hashes).size, 1, `I3: ${hashes.join(', ')}`);
}
