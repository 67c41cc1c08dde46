/**
 * A ThunderFleet as the operator works with it: defaults applied, checked, and who it is.
 */
import type { ThunderFleetSpec, ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import { applyDefaults } from '#crds/schema/apply-defaults.ts';
import { isJsonObject, type Json } from '#crds/schema/json.ts';
import { type Problem, validate } from '#crds/schema/validate.ts';
import { thunderFleetSpec } from '#crds/thunder-fleet/spec.ts';
import type { KubeObject } from '#operator/kube/objects.ts';
import { inOrder } from './canonical.ts';
import { checkFleet } from './check-fleet.ts';

/** Who a fleet is, whatever its spec says. */
export interface FleetIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Counts changes of the spec. */
  readonly generation: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly isDeleting: boolean;
}

export interface Fleet extends FleetIdentity {
  readonly spec: ThunderFleetSpec;
}

/** A ThunderFleet as it is stored: nothing about its spec is sure. */
export interface StoredFleet extends KubeObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** What the operator has written there, as the schema of the CRD has let it in. */
export function statusOf({ status }: StoredFleet): ThunderFleetStatus | undefined {
  // oxlint-disable-next-line no-unsafe-type-assertion -- only the operator writes it
  return status as ThunderFleetStatus | undefined;
}

export type ParsedFleet =
  | { readonly ok: true; readonly fleet: Fleet }
  | { readonly ok: false; readonly identity: FleetIdentity; readonly problems: readonly Problem[] };

/**
 * Checks everything that the API server does, for objects that were stored before a rule existed,
 * and what its rules cannot express. Throws only for an object without namespace or uid, which the
 * API server never hands out.
 */
export function parseFleet(stored: StoredFleet): ParsedFleet {
  const identity = identityOf(stored);
  const spec = withDefaults(stored.spec);
  const problems = validate(thunderFleetSpec, spec, 'spec');
  if (problems.length > 0) {
    return { ok: false, identity, problems };
  }
  // oxlint-disable-next-line no-unsafe-type-assertion -- validated by the schema that the type comes from
  const fleet: Fleet = { ...identity, spec: spec as unknown as ThunderFleetSpec };
  const beyond = checkFleet(fleet.spec);
  return beyond.length > 0 ? { ok: false, identity, problems: beyond } : { ok: true, fleet };
}

/** A spec of any age with today's defaults, its keys in order: what is made of it is then always the same. */
export function withDefaults(spec: unknown): Json {
  return inOrder(applyDefaults(thunderFleetSpec, isJsonObject(spec) ? spec : {}));
}

export function identityOf(stored: StoredFleet): FleetIdentity {
  const { name, namespace, uid, generation, annotations, deletionTimestamp } = stored.metadata;
  if (namespace === undefined || uid === undefined) {
    throw new TypeError(`ThunderFleet ${name} has no namespace or no uid`);
  }
  return {
    name,
    namespace,
    uid,
    generation: generation ?? 0,
    annotations: annotations ?? {},
    isDeleting: deletionTimestamp !== undefined,
  };
}
