/**
 * Everything that a fleet has, besides Deployments and ControllerRevisions, which a rollout decides:
 * the object, or null where there must be none.
 */
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { KubeObject } from '#operator/kube/objects.ts';
import { disruptionBudget } from './disruption-budget.ts';
import { childName } from './names.ts';
import { servingNetworkPolicy, transformersNetworkPolicy } from './network-policy.ts';
import { podMonitor } from './pod-monitor.ts';
import { serviceAccount } from './service-account.ts';
import { clientService, peersService } from './services.ts';
import { keySecret } from './snapshot-key.ts';

export interface FleetObjectOptions {
  readonly operatorNamespace: string;
  /** Whether the cluster knows PodMonitors. */
  readonly hasPodMonitors: boolean;
  /** Data of the fleet's Secret as it is, base64; empty before there is one. */
  readonly keys: Readonly<Record<string, string>>;
  /** Fresh bytes for keys that are missing. */
  readonly random: (bytes: number) => Uint8Array;
}

export interface DesiredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly object: KubeObject | null;
}

/** In the order in which they are applied: what pods need comes first. */
export function fleetObjects(fleet: Fleet, options: FleetObjectOptions): DesiredObject[] {
  const { keys, random, hasPodMonitors } = options;
  return [
    there(serviceAccount(fleet)),
    there(keySecret(fleet, keys, random)),
    there(clientService(fleet)),
    maybe('v1', 'Service', childName(fleet, 'peers'), peersService(fleet)),
    there(disruptionBudget(fleet)),
    maybe(
      'networking.k8s.io/v1',
      'NetworkPolicy',
      childName(fleet, 'serving'),
      servingNetworkPolicy(fleet, options),
    ),
    maybe(
      'networking.k8s.io/v1',
      'NetworkPolicy',
      childName(fleet, 'transformers'),
      transformersNetworkPolicy(fleet, options),
    ),
    ...(hasPodMonitors ? [there(podMonitor(fleet))] : []),
  ];
}

function there(object: KubeObject): DesiredObject {
  return maybe(object.apiVersion, object.kind, object.metadata.name, object);
}

function maybe(
  apiVersion: string,
  kind: string,
  name: string,
  object: KubeObject | null,
): DesiredObject {
  return { apiVersion, kind, name, object };
}
