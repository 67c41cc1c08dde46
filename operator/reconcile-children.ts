/**
 * Making the API server's objects agree with what a fleet should have, and writing nothing where
 * they do. An object that somebody else owns is left alone, whatever its name.
 */
import { fieldManager, isOwnedBy } from '#operator/desired/names.ts';
import type { FleetIdentity } from '#operator/fleet/fleet.ts';
import type { Applier } from '#operator/kube/applier.ts';
import { appliedFields } from '#operator/kube/managed-fields.ts';
import { controllerOf, type KubeObject, keyOf, type ResourceType } from '#operator/kube/objects.ts';
import type { KubeClient } from '#operator/kube/ports.ts';
import type { Caches } from './facts/caches.ts';
import { childTypeOf } from './facts/resource-types.ts';

export interface ChildrenOptions {
  readonly client: KubeClient;
  readonly applier: Applier;
  readonly caches: Caches;
  readonly fleet: FleetIdentity;
  readonly signal: AbortSignal;
}

/** The name is taken: the fleet cannot be made as its spec says. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';
}

export class Children {
  readonly #options: ChildrenOptions;
  #writes = 0;

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  /** Objects that were changed so far. */
  get writes(): number {
    return this.#writes;
  }

  /** The object as the caches show it or, where they show none, as the server has it. */
  async find(reference: Reference): Promise<KubeObject | undefined> {
    const { client, caches, fleet, signal } = this.#options;
    const type = childTypeOf(reference);
    const ref = { namespace: fleet.namespace, name: reference.name };
    return caches.viewOf(type).get(keyOf(ref)) ?? (await client.get(type, ref, { signal }));
  }

  /** Throws `NameTakenError`. Answers the object as it is now. */
  async apply(object: KubeObject): Promise<KubeObject> {
    const { applier, caches, signal } = this.#options;
    const { apiVersion, kind, metadata } = object;
    const type = childTypeOf(object);
    const live = await this.find({ apiVersion, kind, name: metadata.name });
    if (live !== undefined) {
      this.#assertOurs(type, live);
    }
    const written = caches.viewOf(type).beginWrite(keyOf(object));
    const applied = await applier.apply(type, object, live, { signal });
    if (applied.changed) {
      this.#writes += 1;
      written(applied.object);
    }
    return applied.object;
  }

  /** Deletes it if it is there and ours. */
  async remove(reference: Reference): Promise<void> {
    const { client, caches, fleet, signal } = this.#options;
    const type = childTypeOf(reference);
    const ref = { namespace: fleet.namespace, name: reference.name };
    // What was made is labelled, so that the cache shows it.
    const live = caches.viewOf(type).get(keyOf(ref));
    const isGoing = live?.metadata.deletionTimestamp !== undefined;
    if (live === undefined || isGoing || !isOurs(live, fleet)) {
      return;
    }
    const { uid } = live.metadata;
    if (await client.delete(type, ref, { preconditions: { uid }, signal })) {
      this.#writes += 1;
    }
  }

  #assertOurs(type: ResourceType, live: KubeObject): void {
    const { fleet } = this.#options;
    const { name, deletionTimestamp } = live.metadata;
    if (!isOurs(live, fleet)) {
      const owner = controllerOf(live);
      const whose = owner === undefined ? 'somebody else' : `${owner.kind} ${owner.name}`;
      throw new NameTakenError(
        `${type.kind} ${name} is there already and belongs to ${whose}: remove it, or give the fleet another name`,
      );
    }
    if (deletionTimestamp !== undefined) {
      throw new NameTakenError(
        `${type.kind} ${name} is being deleted, and is made anew after that`,
      );
    }
  }
}

interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** Also one that we made and whose owner was taken off by hand: it gets it back. */
function isOurs(object: KubeObject, fleet: FleetIdentity): boolean {
  return (
    isOwnedBy(object, fleet) ||
    (controllerOf(object) === undefined && appliedFields(object, fieldManager) !== undefined)
  );
}
