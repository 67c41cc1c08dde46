/**
 * Names, labels and owner of everything that a fleet has. All follow from the fleet's name, so that
 * selectors, which cannot be changed, never have to.
 */
import { createHash } from 'node:crypto';
import { apiVersion, names } from '#crds/thunder-fleet/crd.ts';
import type { Fleet, FleetIdentity } from '#operator/fleet/fleet.ts';
import type { KubeObject } from '#operator/kube/objects.ts';
import { deploymentNameMax, fleetNameMax } from '#operator/limits.ts';
import type { Labels, OwnMeta } from './kube-types.ts';

export const fieldManager = 'thunder-operator';

export const labelKeys = {
  fleet: 'thunder.dev/fleet',
  component: 'thunder.dev/component',
  transformer: 'thunder.dev/transformer',
  revision: 'thunder.dev/revision',
} as const;

export const annotationKeys = {
  /** On a template: a keyed hash of what its pods read at their start. */
  inputs: 'thunder.dev/inputs',
  /** On a template: when a reset of the log last rolled it. */
  resetAt: 'thunder.dev/reset-at',
  /** On a ThunderFleet. */
  continue: 'thunder.dev/continue',
  update: 'thunder.dev/update',
  /** On a ControllerRevision: `good` or `bad`. */
  verdict: 'thunder.dev/verdict',
  /** On a pod: Kubernetes' own hint of which to remove first. */
  deletionCost: 'controller.kubernetes.io/pod-deletion-cost',
} as const;

export const ports = { grpc: 50_051, admin: 8_080, snapshot: 8_081 } as const;

/** Beginnings that follow from this end are other objects' names: `-peers` is a Service of ours. */
const takenEnding = /-peers$/;

/**
 * What stands for the fleet in names and labels: its own name where that is a DNS label of at most
 * `fleetNameMax` characters, else a readable part of it and a hash.
 */
export function fleetLabel(fleet: Pick<FleetIdentity, 'name'>): string {
  return toLabel(fleet.name, fleetNameMax, takenEnding);
}

/** A DNS label (RFC 1035) of at most `lengthMax` characters: the name itself, or its beginning and a hash. */
export function toLabel(name: string, lengthMax: number, taken?: RegExp): string {
  const isFit = /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= lengthMax;
  if (isFit && taken?.test(name) !== true) {
    return name;
  }
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]*/, '')
    .slice(0, lengthMax - 9)
    .replace(/-+$/, '');
  return `${readable === '' ? 'f' : readable}-${hashOf(name)}`;
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}

/** The name of one of the fleet's objects. */
export function childName(
  fleet: Pick<FleetIdentity, 'name'>,
  role: 'client' | 'peers' | 'serving' | 'transformers' | 'keys' | 'pods',
): string {
  const label = fleetLabel(fleet);
  return role === 'client' || role === 'pods' ? label : `${label}-${role}`;
}

/** The Deployment of a transformer. Hashed always: fleet `a-b` with `c` and fleet `a` with `b-c` differ. */
export function transformerName(fleet: Pick<FleetIdentity, 'name'>, transformer: string): string {
  const readable = `${fleetLabel(fleet)}-${transformer}`
    .slice(0, deploymentNameMax - 9)
    .replace(/-+$/, '');
  return `${readable}-${hashOf(`${fleet.name}/${transformer}`)}`;
}

/** The serving pods of a fleet, also what `status.selector` says. */
export function servingSelector(fleet: Pick<FleetIdentity, 'name'>): Labels {
  return { [labelKeys.fleet]: fleetLabel(fleet), [labelKeys.component]: 'serving' };
}

/** All transformers of a fleet, or one of them. */
export function transformerSelector(
  fleet: Pick<FleetIdentity, 'name'>,
  transformer?: string,
): Labels {
  return {
    [labelKeys.fleet]: fleetLabel(fleet),
    [labelKeys.component]: 'transformer',
    ...(transformer === undefined ? {} : { [labelKeys.transformer]: transformer }),
  };
}

/** As a query: `a=b,c=d`. */
export function selectorText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** Metadata of an object of the fleet; it goes when the fleet goes. */
export function ownMeta(fleet: Fleet, name: string, labels: Labels = {}): OwnMeta {
  return {
    name,
    namespace: fleet.namespace,
    labels: {
      'app.kubernetes.io/name': 'thunder',
      'app.kubernetes.io/instance': fleetLabel(fleet),
      'app.kubernetes.io/managed-by': fieldManager,
      [labelKeys.fleet]: fleetLabel(fleet),
      ...labels,
    },
    ownerReferences: [
      {
        apiVersion,
        kind: names.kind,
        name: fleet.name,
        uid: fleet.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}

/**
 * Whether an object is the fleet's own. One that is not must not be touched, whatever its name:
 * a user may have had a Secret by that name before.
 */
export function isOwnedBy(object: KubeObject, fleet: Pick<FleetIdentity, 'uid'>): boolean {
  return (
    object.metadata.ownerReferences?.some(
      (owner) => owner.controller === true && owner.uid === fleet.uid,
    ) === true
  );
}
