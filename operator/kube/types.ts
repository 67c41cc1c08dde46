/**
 * The built-in kinds that operators touch most, as plain JSON: their fields are client-node's, with
 * times as the strings that they are on the wire.
 */
import type {
  CoreV1Event,
  V1ConfigMap,
  V1ControllerRevision,
  V1Deployment,
  V1EndpointSlice,
  V1Lease,
  V1Namespace,
  V1NetworkPolicy,
  V1Pod,
  V1PodDisruptionBudget,
  V1ReplicaSet,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1Service,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { defineResource, type KubeObject } from './objects.ts';

/** A vendor's class as the JSON it stands for; `_from` is its way to write `from`. */
export type Json<V> = V extends Date
  ? string
  : V extends readonly (infer Item)[]
    ? readonly Json<Item>[]
    : V extends object
      ? {
          readonly [K in keyof V as K extends `_${infer Name}` ? Name : K]:
            | Json<V[K]>
            | (undefined extends V[K] ? undefined : never);
        }
      : V;

type Kind<V> = Omit<Json<V>, keyof KubeObject> & KubeObject;

export type ConfigMap = Kind<V1ConfigMap>;
export type ControllerRevision = Kind<V1ControllerRevision>;
export type CoreEvent = Kind<CoreV1Event>;
export type Deployment = Kind<V1Deployment>;
export type EndpointSlice = Kind<V1EndpointSlice>;
export type Lease = Kind<V1Lease>;
export type Namespace = Kind<V1Namespace>;
export type NetworkPolicy = Kind<V1NetworkPolicy>;
export type Pod = Kind<V1Pod>;
export type PodDisruptionBudget = Kind<V1PodDisruptionBudget>;
export type ReplicaSet = Kind<V1ReplicaSet>;
export type Role = Kind<V1Role>;
export type RoleBinding = Kind<V1RoleBinding>;
export type Secret = Kind<V1Secret>;
export type Service = Kind<V1Service>;
export type ServiceAccount = Kind<V1ServiceAccount>;

const core = { group: '', version: 'v1' };
const apps = { group: 'apps', version: 'v1' };
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };

export const configMaps = defineResource<ConfigMap>({
  ...core,
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
});
export const coreEvents = defineResource<CoreEvent>({
  ...core,
  kind: 'Event',
  plural: 'events',
  namespaced: true,
});
export const namespaces = defineResource<Namespace>({
  ...core,
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
});
export const pods = defineResource<Pod>({
  ...core,
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
});
export const secrets = defineResource<Secret>({
  ...core,
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
});
export const services = defineResource<Service>({
  ...core,
  kind: 'Service',
  plural: 'services',
  namespaced: true,
});
export const serviceAccounts = defineResource<ServiceAccount>({
  ...core,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
});
export const controllerRevisions = defineResource<ControllerRevision>({
  ...apps,
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
});
export const deployments = defineResource<Deployment>({
  ...apps,
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
});
export const replicaSets = defineResource<ReplicaSet>({
  ...apps,
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
});
export const roles = defineResource<Role>({
  ...rbac,
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
});
export const roleBindings = defineResource<RoleBinding>({
  ...rbac,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
});
export const endpointSlices = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
});
export const leases = defineResource<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
});
export const networkPolicies = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
});
export const podDisruptionBudgets = defineResource<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
});
