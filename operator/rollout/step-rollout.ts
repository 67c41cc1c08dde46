/**
 * One step of a fleet's rollout: what was remembered and what is seen now give what the Deployment
 * should be. Kubernetes replaces the pods; this decides which template it works on, and when it has
 * to stop.
 *
 * Level-triggered: a step that is repeated on the same facts decides the same.
 */
import { follow } from './follow-rollout.ts';
import { letCount } from './let-count.ts';
import { settling, toOutcome } from './outcome.ts';
import type { AppliedDeployment, RolloutFacts, RolloutOutcome } from './rollout-facts.ts';
import { type RolloutState, takesPlace } from './rollout-state.ts';

export function stepRollout(state: RolloutState, facts: RolloutFacts): RolloutOutcome {
  const { target, applied, lastGood } = facts;
  if (target === null) {
    return nothingYet(state, facts);
  }
  if (applied === null) {
    const revision = target.isRefused && lastGood !== null ? lastGood : target.id;
    return toOutcome(settling(facts, null), facts, { revision });
  }
  if (facts.isPaused) {
    return leaveAlone(state, facts, applied, target.id);
  }
  if (isRefused(state, target)) {
    return afterRollback(state, facts, applied);
  }
  return target.id === applied.revision
    ? follow(state, facts, applied)
    : begin(state, facts, applied, target.id);
}

type Target = NonNullable<RolloutFacts['target']>;

/** By the ControllerRevisions, or, until they can be read back, by what was just decided. */
function isRefused(state: RolloutState, target: Target): boolean {
  const isJustRefused =
    state.kind === 'rolledBack' &&
    state.revision === target.id &&
    state.updateSeen === target.updateSeen;
  return target.isRefused || isJustRefused;
}

function nothingYet(state: RolloutState, facts: RolloutFacts): RolloutOutcome {
  const isNew = state.kind !== 'idle';
  return {
    state: isNew ? { kind: 'idle', sinceMs: facts.nowMs } : state,
    plan: null,
    verdicts: [],
    events: [],
    blockedBy: 'SecretMissing',
    trouble: null,
    requeueAfterMs: null,
  };
}

/** `spec.paused`: the Deployment stays as it is, and no deadline runs. */
function leaveAlone(
  state: RolloutState,
  facts: RolloutFacts,
  applied: AppliedDeployment,
  target: string,
): RolloutOutcome {
  const { revision, replicas, isHeld, isPaused } = applied;
  const isWaiting = target !== revision || facts.replicas !== replicas;
  const paused =
    'progress' in state
      ? { ...state, progress: { ...state.progress, markAtMs: facts.nowMs } }
      : state;
  return toOutcome(paused, facts, {
    revision,
    replicas,
    isHeld,
    isPaused,
    ...(isWaiting ? { blockedBy: 'Paused' as const } : {}),
  });
}

/** The Deployment has another template than it should. */
function begin(
  state: RolloutState,
  facts: RolloutFacts,
  applied: AppliedDeployment,
  goal: string,
): RolloutOutcome {
  const isEmpty = applied.replicas === 0 && facts.pods.every((pod) => pod.isTerminating);
  if (isEmpty) {
    return toOutcome(settling(facts, null), facts, { revision: goal });
  }
  if (state.kind === 'rolling' && state.revision === goal) {
    // Decided already, and not yet seen in the Deployment.
    return toOutcome(state, facts, { revision: goal, isHeld: !state.isReleased });
  }
  if (state.kind === 'holding' && state.revision === goal) {
    // Somebody took it back in the Deployment, whose held pods would never count again.
    return toOutcome(state, facts, { revision: goal, isHeld: true });
  }
  // Going back takes no place: neither for the user, nor after somebody wrote into the Deployment.
  const isGoingBack = goal === facts.lastGood && hasPodsOf(facts, goal);
  if (!takesPlace(state) && !facts.mayStart && !isGoingBack) {
    const { revision, isHeld, isPaused } = applied;
    const waiting: RolloutState =
      state.kind === 'waiting' && state.revision === goal
        ? state
        : { kind: 'waiting', sinceMs: facts.nowMs, revision: goal };
    return toOutcome(waiting, facts, { revision, isHeld, isPaused, blockedBy: 'MaxRollouts' });
  }
  const isStopping = letCount(state, facts, applied);
  if (isStopping !== undefined) {
    return isStopping;
  }
  const isKnown = facts.pods.some((pod) => pod.revision === goal && pod.isReady);
  const isReleased = facts.holdMs === null || isKnown || goal === facts.lastGood;
  const rolling: RolloutState = {
    kind: 'rolling',
    sinceMs: facts.nowMs,
    revision: goal,
    progress: { mark: 0, markAtMs: facts.nowMs },
    continueSeen: facts.continueRequest,
    isReleased,
  };
  return toOutcome(rolling, facts, {
    revision: goal,
    isHeld: !isReleased,
    requeueAfterMs: facts.progressDeadlineMs,
    events: [
      {
        type: 'Normal',
        reason: 'RolloutStarted',
        message: `Revision ${goal} replaces ${applied.revision === '' ? 'an unknown one' : applied.revision}.`,
      },
    ],
  });
}

function hasPodsOf({ pods }: RolloutFacts, revision: string): boolean {
  return pods.some((pod) => !pod.isTerminating && pod.revision === revision);
}

/** What the spec asks for was refused; the last good revision runs, or is on its way back. */
function afterRollback(
  state: RolloutState,
  facts: RolloutFacts,
  applied: AppliedDeployment,
): RolloutOutcome {
  const revision = facts.lastGood ?? applied.revision;
  const rolledBack: RolloutState =
    state.kind === 'rolledBack'
      ? state
      : {
          kind: 'rolledBack',
          sinceMs: facts.nowMs,
          revision: facts.target?.id ?? '',
          stop: {
            pod: '',
            cause: 'RolledBack',
            message: 'an earlier rollout of it was stopped',
          },
          updateSeen: facts.target?.updateSeen ?? null,
        };
  const isStopping =
    revision === applied.revision ? undefined : letCount(rolledBack, facts, applied);
  return isStopping ?? toOutcome(rolledBack, facts, { revision, blockedBy: 'RolledBack' });
}
