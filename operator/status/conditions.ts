/**
 * All conditions of a fleet, from its first pass on, in the same order always.
 */
import type { Condition } from '#crds/gen/thunder-fleet.ts';
import { conditionTypes } from '#crds/thunder-fleet/status.ts';
import { messageCharactersMax } from '#operator/limits.ts';
import { toTime } from '#operator/rollout/rollout-state.ts';
import { degradedCondition } from './degraded-condition.ts';
import type { Finding } from './finding.ts';
import type { FleetFacts } from './fleet-facts.ts';
import { caughtUpCondition, kafkaReachableCondition } from './kafka-conditions.ts';
import { cut, toReason } from './messages.ts';
import { progressingCondition } from './progressing-condition.ts';
import { availableCondition, readyCondition } from './ready-condition.ts';

type ConditionType = (typeof conditionTypes)[number];

const findings: Readonly<Record<ConditionType, (facts: FleetFacts) => Finding>> = {
  Ready: readyCondition,
  Available: availableCondition,
  Progressing: progressingCondition,
  CaughtUp: caughtUpCondition,
  KafkaReachable: kafkaReachableCondition,
  Degraded: degradedCondition,
  Paused: pausedCondition,
  UpdateAvailable: updateCondition,
};

/** `lastTransitionTime` stays what it was until the status of a condition changes. */
export function conditionsOf(
  facts: FleetFacts,
  previous: readonly Condition[] | undefined,
): Condition[] {
  return conditionTypes.map((type) => {
    const { status, reason, message } = findings[type](facts);
    const before = previous?.find((each) => each.type === type);
    return {
      type,
      status,
      reason: toReason(reason),
      message: cut(message, messageCharactersMax),
      lastTransitionTime:
        before?.status === status ? before.lastTransitionTime : toTime(facts.nowMs),
      observedGeneration: facts.identity.generation,
    };
  });
}

function pausedCondition({ parsed }: FleetFacts): Finding {
  if (!parsed.ok) {
    return { status: 'Unknown', reason: 'InvalidSpec', message: 'The spec cannot be read.' };
  }
  return parsed.fleet.spec.paused
    ? {
        status: 'True',
        reason: 'PausedBySpec',
        message: 'Changes wait. Set spec.paused to false to apply them.',
      }
    : { status: 'False', reason: 'NotPaused', message: 'Changes are applied.' };
}

function updateCondition({ updateAvailable }: FleetFacts): Finding {
  return updateAvailable
    ? {
        status: 'True',
        reason: 'OperatorIsNewer',
        message:
          'The operator would make other pods than it did. They change with the next change of the spec, or when the annotation thunder.dev/update gets a new value.',
      }
    : { status: 'False', reason: 'UpToDate', message: 'The pods are as the operator makes them.' };
}
