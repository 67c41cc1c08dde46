/**
 * The operator's rights as manifests, made of `rules.ts`: `cli/node operator/rbac/manifests.ts`
 * writes them beside this, a part of `npm run gen`.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { toYaml } from '#crds/generate/to-yaml.ts';
import type { Json, JsonObject } from '#crds/schema/json.ts';
import { fleetRules, ownRules, type Rule } from './rules.ts';

const name = 'thunder-operator';
const operatorNamespace = 'thunder-system';
const labels = { 'app.kubernetes.io/name': name };
const api = 'rbac.authorization.k8s.io';

/** File name to text. */
export function rbacManifests(): ReadonlyMap<string, string> {
  const common = [
    account(),
    role('Role', `${name}-leases`, ownRules, operatorNamespace),
    binding('RoleBinding', 'Role', `${name}-leases`, operatorNamespace),
  ];
  return new Map([
    [
      'cluster-wide.yaml',
      text('For fleets in all namespaces.', [
        ...common,
        role('ClusterRole', name, fleetRules),
        binding('ClusterRoleBinding', 'ClusterRole', name),
      ]),
    ],
    [
      'namespaced.yaml',
      text(
        'For fleets in the namespace feeds only: the last two once for each namespace of --watch-namespaces.',
        [
          ...common,
          role('Role', name, fleetRules, 'feeds'),
          binding('RoleBinding', 'Role', name, 'feeds'),
        ],
      ),
    ],
  ]);
}

function text(note: string, objects: readonly JsonObject[]): string {
  const head = `# Written by \`npm run gen\` from operator/rbac/rules.ts. ${note}\n`;
  return head + objects.map((object) => toYaml(object)).join('---\n');
}

function meta(ownName: string, namespace: string | undefined): JsonObject {
  return { name: ownName, ...(namespace === undefined ? {} : { namespace }), labels };
}

function account(): JsonObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(name, operatorNamespace) };
}

function role(
  kind: 'Role' | 'ClusterRole',
  ownName: string,
  rules: readonly Rule[],
  namespace?: string,
): JsonObject {
  return {
    apiVersion: `${api}/v1`,
    kind,
    metadata: meta(ownName, namespace),
    rules: rules.map(
      ({ group, resources, verbs }): Json => ({ apiGroups: [group], resources, verbs }),
    ),
  };
}

function binding(
  kind: 'RoleBinding' | 'ClusterRoleBinding',
  roleKind: 'Role' | 'ClusterRole',
  ownName: string,
  namespace?: string,
): JsonObject {
  return {
    apiVersion: `${api}/v1`,
    kind,
    metadata: meta(ownName, namespace),
    roleRef: { apiGroup: api, kind: roleKind, name: ownName },
    subjects: [{ kind: 'ServiceAccount', name, namespace: operatorNamespace }],
  };
}

if (import.meta.main) {
  for (const [file, content] of rbacManifests()) {
    writeFileSync(path.join(import.meta.dirname, file), content);
  }
}
