/**
 * What pods read at their start from Secrets and ConfigMaps of the user. A keyed hash of it is in
 * the template, so that a change rolls exactly the pods concerned, once, and gives nothing away.
 */
import { createHmac } from 'node:crypto';
import type { PodTemplate as Overrides } from '#crds/gen/thunder-fleet.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { MountedFiles } from './mounted-files.ts';
import { childName } from './names.ts';
import { servingFiles } from './serving-template.ts';
import { transformerFiles } from './transformer-template.ts';

export interface InputReference {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly keys: readonly string[];
  /** Read again by the process itself. */
  readonly isReloaded: boolean;
}

/** The data of a Secret or ConfigMap as the API server gives it; undefined: there is none. */
export type ReadInput = (
  kind: InputReference['kind'],
  name: string,
) => Readonly<Record<string, string>> | undefined;

export interface Inputs {
  /** Null where something is missing: the pods that are there keep theirs. */
  readonly hash: string | null;
  /** `Secret kafka-user`, `key password of Secret kafka-user`. */
  readonly missing: readonly string[];
}

export function servingInputs(fleet: Fleet): InputReference[] {
  // The fleet's own Secret is ours to make.
  const files = servingFiles(fleet).filter(({ object }) => object !== childName(fleet, 'keys'));
  return referencesOf(files, fleet.spec.serving.podTemplate);
}

/** Of one transformer; none for a name that the spec does not have. */
export function transformerInputs(fleet: Fleet, name: string): InputReference[] {
  const transformer = fleet.spec.transformers.find((each) => each.name === name);
  return transformer === undefined
    ? []
    : referencesOf(transformerFiles(fleet, transformer), transformer.podTemplate);
}

/** Every Secret and ConfigMap that the fleet refers to, `Secret/name`, each once, in order. */
export function referencedObjects(fleet: Fleet): string[] {
  const all = [
    ...servingInputs(fleet),
    ...fleet.spec.transformers.flatMap(({ name }) => transformerInputs(fleet, name)),
  ];
  return [...new Set(all.map(({ kind, name }) => `${kind}/${name}`))].toSorted();
}

function referencesOf(files: readonly MountedFiles[], overrides: Overrides): InputReference[] {
  const variables = (overrides.env ?? []).flatMap(({ secret, configMap }): InputReference[] => [
    ...(secret === undefined
      ? []
      : [{ kind: 'Secret' as const, name: secret.name, keys: [secret.key], isReloaded: false }]),
    ...(configMap === undefined
      ? []
      : [
          {
            kind: 'ConfigMap' as const,
            name: configMap.name,
            keys: [configMap.key],
            isReloaded: false,
          },
        ]),
  ]);
  return [
    ...files.map(({ kind, object, keys, isReloaded }) => ({
      kind,
      name: object,
      keys,
      isReloaded,
    })),
    ...variables,
  ];
}

/** `key` is the fleet's own, random and known to the operator alone. */
export function hashInputs(
  references: readonly InputReference[],
  read: ReadInput,
  key: Uint8Array,
): Inputs {
  const missing = new Set<string>();
  const hmac = createHmac('sha256', key);
  for (const { kind, name, keys, isReloaded } of references) {
    const data = read(kind, name);
    for (const each of keys) {
      const value = data === undefined ? undefined : data[each];
      if (value === undefined) {
        missing.add(data === undefined ? `${kind} ${name}` : `key ${each} of ${kind} ${name}`);
      } else if (!isReloaded) {
        // Lengths keep one value's end from being another's beginning.
        for (const part of [kind, name, each, value]) {
          hmac.update(`${Buffer.byteLength(part)}:${part}`);
        }
      }
    }
  }
  return {
    hash: missing.size > 0 ? null : hmac.digest('hex').slice(0, 16),
    missing: [...missing],
  };
}
