/**
 * What is kept of Secrets and ConfigMaps: of the fleets' own everything, of the users' digests of
 * their values. That tells changes, and a dump of the operator's memory tells nothing.
 */
import { createHash } from 'node:crypto';
import { fieldManager } from '#operator/desired/names.ts';
import type { ConfigMap, Secret } from '#operator/kube/types.ts';

const managedBy = 'app.kubernetes.io/managed-by';

/** Types of Secrets that no fleet can refer to, and that fill caches: releases, tokens. */
export const secretFieldSelector =
  'type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token,type!=bootstrap.kubernetes.io/token';

export function keepSecret(secret: Secret): Secret {
  const { managedFields, ...metadata } = secret.metadata;
  const isOurs = metadata.labels?.[managedBy] === fieldManager;
  if (!isOurs) {
    return { ...secret, metadata, data: digests(secret.data) };
  }
  const kept = managedFields?.filter((entry) => entry.manager === fieldManager) ?? [];
  return { ...secret, metadata: { ...metadata, managedFields: kept } };
}

export function keepConfigMap(configMap: ConfigMap): ConfigMap {
  const { managedFields: _, ...metadata } = configMap.metadata;
  const { binaryData, ...rest } = configMap;
  return { ...rest, metadata, data: digests({ ...configMap.data, ...binaryData }) };
}

function digests(data: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([name, value]) => [
      name,
      createHash('sha256').update(value).digest('base64'),
    ]),
  );
}
