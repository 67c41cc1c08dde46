/**
 * One connection for each cluster and user, shared by the fleets, at most `kafkaConnectionsMax`.
 */
import { kafkaConnectionsMax } from '#operator/bounds.ts';
import type { ResolvedCluster } from './fleet-cluster.ts';
import { createKafkaAdmin, type KafkaAdmin } from './kafka-admin.ts';

export class KafkaConnections {
  readonly #max: number;
  /** The one that was used last comes last. */
  readonly #open = new Map<string, Promise<KafkaAdmin>>();

  constructor(max = kafkaConnectionsMax) {
    this.#max = max;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Connected; one that fails to connect is not kept. */
  async get({ id, connection }: ResolvedCluster, signal: AbortSignal): Promise<KafkaAdmin> {
    const known = this.#open.get(id);
    const opening = known ?? connectTo(connection, signal);
    this.#open.delete(id);
    this.#open.set(id, opening);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= this.#max) {
        break;
      }
      this.drop(oldest);
    }
    try {
      return await opening;
    } catch (error) {
      if (this.#open.get(id) === opening) {
        this.#open.delete(id);
      }
      throw error;
    }
  }

  /** After a failure: the next look begins with a new one. */
  drop(id: string): void {
    const opening = this.#open.get(id);
    this.#open.delete(id);
    opening?.then(
      (admin) => admin.close(),
      () => undefined,
    );
  }

  close(): void {
    for (const id of [...this.#open.keys()]) {
      this.drop(id);
    }
  }
}

async function connectTo(
  connection: ResolvedCluster['connection'],
  signal: AbortSignal,
): Promise<KafkaAdmin> {
  const admin = createKafkaAdmin(connection);
  try {
    await admin.connect(signal);
  } catch (error) {
    admin.close();
    throw error;
  }
  return admin;
}
