/**
 * One type of object, as the caches of the watched namespaces show it, with our own latest writes
 * on top: a pass never decides on what the pass before it has already changed.
 */
import { writtenMsMax } from '#operator/bounds.ts';
import { type KubeObject, keyOf, type ResourceType } from '#operator/kube/objects.ts';
import type { Change, Clock, Informer } from '#operator/kube/ports.ts';

/** Key of the only informer where all namespaces are watched. */
export const allNamespaces = '';

interface Written<T> {
  readonly object: T;
  /** The version that the cache showed before the write: as long as it does, it is behind. */
  readonly before: string | undefined;
  readonly atMs: number;
}

export class View<T extends KubeObject> {
  readonly type: ResourceType<T>;
  readonly #informers: ReadonlyMap<string, Informer<T>>;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** At most one for each object; gone as soon as the cache moves on. */
  readonly #written = new Map<string, Written<T>>();

  /** By namespace, or one for all under `allNamespaces`. */
  constructor(
    type: ResourceType<T>,
    informers: ReadonlyMap<string, Informer<T>>,
    clock: Pick<Clock, 'monotonicMs'>,
  ) {
    this.type = type;
    this.#informers = informers;
    this.#clock = clock;
    this.onChange(({ key, after, cause }) => {
      const isSeen = cause !== 'resync' && !this.#isAhead(this.#written.get(key), after);
      if (isSeen) {
        this.#written.delete(key);
      }
    });
  }

  get informers(): Informer<T>[] {
    return [...this.#informers.values()];
  }

  /** By `namespace/name`. */
  get(key: string): T | undefined {
    const cached = this.#informerOf(namespaceOf(key))?.get(key);
    return this.#newest(key, cached);
  }

  list(): T[] {
    const cached = this.informers.flatMap((informer) => informer.list());
    return this.#withWritten(cached, () => true);
  }

  /** Objects of a namespace with all of these labels. */
  byLabels(namespace: string, labels: Readonly<Record<string, string>>): T[] {
    const found = this.#informerOf(namespace)?.byLabels(labels) ?? [];
    const isHere = (object: T): boolean => object.metadata.namespace === namespace;
    return this.#withWritten(
      found.filter(isHere),
      (object) =>
        isHere(object) &&
        Object.entries(labels).every(([name, value]) => object.metadata.labels?.[name] === value),
    );
  }

  /** Objects with this uid among their owners. */
  byOwner(uid: string): T[] {
    return this.#withWritten(
      this.informers.flatMap((informer) => informer.byOwner(uid)),
      ({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true,
    );
  }

  byIndex(index: string, value: string): T[] {
    return this.informers.flatMap((informer) => informer.byIndex(index, value));
  }

  onChange(listener: (change: Change<T>) => void): () => void {
    const ends = this.informers.map((informer) => informer.onChange(listener));
    return () => {
      for (const end of ends) {
        end();
      }
    };
  }

  /**
   * Before a write of ours; what it answers is to be called with what the server answered. A cache
   * that has moved meanwhile is believed: it may show our write already, or what came after it.
   */
  beginWrite(key: string): (object: T) => void {
    const versionNow = (): string | undefined =>
      this.#informerOf(namespaceOf(key))?.get(key)?.metadata.resourceVersion;
    const before = versionNow();
    return (object) => {
      if (versionNow() === before && object.metadata.resourceVersion !== before) {
        this.#written.set(key, { object, before, atMs: this.#clock.monotonicMs() });
      }
    };
  }

  #informerOf(namespace: string): Informer<T> | undefined {
    return this.#informers.get(namespace) ?? this.#informers.get(allNamespaces);
  }

  #newest(key: string, cached: T | undefined): T | undefined {
    const written = this.#written.get(key);
    return written !== undefined && this.#isAhead(written, cached) ? written.object : cached;
  }

  #withWritten(cached: readonly T[], isMatch: (object: T) => boolean): T[] {
    const byKey = new Map(cached.map((object) => [keyOf(object), object]));
    for (const key of this.#written.keys()) {
      const newest = this.get(key);
      if (newest !== undefined && isMatch(newest)) {
        byKey.set(key, newest);
      }
    }
    return Array.from(byKey, ([key, object]) => this.#newest(key, object) ?? object);
  }

  /** An object that was made and deleted while no watch was open never shows: hence the limit. */
  #isAhead(written: Written<T> | undefined, cached: T | undefined): boolean {
    return (
      written !== undefined &&
      written.before === cached?.metadata.resourceVersion &&
      this.#clock.monotonicMs() - written.atMs < writtenMsMax
    );
  }
}

function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')));
}
