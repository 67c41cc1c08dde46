/**
 * The Deployments: Kubernetes' own engine replaces pods, also while the operator is down.
 */
import type { Transformer } from '#crds/gen/thunder-fleet.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import {
  heldMinReadySeconds,
  minReadySeconds,
  noProgressDeadlineSeconds,
  replicaSetHistory,
} from '#operator/limits.ts';
import type { Deployment, Labels } from './kube-types.ts';
import {
  childName,
  ownMeta,
  servingSelector,
  transformerName,
  transformerSelector,
} from './names.ts';
import { type Revision, stampedTemplate } from './revision.ts';

/** What a rollout has decided about the Deployment. */
export interface DeploymentPlan {
  readonly replicas: number;
  /** New pods do not count as available until further notice: the wait after the first one. */
  readonly isHeld: boolean;
  /** Kubernetes replaces no more pods; it still keeps their number. */
  readonly isPaused: boolean;
}

/**
 * Surge and unavailability as Kubernetes gets them: at least one pod always stays, however few
 * there are, and at least one can always be replaced.
 */
export function stepsOf(
  rollout: { readonly maxSurge: number; readonly maxUnavailable: number },
  replicas: number,
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const maxUnavailable = Math.min(rollout.maxUnavailable, Math.max(0, replicas - 1));
  const maxSurge = maxUnavailable === 0 ? Math.max(1, rollout.maxSurge) : rollout.maxSurge;
  return { maxSurge, maxUnavailable };
}

export function servingDeployment(
  fleet: Fleet,
  revision: Revision,
  plan: DeploymentPlan,
): Deployment {
  return deployment(fleet, childName(fleet, 'serving'), servingSelector(fleet), revision, {
    ...plan,
    ...stepsOf(fleet.spec.rollout, plan.replicas),
  });
}

/** Transformers hold nothing: a new one is there before an old one goes, and that is all. */
export function transformerDeployment(
  fleet: Fleet,
  transformer: Transformer,
  revision: Revision,
): Deployment {
  const selector = transformerSelector(fleet, transformer.name);
  return deployment(fleet, transformerName(fleet, transformer.name), selector, revision, {
    replicas: transformer.replicas,
    isHeld: false,
    isPaused: false,
    maxSurge: 1,
    maxUnavailable: 0,
  });
}

function deployment(
  fleet: Fleet,
  name: string,
  selector: Labels,
  revision: Revision,
  plan: DeploymentPlan & { readonly maxSurge: number; readonly maxUnavailable: number },
): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: ownMeta(fleet, name, selector),
    spec: {
      replicas: plan.replicas,
      minReadySeconds: plan.isHeld ? heldMinReadySeconds : minReadySeconds,
      paused: plan.isPaused,
      progressDeadlineSeconds: noProgressDeadlineSeconds,
      revisionHistoryLimit: replicaSetHistory,
      selector: { matchLabels: selector },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: plan.maxSurge, maxUnavailable: plan.maxUnavailable },
      },
      template: stampedTemplate(revision),
    },
  };
}
