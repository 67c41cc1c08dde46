/**
 * From what is seen of a fleet's serving pods to what they should be. Pure: the pass applies it.
 */
import { parseDuration } from '#crds/schema/duration.ts';
import { type Choice, chooseRevision, isRefused } from '#operator/desired/choose-revision.ts';
import { servingDeployment, stepsOf } from '#operator/desired/deployments.ts';
import { type Inputs, servingInputs } from '#operator/desired/inputs.ts';
import type { Deployment } from '#operator/desired/kube-types.ts';
import { annotationKeys } from '#operator/desired/names.ts';
import { type Revision, servingShape } from '#operator/desired/revision.ts';
import { servingTemplate } from '#operator/desired/serving-template.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import { applyVerdicts, lastGoodOf } from './rollout/apply-verdicts.ts';
import type { PodFacts } from './rollout/pod-facts.ts';
import { type ResetRoll, resetRoll } from './rollout/reset-roll.ts';
import type { AppliedDeployment, RolloutFacts, RolloutOutcome } from './rollout/rollout-facts.ts';
import type { RolloutState } from './rollout/rollout-state.ts';
import { stepRollout } from './rollout/step-rollout.ts';

export interface ServingView {
  readonly nowMs: number;
  readonly fleet: Fleet;
  readonly defaultImage: string;
  readonly state: RolloutState;
  readonly applied: AppliedDeployment | null;
  /** All that are kept for the Deployment. */
  readonly revisions: readonly Revision[];
  readonly pods: readonly PodFacts[];
  readonly isKafkaAway: boolean;
  /** Keyed hash of the Secrets and ConfigMaps that the pods read. */
  readonly hash: (references: ReturnType<typeof servingInputs>) => Inputs;
  /** Takes one of the places for rollouts if there is one; asked at most once. */
  readonly mayStart: (wantsToRoll: boolean) => boolean;
}

export interface ServingDecision {
  readonly inputs: Inputs;
  readonly choice: Choice;
  readonly outcome: RolloutOutcome;
  readonly reset: ResetRoll;
  /** As they are to be kept, the target among them. */
  readonly revisions: readonly Revision[];
  readonly lastGood: string | null;
  /** Null: there is to be none yet, or it is left as it is. */
  readonly deployment: Deployment | null;
}

export function decideServing(view: ServingView): ServingDecision {
  const { fleet, applied, revisions, pods, nowMs } = view;
  const appliedRevision = revisions.find(({ id }) => id === applied?.revision) ?? null;
  const resetAt = appliedRevision?.stamps.resetAt ?? null;
  const reset = resetRoll(pods, { revision: applied?.revision ?? '', resetAt }, nowMs);
  // A roll that was decided on and waits keeps its stamp: it is one roll, however often it is looked at.
  const pendingAt = reset.reason === null ? undefined : pendingReset(revisions, resetAt);
  const inputs = view.hash(servingInputs(fleet));
  const choice = chooseRevision({
    base: servingTemplate(fleet, view.defaultImage),
    shape: servingShape(fleet),
    stamps: { inputs: inputs.hash, resetAt: pendingAt ?? reset.resetAt },
    revisions,
    applied: appliedRevision,
    updateRequest: fleet.annotations[annotationKeys.update] ?? null,
  });
  const known = withTarget(revisions, choice.target);
  const outcome = stepRollout(view.state, rolloutFacts(view, choice));
  const judged = applyVerdicts(known, outcome.verdicts);
  const { plan } = outcome;
  const planned = judged.find(({ id }) => id === plan?.revision);
  return {
    inputs,
    choice,
    outcome,
    reset,
    revisions: judged,
    lastGood: lastGoodOf(judged),
    deployment:
      plan === null || planned === undefined ? null : servingDeployment(fleet, planned, plan),
  };
}

/** The newest stamp that the pods do not have yet. */
function pendingReset(
  revisions: readonly Revision[],
  appliedAt: string | null,
): string | undefined {
  return revisions
    .map(({ stamps }) => stamps.resetAt ?? '')
    .filter((resetAt) => resetAt > (appliedAt ?? ''))
    .toSorted()
    .at(-1);
}

/** The revisions with the chosen one as it is now. */
export function withTarget(revisions: readonly Revision[], target: Revision | null): Revision[] {
  return target === null
    ? [...revisions]
    : [...revisions.filter(({ id }) => id !== target.id), target];
}

function rolloutFacts(view: ServingView, choice: Choice): RolloutFacts {
  const { fleet, applied, revisions, pods, nowMs } = view;
  const { spec, annotations } = fleet;
  const { rollout, serving, paused } = spec;
  const { target } = choice;
  const wantsToRoll = applied !== null && target !== null && target.id !== applied.revision;
  return {
    nowMs,
    replicas: serving.replicas,
    ...stepsOf(rollout, serving.replicas),
    progressDeadlineMs: parseDuration(rollout.progressDeadline) ?? 0,
    autoRollback: rollout.autoRollback,
    holdMs:
      rollout.holdAfterFirst === undefined ? null : (parseDuration(rollout.holdAfterFirst) ?? 0),
    isPaused: paused,
    continueRequest: annotations[annotationKeys.continue] ?? null,
    target:
      target === null
        ? null
        : {
            id: target.id,
            isRefused: isRefused(target, revisions),
            updateSeen: target.updateSeen,
          },
    isMissingInputs: choice.isMissingInputs,
    lastGood: lastGoodOf(revisions),
    applied,
    pods,
    mayStart: view.mayStart(wantsToRoll && !paused),
    isKafkaAway: view.isKafkaAway,
  };
}
