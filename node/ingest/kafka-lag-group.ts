/**
 * A consumer group that nobody joins: positions are published to it as a simple consumer does, so that
 * ordinary Kafka tools show the lag of this process. Never read back.
 */
import { retry } from '#runtime/backoff.ts';
import { DependencyError } from '#runtime/errors.ts';
import type { ClusterConnections, GroupRequests } from '#runtime/kafka/cluster-connections.ts';

export interface LagGroupOptions {
  readonly connections: ClusterConnections;
  readonly groupId: string;
  readonly topic: string;
}

/** Kafka's number for the coordinator of a consumer group. */
const groupCoordinator = 0;
/** What a simple consumer says of itself: no generation, no member. */
const noGeneration = -1;
const noMember = '';
/** A first commit may find that Kafka has yet to make its own topic for it. */
const attemptsMax = 5;
const backoff = { firstMs: 200, ceilingMs: 1_000 } as const;

export class KafkaLagGroup {
  readonly #options: LagGroupOptions;
  #coordinator: number | null = null;
  #mayExist = false;

  constructor(options: LagGroupOptions) {
    this.#options = options;
  }

  async commit(positions: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void> {
    const { groupId, topic } = this.#options;
    const partitions = [...positions].map(([partition, position]) => ({
      partition,
      offset: String(position),
    }));
    this.#mayExist = true;
    await retry(
      () =>
        this.#atCoordinator((broker) =>
          broker.offsetCommit({
            groupId,
            groupGenerationId: noGeneration,
            memberId: noMember,
            topics: [{ topic, partitions }],
          }),
        ),
      { attemptsMax, backoff, signal },
    );
  }

  /** Resolves at once when nothing was ever published. */
  async delete(): Promise<void> {
    if (!this.#mayExist) return;
    await this.#atCoordinator((broker) => broker.deleteGroups([this.#options.groupId]));
  }

  async #atCoordinator(use: (broker: GroupRequests) => Promise<unknown>): Promise<void> {
    const { connections } = this.#options;
    try {
      this.#coordinator ??= await this.#find();
      await use(await connections.groupRequests(this.#coordinator));
    } catch (error) {
      this.#coordinator = null;
      throw error;
    }
  }

  async #find(): Promise<number> {
    const { connections, groupId } = this.#options;
    let failure: unknown = new DependencyError('no broker is known', {
      code: 'KAFKA_UNREACHABLE',
      retry: 'backoff',
    });
    for (const nodeId of connections.nodeIds) {
      try {
        const broker = await connections.groupRequests(nodeId);
        const request = { groupId, coordinatorType: groupCoordinator };
        return (await broker.findGroupCoordinator(request)).coordinator.nodeId;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}
