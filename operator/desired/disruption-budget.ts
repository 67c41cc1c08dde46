/**
 * Drains take one serving pod at a time, and never wait for one that is unhealthy.
 */
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { PodDisruptionBudget } from './kube-types.ts';
import { childName, ownMeta, servingSelector } from './names.ts';

export function disruptionBudget(fleet: Fleet): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: ownMeta(fleet, childName(fleet, 'serving')),
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: servingSelector(fleet) },
    },
  };
}
