/**
 * Ready: the current generation is applied, every pod runs it, and all are caught up. And
 * Available: enough pods answer, whatever they run.
 */
import { stepsOf } from '#operator/desired/deployments.ts';
import type { ParsedFleet } from '#operator/fleet/fleet.ts';
import type { Finding } from './finding.ts';
import { type FleetFacts, livePods } from './fleet-facts.ts';
import { count } from './messages.ts';

export function readyCondition(facts: FleetFacts): Finding {
  const { parsed, identity } = facts;
  if (identity.isDeleting) {
    return no('Deleting', 'The fleet is being deleted.');
  }
  if (!parsed.ok) {
    return no('InvalidSpec', invalidSpec(parsed));
  }
  return (
    waiting(facts) ?? rolling(facts) ?? catchingUp(facts) ?? transforming(facts) ?? allIsWell(facts)
  );
}

/** The first mistakes, with what to do. */
export function invalidSpec(parsed: Extract<ParsedFleet, { ok: false }>): string {
  const shown = parsed.problems.slice(0, 3).map(({ path, message }) => `${path}: ${message}`);
  const more = parsed.problems.length - shown.length;
  const rest = more === 0 ? '' : `; and ${more} more`;
  return `${shown.join('; ')}${rest}. The pods keep running as they are; correct the spec.`;
}

/** Something outside of the rollout keeps the spec from being applied. */
function waiting(facts: FleetFacts): Finding | undefined {
  const { missingInputs, rollout, parsed, obstacle } = facts;
  if (obstacle !== undefined) {
    return no('NotApplied', `${obstacle}.`);
  }
  if (missingInputs.length > 0) {
    return no(
      'SecretMissing',
      `Missing: ${missingInputs.join(', ')}. Create it; the pods that are there keep running.`,
    );
  }
  if (rollout === null) {
    return { status: 'Unknown', reason: 'Pending', message: 'Nothing has been looked at yet.' };
  }
  const isPaused = parsed.ok && parsed.fleet.spec.paused;
  return isPaused && rollout.blockedBy === 'Paused'
    ? no('Paused', 'The spec has changes that wait: set spec.paused to false to apply them.')
    : undefined;
}

function rolling({ rollout, applied, target }: FleetFacts): Finding | undefined {
  const state = rollout?.state;
  switch (state?.kind) {
    case 'rolledBack':
      return no(
        'RolledBack',
        `Revision ${state.revision} was refused (${state.stop.cause}${of(state.stop.pod)}: ${state.stop.message}) and the last good one runs. Correct the spec, or set the annotation thunder.dev/update to try again.`,
      );
    case 'halted':
      return no(
        'RolloutHalted',
        `Revision ${state.revision} does not come up: ${state.stop.cause}${of(state.stop.pod)}, ${state.stop.message}. The other pods go on answering; correct the spec.`,
      );
    case 'waiting':
      return no('WaitingForOthers', 'Other fleets are rolling; this one is next in line.');
    case 'holding':
      return no(
        'HoldAfterFirst',
        'The first new pod is ready. Look at it, then set the annotation thunder.dev/continue, or wait for spec.rollout.holdAfterFirst.',
      );
    case 'rolling':
      return no('RollingOut', `Revision ${state.revision} is being rolled out.`);
    default:
      return applied !== null && (applied.revision === target || target === null)
        ? undefined
        : no('Applying', 'The pods are about to be given a new revision.');
  }
}

function of(pod: string): string {
  return pod === '' ? '' : ` of pod ${pod}`;
}

function catchingUp(facts: FleetFacts): Finding | undefined {
  const { rollout, parsed } = facts;
  const wanted = parsed.ok ? parsed.fleet.spec.serving.replicas : 0;
  const pods = livePods(facts);
  const ready = pods.filter((pod) => pod.isReady).length;
  if (rollout?.state.kind === 'idle' && ready === wanted && pods.length === wanted) {
    return undefined;
  }
  if (rollout !== null && rollout.trouble !== null) {
    const { pod, cause, message } = rollout.trouble;
    return no(
      'PodsNotReady',
      `${ready} of ${count(wanted, 'pod')} caught up; ${cause}${of(pod)}: ${message}.`,
    );
  }
  const excess = pods.length > wanted ? `, ${pods.length - wanted} to go` : '';
  return no('PodsNotReady', `${ready} of ${count(wanted, 'pod')} caught up${excess}.`);
}

function transforming({ transformers }: FleetFacts): Finding | undefined {
  const behind = transformers.find(
    ({ isUpdated, ready, replicas }) => !isUpdated || ready < replicas,
  );
  if (behind === undefined) {
    return undefined;
  }
  const { name, ready, replicas, trouble } = behind;
  const why = trouble === null ? '' : `; ${trouble.cause}${of(trouble.pod)}: ${trouble.message}`;
  return no(
    'TransformersNotReady',
    `Transformer ${name}: ${ready} of ${count(replicas, 'pod')} ready and up to date${why}.`,
  );
}

function allIsWell({ parsed }: FleetFacts): Finding {
  const replicas = parsed.ok ? parsed.fleet.spec.serving.replicas : 0;
  return replicas === 0
    ? { status: 'True', reason: 'ScaledToZero', message: 'No serving pods are wanted.' }
    : {
        status: 'True',
        reason: 'AllPodsReady',
        message: `${count(replicas, 'pod')} caught up and answering.`,
      };
}

function no(reason: string, message: string): Finding {
  return { status: 'False', reason, message };
}

export function availableCondition(facts: FleetFacts): Finding {
  const { parsed, applied } = facts;
  const ready = livePods(facts).filter((pod) => pod.isReady).length;
  // Of an invalid spec nothing is sure; then it is about what runs.
  const wanted = parsed.ok ? parsed.fleet.spec.serving.replicas : (applied?.replicas ?? 0);
  if (wanted === 0) {
    return { status: 'True', reason: 'ScaledToZero', message: 'No serving pods are wanted.' };
  }
  const maxUnavailable = parsed.ok ? stepsOf(parsed.fleet.spec.rollout, wanted).maxUnavailable : 0;
  const needed = Math.max(1, wanted - maxUnavailable);
  return ready >= needed
    ? {
        status: 'True',
        reason: 'EnoughPods',
        message: `${count(ready, 'pod')} answering, ${needed} needed.`,
      }
    : no('TooFewPods', `${count(ready, 'pod')} answering, ${needed} needed.`);
}
