/**
 * What ready pods say about Kafka: they follow the log, or all of them have lost it.
 */
import { staleMs } from '#operator/limits.ts';
import type { PodFacts } from '#operator/rollout/pod-facts.ts';
import type { KafkaFacts } from './fleet-facts.ts';

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

/**
 * Whether new pods that get no further are to be excused. Not while ready pods go on following the
 * log that the operator cannot reach: then it is the new spec's address that is wrong. They notice an
 * outage later than the operator does, and until then it is believed.
 */
export function isKafkaAway(
  pods: readonly PodFacts[],
  { isReachable, sinceMs }: Pick<KafkaFacts, 'isReachable' | 'sinceMs'>,
  nowMs: number,
): boolean {
  const view = kafkaViewOf(pods);
  const havePodsNoticed = nowMs - sinceMs >= 2 * staleMs;
  return view === 'lost' || (isReachable === false && !(view === 'followed' && havePodsNoticed));
}
