/**
 * Steps while the Deployment has the template that it should have: pods come up and replace others,
 * wait for a look, stop, or are all there.
 */
import { judgePods } from './judge-pods.ts';
import { letCount } from './let-count.ts';
import { settling, toOutcome } from './outcome.ts';
import type { AppliedDeployment, RolloutFacts, RolloutOutcome } from './rollout-facts.ts';
import type { Progress, RolloutState, Stop } from './rollout-state.ts';
import { safeReplicas } from './scale-guard.ts';

/** The Deployment has the right template: is every pod of it, and well? */
export function follow(
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
  // This stops nothing, it only says who does not come up; an address that is wrong from the first
  // day looks like a Kafka that is away.
  const judged = judgePods(before?.progress ?? null, { ...facts, isKafkaAway: false }, applied);
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
    // Where no pod was made none can be bad, and of a paused Deployment none would ever be made.
    isPaused: stop.pod !== '',
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
