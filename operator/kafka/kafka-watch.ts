/**
 * What the rest of the operator knows of Kafka: findings that are there at once, and wishes that are
 * fulfilled in the background. No pass ever waits for a broker.
 */
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { KafkaFacts } from '#operator/status/fleet-facts.ts';

export interface KafkaFinding {
  readonly facts: KafkaFacts;
  /** Records that a transformer has not transformed yet, by its name; absent where unknown. */
  readonly lagByTransformer: ReadonlyMap<string, number>;
}

/** How far the removal of a deleted fleet's groups is. */
export type GroupRemoval =
  | { readonly kind: 'underWay' }
  | { readonly kind: 'done'; readonly groups: number }
  /** After `deleteGroupsMsMax`, or at once where trying cannot help. */
  | { readonly kind: 'gaveUp'; readonly detail: string };

export interface KafkaWatch {
  /**
   * What the last look found. From now on the fleet's Kafka is looked at; its topic is made if it
   * should be, and groups of pods that are not among `podUids` are removed.
   */
  observe(key: string, fleet: Fleet, podUids: ReadonlySet<string>): KafkaFinding;
  /** Removes all groups of a fleet that is being deleted; to be called again until it is over. */
  removeGroups(key: string, fleet: Fleet): GroupRemoval;
  /** The fleet is gone. */
  forget(key: string): void;
}

export const nothingKnown: KafkaFinding = {
  facts: { isReachable: null, detail: '', sinceMs: 0, hasTopic: null },
  lagByTransformer: new Map(),
};

/** For operators that cannot reach Kafka, or may not: pods' own word is what there is. */
export const withoutKafka: KafkaWatch = {
  observe: () => nothingKnown,
  removeGroups: () => ({ kind: 'gaveUp', detail: 'the operator does not look at Kafka' }),
  forget: () => undefined,
};
