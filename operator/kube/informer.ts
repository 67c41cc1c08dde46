/** A cache of one type of object that follows the server, and tells what changed. */

import { resyncMs } from './limits.ts';
import type { IndexBy } from './object-cache.ts';
import { ObjectCache } from './object-cache.ts';
import { type KubeObject, keyOf, type ResourceType } from './objects.ts';
import type { Change, Informer, WatchEvent } from './ports.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

export interface InformerOptions<T extends KubeObject> extends ReflectorOptions<T> {
  /** For `byIndex`. */
  readonly indexes?: Readonly<Record<string, IndexBy<T>>> | undefined;
  /**
   * What is kept of each object; must leave its name, uid and version. Default: everything but the
   * managed fields of others than `fieldManager`, which are often half of an object.
   */
  readonly keep?: ((object: T) => T) | undefined;
  /** Whose managed fields are kept, for an applier; default nobody's. */
  readonly fieldManager?: string | undefined;
  /** How often every object is handed to the listeners again; 0 for never. */
  readonly resyncMs?: number | undefined;
}

export function createInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  return new CachingInformer(options);
}

class CachingInformer<T extends KubeObject> implements Informer<T> {
  readonly type: ResourceType<T>;
  readonly #options: InformerOptions<T>;
  readonly #cache: ObjectCache<T>;
  readonly #keep: (object: T) => T;
  readonly #listeners = new Set<(change: Change<T>) => void>();
  readonly #synced = Promise.withResolvers<void>();
  readonly #ending = new AbortController();
  #hasSynced = false;
  /** Objects that the metric knows of. */
  #counted = 0;
  #running: Promise<void> | undefined;
  #cancelResync: (() => void) | undefined;

  constructor(options: InformerOptions<T>) {
    this.type = options.type;
    this.#options = options;
    this.#cache = new ObjectCache(options.indexes);
    this.#keep = options.keep ?? ((object) => keepManagedFieldsOf(object, options.fieldManager));
    // Nobody may be waiting when it is stopped before its first list.
    this.#synced.promise.catch(() => undefined);
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get size(): number {
    return this.#cache.size;
  }

  async whenSynced(signal?: AbortSignal): Promise<void> {
    if (this.#hasSynced) return;
    signal?.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#synced.promise, promise]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  get(key: string): T | undefined {
    return this.#cache.get(key);
  }

  list(): readonly T[] {
    return this.#cache.values();
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#cache.byIndex(index, value);
  }

  byOwner(uid: string): readonly T[] {
    return this.#cache.byOwner(uid);
  }

  byLabels(labels: Readonly<Record<string, string>>): readonly T[] {
    return this.#cache.byLabels(labels);
  }

  onChange(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#running !== undefined || this.#ending.signal.aborted) return;
    const reflector = new Reflector(this.#options, {
      replace: (items) => this.#replace(items),
      change: (event) => this.#change(event),
    });
    this.#running = reflector.run(this.#ending.signal);
    this.#scheduleResync();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#cancelResync?.();
    this.#synced.reject(new Error(`the informer of ${this.type.plural} was stopped`));
    await this.#running;
    this.#listeners.clear();
  }

  #replace(items: readonly T[]): void {
    const gone = new Set(this.#cache.keys());
    for (const item of items) {
      gone.delete(keyOf(item));
      this.#put(item, 'list');
    }
    for (const key of gone) this.#remove(key, 'list');
    if (!this.#hasSynced) {
      this.#hasSynced = true;
      this.#synced.resolve();
    }
  }

  #change({ type, object }: Exclude<WatchEvent<T>, { readonly type: 'BOOKMARK' }>): void {
    if (type === 'DELETED') this.#remove(keyOf(object), 'watch');
    else this.#put(object, 'watch');
  }

  #put(object: T, cause: 'list' | 'watch'): void {
    const key = keyOf(object);
    const { uid, resourceVersion } = object.metadata;
    const known = this.#cache.get(key)?.metadata;
    if (known?.uid === uid && known?.resourceVersion === resourceVersion) return;
    const after = this.#keep(object);
    const before = this.#cache.put(after);
    this.#tell({ key, before, after, cause });
  }

  #remove(key: string, cause: 'list' | 'watch'): void {
    const before = this.#cache.remove(key);
    if (before !== undefined) this.#tell({ key, before, after: undefined, cause });
  }

  #tell(change: Change<T>): void {
    // Several caches may hold one type, each of another namespace.
    this.#options.metrics.cachedObjects.add(this.#cache.size - this.#counted, this.type.plural);
    this.#counted = this.#cache.size;
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        // A bug of the listener. It must neither stop the cache nor go unseen.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #scheduleResync(): void {
    const { clock, random } = this.#options;
    const periodMs = this.#options.resyncMs ?? resyncMs;
    if (periodMs === 0) return;
    this.#cancelResync = clock.setTimer(periodMs * (0.9 + 0.2 * random()), () => {
      for (const object of this.#cache.values()) {
        this.#tell({ key: keyOf(object), before: object, after: object, cause: 'resync' });
      }
      this.#scheduleResync();
    });
  }
}

function keepManagedFieldsOf<T extends KubeObject>(object: T, manager: string | undefined): T {
  const { managedFields, ...metadata } = object.metadata;
  const kept = managedFields?.filter((entry) => entry.manager === manager) ?? [];
  return {
    ...object,
    metadata: kept.length === 0 ? metadata : { ...metadata, managedFields: kept },
  };
}
