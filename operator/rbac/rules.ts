/**
 * Every right that the operator uses, and no other. The manifests beside this are made of it, and at
 * its start the operator asks whether it has them.
 */
export interface Rule {
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** It works without: the cluster may not even have the type. */
  readonly isOptional?: true;
}

const read = ['get', 'list', 'watch'] as const;
/** Server-side apply is a patch; of an object that is not there, also a create. */
const keep = [...read, 'create', 'patch', 'delete'] as const;

/** In every namespace with fleets. */
export const fleetRules: readonly Rule[] = [
  { group: 'thunder.dev', resources: ['thunderfleets'], verbs: [...read, 'patch'] },
  { group: 'thunder.dev', resources: ['thunderfleets/status'], verbs: ['patch'] },
  // Owners that block their owners' deletion have to be ours to finalize.
  { group: 'thunder.dev', resources: ['thunderfleets/finalizers'], verbs: ['update'] },
  { group: 'apps', resources: ['deployments', 'controllerrevisions'], verbs: keep },
  { group: 'apps', resources: ['replicasets'], verbs: read },
  { group: '', resources: ['services', 'serviceaccounts', 'secrets'], verbs: keep },
  { group: '', resources: ['configmaps'], verbs: read },
  { group: '', resources: ['pods'], verbs: [...read, 'patch'] },
  { group: 'policy', resources: ['poddisruptionbudgets'], verbs: keep },
  { group: 'networking.k8s.io', resources: ['networkpolicies'], verbs: keep },
  { group: 'events.k8s.io', resources: ['events'], verbs: ['create', 'patch'] },
  { group: 'monitoring.coreos.com', resources: ['podmonitors'], verbs: keep, isOptional: true },
];

/** In the operator's own namespace. */
export const ownRules: readonly Rule[] = [
  { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['get', 'create', 'update'] },
];
