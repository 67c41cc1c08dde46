/**
 * Objects by key, with indexes: owner, label and whatever the user adds. What is put in is frozen,
 * for everybody gets the same object.
 */
import { type KubeObject, keyOf } from './objects.ts';

/** The values under which an object is found in an index. */
export type IndexBy<T extends KubeObject> = (object: T) => readonly string[];

export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #owners = new Index<T>((object) =>
    (object.metadata.ownerReferences ?? []).map(({ uid }) => uid),
  );
  readonly #labels = new Index<T>((object) =>
    Object.entries(object.metadata.labels ?? {}).map(([name, value]) => `${name}=${value}`),
  );
  readonly #indexes: ReadonlyMap<string, Index<T>>;

  constructor(indexes: Readonly<Record<string, IndexBy<T>>> = {}) {
    this.#indexes = new Map(Object.entries(indexes).map(([name, by]) => [name, new Index(by)]));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): T[] {
    return [...this.#objects.values()];
  }

  keys(): string[] {
    return [...this.#objects.keys()];
  }

  /** Answers what was there before. */
  put(object: T): T | undefined {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    deepFreeze(object);
    this.#objects.set(key, object);
    for (const index of this.#all()) index.move(key, before, object);
    return before;
  }

  /** Answers what was removed. */
  remove(key: string): T | undefined {
    const before = this.#objects.get(key);
    this.#objects.delete(key);
    for (const index of this.#all()) index.move(key, before, undefined);
    return before;
  }

  byOwner(uid: string): T[] {
    return this.#owners.find(uid);
  }

  byLabels(labels: Readonly<Record<string, string>>): T[] {
    const [first, ...others] = Object.entries(labels);
    if (first === undefined) return this.values();
    return this.#labels
      .find(`${first[0]}=${first[1]}`)
      .filter((object) =>
        others.every(([name, value]) => object.metadata.labels?.[name] === value),
      );
  }

  /** Throws when there is no such index: a bug of the caller. */
  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`there is no index called ${name}`);
    return index.find(value);
  }

  *#all(): Generator<Index<T>> {
    yield this.#owners;
    yield this.#labels;
    yield* this.#indexes.values();
  }
}

class Index<T extends KubeObject> {
  readonly #by: IndexBy<T>;
  readonly #found = new Map<string, Map<string, T>>();

  constructor(by: IndexBy<T>) {
    this.#by = by;
  }

  find(value: string): T[] {
    return [...(this.#found.get(value)?.values() ?? [])];
  }

  move(key: string, before: T | undefined, after: T | undefined): void {
    for (const value of before === undefined ? [] : this.#by(before)) {
      const found = this.#found.get(value);
      found?.delete(key);
      if (found?.size === 0) this.#found.delete(value);
    }
    for (const value of after === undefined ? [] : this.#by(after)) {
      let found = this.#found.get(value);
      if (found === undefined) {
        found = new Map();
        this.#found.set(value, found);
      }
      if (after !== undefined) found.set(key, after);
    }
  }
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}
