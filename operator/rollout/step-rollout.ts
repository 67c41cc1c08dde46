/**
 * One step of a fleet's rollout: what was remembered and what is seen now give what the Deployment
 * should be. Kubernetes replaces the pods; this decides which template it works on, and when it has
 * to stop.
 *
 * Level-triggered: a step that is repeated on the same facts decides the same.
 */
import { minReadySeconds } from '#operator/limits.ts';
import { judgePods } from './judge-pods.ts';
import type { AppliedDeployment, RolloutFacts, RolloutOutcome } from './rollout-facts.ts';
import { type Progress, type RolloutState, type Stop, takesPlace } from './rollout-state.ts';
import { safeReplicas } from './scale-guard.ts';

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

type Decided = Partial<Omit<RolloutOutcome, 'state' | 'plan'>> & {
  readonly revision: string;
  readonly replicas?: number;
  readonly isHeld?: boolean;
  readonly isPaused?: boolean;
};

/** Fills in what a decision says nothing about. */
function toOutcome(state: RolloutState, facts: RolloutFacts, decided: Decided): RolloutOutcome {
  const { revision, isHeld = false, isPaused = false, ...rest } = decided;
  const replicas = decided.replicas ?? safeReplicas(facts);
  const isGuarded = decided.replicas === undefined && replicas > facts.replicas;
  return {
    state,
    plan: { revision, replicas, isHeld, isPaused },
    verdicts: rest.verdicts ?? [],
    events: rest.events ?? [],
    blockedBy:
      rest.blockedBy ??
      (isGuarded ? 'LastCaughtUpPod' : facts.isMissingInputs ? 'SecretMissing' : null),
    trouble: rest.trouble ?? null,
    requeueAfterMs: rest.requeueAfterMs ?? null,
  };
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
  if (!takesPlace(state) && !facts.mayStart) {
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

/**
 * Before a template that was held is left, its pods have to count again: Kubernetes removes first
 * what it does not count on, and they may be the last that answer. Undefined once they do.
 */
function letCount(
  state: RolloutState,
  facts: RolloutFacts,
  applied: AppliedDeployment,
): RolloutOutcome | undefined {
  const { revision, isHeld, isPaused, isObserved, available } = applied;
  const ready = facts.pods.filter((pod) => pod.isReady);
  const isCounted = isObserved && available >= ready.length;
  const isOfIt = ready.some((pod) => pod.revision === revision);
  return isHeld || (isPaused && isOfIt && !isCounted)
    ? toOutcome(state, facts, {
        revision,
        isPaused: true,
        requeueAfterMs: minReadySeconds * 1_000,
      })
    : undefined;
}

/** The Deployment has the right template: is every pod of it, and well? */
function follow(
  state: RolloutState,
  facts: RolloutFacts,
  applied: AppliedDeployment,
): RolloutOutcome {
  const { revision } = applied;
  const pods = facts.pods.filter((pod) => !pod.isTerminating);
  const isMixed = pods.some((pod) => pod.revision !== revision);
  const isComplete =
    applied.isObserved &&
    !isMixed &&
    pods.length === safeReplicas(facts) &&
    pods.every((pod) => pod.isReady && pod.problem === null);
  if (isComplete) {
    return complete(state, facts, revision, pods.length);
  }
  // Not proven yet, and there is something to go back to: still a rollout, also without old pods.
  const isUnproven = facts.lastGood !== null && facts.lastGood !== revision;
  if (isMixed || isUnproven) {
    return roll(rollingOf(state, facts, applied), facts, applied);
  }
  const before = state.kind === 'settling' ? state : null;
  const judged = judgePods(before?.progress ?? null, facts, applied);
  return toOutcome(settling(facts, before, judged.progress), facts, {
    revision,
    trouble: judged.stop,
    requeueAfterMs: judged.deadlineInMs,
  });
}

function complete(
  state: RolloutState,
  facts: RolloutFacts,
  revision: string,
  pods: number,
): RolloutOutcome {
  const isNews = state.kind !== 'idle';
  const isProof = pods > 0 && facts.lastGood !== revision;
  const message = `All ${pods} pods run revision ${revision} and are caught up.`;
  return toOutcome(isNews ? { kind: 'idle', sinceMs: facts.nowMs } : state, facts, {
    revision,
    verdicts: isProof ? [{ revision, verdict: 'good' }] : [],
    events: isNews && pods > 0 ? [{ type: 'Normal', reason: 'CaughtUp', message }] : [],
  });
}

function settling(
  facts: RolloutFacts,
  before: Extract<RolloutState, { kind: 'settling' }> | null,
  progress: Progress = { mark: 0, markAtMs: facts.nowMs },
): RolloutState {
  return { kind: 'settling', sinceMs: before?.sinceMs ?? facts.nowMs, progress };
}

type Rolling = Extract<RolloutState, { kind: 'rolling' | 'holding' | 'halted' }>;

/** The state of this very rollout, or one that begins now because nothing is remembered of it. */
function rollingOf(
  state: RolloutState,
  facts: RolloutFacts,
  { revision, isHeld }: AppliedDeployment,
): Rolling {
  const isOfIt =
    (state.kind === 'rolling' || state.kind === 'holding' || state.kind === 'halted') &&
    state.revision === revision;
  return isOfIt
    ? state
    : {
        kind: 'rolling',
        sinceMs: facts.nowMs,
        revision,
        progress: { mark: 0, markAtMs: facts.nowMs },
        continueSeen: facts.continueRequest,
        isReleased: facts.holdMs === null || !isHeld,
      };
}

/** Pods of two revisions: go on, wait for a look, stop, or go on after a stop. */
function roll(state: Rolling, facts: RolloutFacts, applied: AppliedDeployment): RolloutOutcome {
  const { revision } = applied;
  const { nowMs, holdMs, continueRequest } = facts;
  const before = state.kind === 'holding' ? null : state.progress;
  const judged = judgePods(before, facts, applied);
  if (state.kind === 'halted') {
    const isMended = judged.stop === null && (judged.hasMoved || judged.areNewPodsReady);
    if (!isMended) {
      return stopRollout(state, facts, applied, {
        stop: newerStop(state.stop, judged.stop),
        progress: judged.progress,
      });
    }
  } else if (judged.stop !== null) {
    return stopRollout(state, facts, applied, { stop: judged.stop, progress: judged.progress });
  }
  const isAsked = continueRequest !== null && continueRequest !== state.continueSeen;
  const isOver =
    holdMs === null || isAsked || (state.kind === 'holding' && nowMs - state.sinceMs >= holdMs);
  const isReleased = state.kind === 'holding' ? isOver : state.isReleased || isOver;
  if (!isReleased && judged.hasReadyPod) {
    const sinceMs = state.kind === 'holding' ? state.sinceMs : nowMs;
    const { continueSeen } = state;
    return toOutcome({ kind: 'holding', sinceMs, revision, continueSeen }, facts, {
      revision,
      isHeld: true,
      blockedBy: 'HoldAfterFirst',
      requeueAfterMs: Math.max(0, sinceMs + (holdMs ?? 0) - nowMs),
    });
  }
  const isSame = state.kind === 'rolling';
  const next: RolloutState = {
    kind: 'rolling',
    sinceMs: isSame ? state.sinceMs : nowMs,
    revision,
    // After a wait or a stop the deadline begins anew.
    progress: isSame ? judged.progress : { mark: judged.progress.mark, markAtMs: nowMs },
    continueSeen: state.continueSeen,
    isReleased,
  };
  return toOutcome(next, facts, {
    revision,
    isHeld: !isReleased,
    requeueAfterMs: isSame ? judged.deadlineInMs : facts.progressDeadlineMs,
  });
}

/** Another pod or cause is news; the same one in other words is not. */
function newerStop(known: Stop, seen: Stop | null): Stop {
  return seen === null || (seen.pod === known.pod && seen.cause === known.cause) ? known : seen;
}

/** Halts, or goes back to the last good revision. */
function stopRollout(
  state: Rolling,
  facts: RolloutFacts,
  applied: AppliedDeployment,
  { stop, progress }: { readonly stop: Stop; readonly progress: Progress },
): RolloutOutcome {
  const { revision } = state;
  const { lastGood, nowMs } = facts;
  const cause = stop.pod === '' ? stop.message : `pod ${stop.pod}: ${stop.message}`;
  if (facts.autoRollback && lastGood !== null && lastGood !== revision) {
    const isStopping = letCount(state, facts, applied);
    if (isStopping !== undefined) {
      return isStopping;
    }
    const updateSeen = facts.target?.updateSeen ?? null;
    const rolledBack: RolloutState = {
      kind: 'rolledBack',
      sinceMs: nowMs,
      revision,
      stop,
      updateSeen,
    };
    return toOutcome(rolledBack, facts, {
      revision: lastGood,
      verdicts: [{ revision, verdict: 'bad' }],
      blockedBy: 'RolledBack',
      trouble: stop,
      events: [
        {
          type: 'Warning',
          reason: 'RolledBack',
          message: `Back to revision ${lastGood} from ${revision}: ${stop.cause}, ${cause}`,
        },
      ],
    });
  }
  const wasHalted = state.kind === 'halted';
  const halted: RolloutState = {
    kind: 'halted',
    sinceMs: wasHalted ? state.sinceMs : nowMs,
    revision,
    // What was reached when it stopped: only more than that is a sign of mending.
    progress: wasHalted ? state.progress : progress,
    stop,
    continueSeen: state.continueSeen,
    isReleased: state.kind === 'holding' ? false : state.isReleased,
  };
  return toOutcome(halted, facts, {
    revision,
    isHeld: !halted.isReleased,
    isPaused: true,
    blockedBy: 'RolloutHalted',
    trouble: stop,
    events: wasHalted
      ? []
      : [
          {
            type: 'Warning',
            reason: 'RolloutHalted',
            message: `Revision ${revision}: ${stop.cause}, ${cause}`,
          },
        ],
  });
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
