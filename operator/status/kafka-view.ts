/**
 * What ready pods say about Kafka: they follow the log, or all of them have lost it.
 */
import { staleMs } from '#operator/limits.ts';
import type { PodFacts } from '#operator/rollout/pod-facts.ts';

export type KafkaView = 'followed' | 'lost' | 'unknown';

/** Pods that were never ready say nothing: their own settings may be what is wrong. */
export function kafkaViewOf(pods: readonly PodFacts[]): KafkaView {
  const staleness = pods
    .filter((pod) => pod.isReady)
    .map(({ report }) => report?.stalenessMs ?? null)
    .filter((each) => each !== null);
  if (staleness.length === 0) {
    return 'unknown';
  }
  return staleness.every((each) => each > staleMs) ? 'lost' : 'followed';
}
