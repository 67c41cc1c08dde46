/**
 * KafkaReachable: whether the log can be read. And CaughtUp: whether the pods are at its end. An
 * outage makes neither of them unready: they answer, and say how old the answer is.
 */
import { laggingEvents } from '#operator/limits.ts';
import { isReset } from '#operator/rollout/pod-facts.ts';
import { toTime } from '#operator/rollout/rollout-state.ts';
import type { Finding } from './finding.ts';
import { type FleetFacts, livePods } from './fleet-facts.ts';
import { kafkaViewOf } from './kafka-view.ts';
import { count } from './messages.ts';

export function kafkaReachableCondition(facts: FleetFacts): Finding {
  const { kafka } = facts;
  const view = kafkaViewOf(livePods(facts));
  if (kafka.hasTopic === false) {
    return {
      status: 'False',
      reason: 'TopicMissing',
      message: 'The in-network topic is not there: create it, or set partitions and it is made.',
    };
  }
  if (kafka.isReachable === false) {
    const detail = kafka.detail === '' ? '' : `: ${kafka.detail}`;
    return {
      status: 'False',
      reason: 'Unreachable',
      message: `Not reached since ${toTime(kafka.sinceMs)}${detail}. Pods answer from what they have.`,
    };
  }
  if (view === 'lost') {
    return {
      status: 'False',
      reason: 'PodsLostKafka',
      message: 'No ready pod has seen the end of the log lately. They answer from what they have.',
    };
  }
  return kafka.isReachable === true || view === 'followed'
    ? { status: 'True', reason: 'Reachable', message: 'The log can be read.' }
    : { status: 'Unknown', reason: 'NotAsked', message: 'Nobody has reached Kafka yet.' };
}

export function caughtUpCondition(facts: FleetFacts): Finding {
  const pods = livePods(facts);
  if (pods.length === 0) {
    return { status: 'Unknown', reason: 'NoPods', message: 'There are no serving pods.' };
  }
  const reset = pods.filter(isReset);
  if (reset.length > 0) {
    return {
      status: 'False',
      reason: 'LogReset',
      message: `The log of ${count(reset.length, 'pod')} was re-created or cut; they answer from what they had, and are replaced.`,
    };
  }
  const unready = pods.filter((pod) => !pod.isReady).length;
  if (unready > 0) {
    return {
      status: 'False',
      reason: 'Replaying',
      message: `${count(unready, 'pod')} catching up.`,
    };
  }
  const silent = pods.filter((pod) => pod.report === null).length;
  if (silent > 0) {
    return {
      status: 'Unknown',
      reason: 'NoReport',
      message: `The admin port of ${count(silent, 'pod')} does not answer the operator.`,
    };
  }
  if (kafkaViewOf(pods) === 'lost') {
    return {
      status: 'False',
      reason: 'Stale',
      message: 'The pods have lost Kafka, and answer from what they have.',
    };
  }
  const behind = pods.filter(({ report }) => (report?.lagEvents ?? 0) > laggingEvents).length;
  return behind > 0
    ? {
        status: 'False',
        reason: 'Lagging',
        message: `${count(behind, 'pod')} more than ${laggingEvents} events behind.`,
      }
    : { status: 'True', reason: 'AtTheEnd', message: 'All pods are at the end of the log.' };
}
