/**
 * Server-side apply that writes only when something would change. It compares what the cache shows
 * of the fields we applied with what we want; where the server writes a value in its own way
 * (`1000m` becomes `1`) it remembers what came of the same intent before.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { appliedObjectsMax } from './limits.ts';
import { appliedFields, projectFields } from './managed-fields.ts';
import { type KubeObject, keyOf, type ResourceType } from './objects.ts';
import type { ApplyOptions, Intent, KubeClient } from './ports.ts';

export interface ApplierOptions {
  readonly client: Pick<KubeClient, 'apply'>;
  /** Of the client, and of the informers that `live` comes from: they keep its managed fields. */
  readonly fieldManager: string;
}

export interface Applied<T extends KubeObject> {
  readonly object: T;
  /** Whether the server changed or created it. */
  readonly changed: boolean;
}

export interface Applier {
  /**
   * Makes the object agree with the intent. `live` is what a cache shows; undefined if nothing. No
   * request is made where it agrees already: each of our fields has our value, and we own no other.
   */
  apply<T extends KubeObject>(
    type: ResourceType<T>,
    intent: Intent<T>,
    live: T | undefined,
    options?: ApplyOptions,
  ): Promise<Applied<T>>;
}

interface Memory {
  readonly uid: string | undefined;
  readonly intent: string;
  /** Of our fields and their values after the apply. */
  readonly result: string;
  /** The version that the cache showed before it: if it still does, it is behind. */
  readonly before: string | undefined;
}

export function createApplier({ client, fieldManager }: ApplierOptions): Applier {
  // The oldest is forgotten first, at the price of one request that changes nothing.
  const memories = new Map<string, Memory>();

  const agrees = (key: string, intent: Intent<KubeObject>, live: KubeObject): boolean => {
    const fields = appliedFields(live, fieldManager);
    if (fields !== undefined && isDeepStrictEqual(projectFields(live, fields), wanted(intent))) {
      return true;
    }
    const memory = memories.get(key);
    return (
      memory !== undefined &&
      memory.uid === live.metadata.uid &&
      memory.intent === digest(intent) &&
      (memory.before === live.metadata.resourceVersion ||
        memory.result === digest([fields, projectFields(live, fields ?? {})]))
    );
  };

  return {
    async apply(type, intent, live, options) {
      const key = `${type.group}/${type.plural}/${keyOf(intent)}`;
      if (live !== undefined && agrees(key, intent, live)) return { object: live, changed: false };
      const object = await client.apply(type, intent, { ...options, fieldManager });
      const fields = appliedFields(object, fieldManager);
      memories.delete(key);
      memories.set(key, {
        uid: object.metadata.uid,
        intent: digest(intent),
        result: digest([fields, projectFields(object, fields ?? {})]),
        before: live?.metadata.resourceVersion,
      });
      for (const oldest of memories.keys()) {
        if (memories.size <= appliedObjectsMax) break;
        memories.delete(oldest);
      }
      return {
        object,
        changed: object.metadata.resourceVersion !== live?.metadata.resourceVersion,
      };
    },
  };
}

/** The intent without what names the object, and without what JSON leaves out. */
function wanted(intent: Intent<KubeObject>): unknown {
  const { apiVersion: _, kind: __, metadata, ...rest } = intent;
  const { name: ___, namespace: ____, uid: _____, managedFields: ______, ...others } = metadata;
  const value = Object.keys(others).length === 0 ? rest : { ...rest, metadata: others };
  return JSON.parse(JSON.stringify(value));
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64');
}
