/**
 * Progressing: pods are being made, caught up or replaced. False when there is nothing to do, and
 * when it has stopped: the reason then is the cause, and the message names the pod.
 */
import type { Stop } from '#operator/rollout/rollout-state.ts';
import type { Finding } from './finding.ts';
import type { FleetFacts } from './fleet-facts.ts';
import { toReason } from './messages.ts';
import { invalidSpec } from './ready-condition.ts';

export function progressingCondition(facts: FleetFacts): Finding {
  const { parsed, rollout, missingInputs } = facts;
  if (!parsed.ok) {
    return { status: 'False', reason: 'InvalidSpec', message: invalidSpec(parsed) };
  }
  if (rollout === null) {
    return { status: 'Unknown', reason: 'Pending', message: 'Nothing has been looked at yet.' };
  }
  if (missingInputs.length > 0) {
    const message = `Waits for ${missingInputs.join(', ')}.`;
    return { status: 'False', reason: 'SecretMissing', message };
  }
  if (rollout.blockedBy === 'Paused') {
    return { status: 'False', reason: 'Paused', message: 'Waits for spec.paused to be false.' };
  }
  const { state, trouble } = rollout;
  switch (state.kind) {
    case 'halted':
      return stopped(state.stop);
    case 'rolledBack':
      return {
        status: 'False',
        reason: 'RolledBack',
        message: `Revision ${state.revision} was refused: ${sentence(state.stop)}`,
      };
    case 'waiting':
      return yes('WaitingForOthers', 'Waits for other fleets to finish rolling.');
    case 'holding':
      return yes('HoldAfterFirst', 'Waits for a look at the first new pod.');
    case 'rolling':
      return yes('RollingOut', `Revision ${state.revision} replaces the pods of others.`);
    case 'settling':
      return trouble === null ? yes('CatchingUp', 'Pods are made and catch up.') : stopped(trouble);
    default:
      return { status: 'False', reason: 'Complete', message: 'Nothing is being changed.' };
  }
}

function yes(reason: string, message: string): Finding {
  return { status: 'True', reason, message };
}

function stopped(stop: Stop): Finding {
  return { status: 'False', reason: toReason(stop.cause), message: sentence(stop) };
}

function sentence({ pod, cause, message }: Stop): string {
  return pod === '' ? `${cause}: ${message}.` : `Pod ${pod}, ${cause}: ${message}.`;
}
