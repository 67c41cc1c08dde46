/**
 * From what is seen of a transformer's pods to what they should be. Pure: the pass applies it.
 */
import type { Transformer } from '#crds/gen/thunder-fleet.ts';
import { type Choice, chooseRevision } from '#operator/desired/choose-revision.ts';
import { transformerDeployment } from '#operator/desired/deployments.ts';
import { type Inputs, transformerInputs } from '#operator/desired/inputs.ts';
import type { Deployment } from '#operator/desired/kube-types.ts';
import { annotationKeys } from '#operator/desired/names.ts';
import { type Revision, transformerShape } from '#operator/desired/revision.ts';
import { transformerTemplate } from '#operator/desired/transformer-template.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import { withTarget } from './reconcile-serving.ts';
import type { PodFacts } from './rollout/pod-facts.ts';
import type { AppliedDeployment } from './rollout/rollout-facts.ts';
import type { TransformerFacts } from './status/fleet-facts.ts';

export interface TransformerView {
  readonly fleet: Fleet;
  readonly transformer: Transformer;
  readonly defaultImage: string;
  readonly applied: AppliedDeployment | null;
  readonly revisions: readonly Revision[];
  readonly pods: readonly PodFacts[];
  readonly lagEvents: number | null;
  readonly hash: (references: ReturnType<typeof transformerInputs>) => Inputs;
}

export interface TransformerDecision {
  readonly inputs: Inputs;
  readonly choice: Choice;
  readonly revisions: readonly Revision[];
  /** Null: there is to be none yet, or it is left as it is. */
  readonly deployment: Deployment | null;
  readonly facts: TransformerFacts;
}

export function decideTransformer(view: TransformerView): TransformerDecision {
  const { fleet, transformer, applied, revisions } = view;
  const inputs = view.hash(transformerInputs(fleet, transformer.name));
  const choice = chooseRevision({
    base: transformerTemplate(fleet, transformer, view.defaultImage),
    shape: transformerShape(fleet, transformer),
    stamps: { inputs: inputs.hash, resetAt: null },
    revisions,
    applied: revisions.find(({ id }) => id === applied?.revision) ?? null,
    updateRequest: fleet.annotations[annotationKeys.update] ?? null,
  });
  const { target } = choice;
  const isLeftAlone = target === null || (fleet.spec.paused && applied !== null);
  return {
    inputs,
    choice,
    revisions: withTarget(revisions, target),
    deployment: isLeftAlone ? null : transformerDeployment(fleet, transformer, target),
    facts: factsOf(view, target),
  };
}

function factsOf(view: TransformerView, target: Revision | null): TransformerFacts {
  const { name, replicas } = view.transformer;
  const pods = view.pods.filter((pod) => !pod.isTerminating);
  const bad = pods.find(({ problem }) => problem !== null);
  const isOfTarget = (pod: PodFacts): boolean => pod.revision === target?.id;
  return {
    name,
    replicas,
    ready: pods.filter(({ isReady }) => isReady).length,
    isUpdated: pods.length === replicas && pods.every(isOfTarget),
    lagEvents: view.lagEvents,
    trouble:
      bad === undefined
        ? null
        : {
            pod: bad.name,
            cause: bad.problem?.cause ?? '',
            message: bad.problem?.message ?? '',
          },
  };
}
