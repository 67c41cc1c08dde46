/**
 * What the pods run as. They never talk to the API server, so no token is made.
 */
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { ServiceAccount } from './kube-types.ts';
import { childName, ownMeta } from './names.ts';

export function serviceAccount(fleet: Fleet): ServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: ownMeta(fleet, childName(fleet, 'pods')),
    automountServiceAccountToken: false,
  };
}
