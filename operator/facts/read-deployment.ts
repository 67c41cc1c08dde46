/**
 * A Deployment as a rollout sees it.
 */
import { labelKeys } from '#operator/desired/names.ts';
import { controllerOf } from '#operator/kube/objects.ts';
import type { Deployment, ReplicaSet } from '#operator/kube/types.ts';
import { heldMinReadySeconds } from '#operator/limits.ts';
import type { AppliedDeployment } from '#operator/rollout/rollout-facts.ts';

/** Kubernetes' own. */
const sizedForAnnotation = 'deployment.kubernetes.io/desired-replicas';

/** Null for one that is not there, or on its way out. `replicaSets` may be of any Deployment. */
export function readDeployment(
  deployment: Deployment | undefined,
  replicaSets: readonly ReplicaSet[],
): AppliedDeployment | null {
  const { spec, status, metadata } = deployment ?? {};
  if (spec === undefined || metadata === undefined || metadata.deletionTimestamp !== undefined) {
    return null;
  }
  const failure = status?.conditions?.find(
    (each) => each.type === 'ReplicaFailure' && each.status === 'True',
  );
  return {
    revision: spec.template.metadata?.labels?.[labelKeys.revision] ?? '',
    replicas: spec.replicas ?? 1,
    isHeld: spec.minReadySeconds === heldMinReadySeconds,
    isPaused: spec.paused === true,
    available: status?.availableReplicas ?? 0,
    replicaSets: replicaSets
      .filter((set) => controllerOf(set)?.uid === metadata.uid)
      .map((set) => ({
        revision: set.metadata.labels?.[labelKeys.revision] ?? '',
        replicas: Math.max(set.spec?.replicas ?? 0, set.status?.replicas ?? 0),
        available: set.status?.availableReplicas ?? 0,
        size: set.spec?.replicas ?? 0,
        sizedFor: Number(set.metadata.annotations?.[sizedForAnnotation] ?? spec.replicas),
      }))
      .filter(({ replicas }) => replicas > 0),
    isObserved: (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0),
    createFailure: failure?.message ?? null,
  };
}
