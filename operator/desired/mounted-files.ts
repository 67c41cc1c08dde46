/**
 * Secrets and ConfigMaps of the user as files in a pod: no value is ever a flag or a variable.
 */
import type { CertificateReference } from '#crds/gen/thunder-fleet.ts';
import type { Volume } from './kube-types.ts';

/** Readable for the group that owns the volume, which is the pod's. */
const fileMode = 0o440;
const root = '/etc/thunder';

/** One object's keys as files below one directory. */
export interface MountedFiles {
  /** Of the volume and of the directory: `kafka-ca`. */
  readonly name: string;
  readonly kind: 'Secret' | 'ConfigMap';
  readonly object: string;
  readonly keys: readonly string[];
  /** Whether the process reads them again when they change; otherwise a change rolls the pods. */
  readonly isReloaded: boolean;
}

interface KeyReference {
  readonly name: string;
  readonly key: string;
}

export function keyFile(
  name: string,
  reference: KeyReference,
  options: { readonly isReloaded: boolean; readonly kind?: 'ConfigMap' },
): MountedFiles {
  const { isReloaded, kind = 'Secret' } = options;
  return { name, kind, object: reference.name, keys: [reference.key], isReloaded };
}

export function certificateFiles(
  name: string,
  reference: CertificateReference,
  isReloaded: boolean,
): MountedFiles {
  const keys = [reference.certificateKey, reference.privateKey];
  return { name, kind: 'Secret', object: reference.name, keys, isReloaded };
}

/** Where the process finds the file of a key. */
export function filePath(files: MountedFiles, key: string): string {
  return `${root}/${files.name}/${key}`;
}

export function volumeOf(files: MountedFiles): Volume {
  const items = files.keys.map((key) => ({ key, path: key }));
  return files.kind === 'Secret'
    ? {
        name: files.name,
        secret: { secretName: files.object, items, defaultMode: fileMode },
      }
    : { name: files.name, configMap: { name: files.object, items, defaultMode: fileMode } };
}

export function mountOf(files: MountedFiles): {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly: true;
} {
  return { name: files.name, mountPath: `${root}/${files.name}`, readOnly: true };
}
