/**
 * The kinds of objects that the operator watches or makes, by `apiVersion` and `kind`.
 */
import { names } from '#crds/thunder-fleet/crd.ts';
import type { StoredFleet } from '#operator/fleet/fleet.ts';
import {
  apiVersionOf,
  defineResource,
  type KubeObject,
  type ResourceType,
} from '#operator/kube/objects.ts';
import {
  controllerRevisions,
  deployments,
  networkPolicies,
  podDisruptionBudgets,
  secrets,
  serviceAccounts,
  services,
} from '#operator/kube/types.ts';

export const thunderFleets = defineResource<StoredFleet>({
  group: names.group,
  version: names.version,
  kind: names.kind,
  plural: names.plural,
  namespaced: true,
});

/** Of the Prometheus operator; only where the cluster has it. */
export const podMonitors = defineResource<KubeObject>({
  group: 'monitoring.coreos.com',
  version: 'v1',
  kind: 'PodMonitor',
  plural: 'podmonitors',
  namespaced: true,
});

export const customResourceDefinitions = defineResource<KubeObject>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
});

/** What a fleet has. */
export const childTypes: readonly ResourceType[] = [
  serviceAccounts,
  secrets,
  services,
  podDisruptionBudgets,
  networkPolicies,
  podMonitors,
  controllerRevisions,
  deployments,
];

/** Throws for a kind that the operator does not make: that is a bug. */
export function childTypeOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>): ResourceType {
  const found = childTypes.find(
    (type) => type.kind === object.kind && apiVersionOf(type) === object.apiVersion,
  );
  if (found === undefined) {
    throw new Error(`the operator makes no ${object.apiVersion} ${object.kind}`);
  }
  return found;
}
