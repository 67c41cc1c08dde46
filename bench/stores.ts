/**
 * The stores that are measured, each with its query: the one that serves, and the one that reads like
 * the rules.
 */
import { createEventApplier } from '#node/ingest/apply-event.ts';
import type { EventTarget } from '#node/ingest/event-target.ts';
import { createColumnarQuery } from '#node/query/columns/columnar-query.ts';
import { defaultQueryLimits, type QueryEngine } from '#node/query/query-engine.ts';
import { ColumnarStore } from '#node/store/columns/columnar-store.ts';
import type { PostStore, StoreOptions } from '#node/store/post-store.ts';
import { createSimpleQuery } from '#test/oracle/simple-query.ts';
import { SimpleStore } from '#test/oracle/simple-store.ts';
import type { DataFile } from './data-file.ts';
import { retentionSeconds } from './dataset.ts';
import { type RecordVisitor, readRecordFile } from './record-file.ts';

export interface FilledStore {
  readonly store: PostStore;
  readonly engine: QueryEngine;
}

export interface StoreKind {
  readonly name: string;
  create(options: StoreOptions): FilledStore;
}

/** What the other is held against. */
export const referenceStore: StoreKind = {
  name: 'simple',
  create(options) {
    const store = new SimpleStore(options);
    const engine = createSimpleQuery(store, {
      limits: defaultQueryLimits,
      blockedAuthors: () => new Set<bigint>(),
      strictLimits: false,
    });
    return { store, engine };
  },
};

/** What serves. */
export const columnarStore: StoreKind = {
  name: 'columnar',
  create(options) {
    const store = new ColumnarStore(options);
    const engine = createColumnarQuery(store, {
      limits: defaultQueryLimits,
      blockedAuthors: () => nobody,
      strictLimits: false,
    });
    return { store, engine };
  },
};

const nobody: ReadonlySet<bigint> = new Set();

export const storeKinds: readonly StoreKind[] = [referenceStore, columnarStore];

/**
 * More would not fit: a post takes half a kilobyte of the JavaScript heap, which Node.js bounds at
 * 4 GB by default, and the maps of such a store end at 2^23 entries.
 */
export const referencePostsMax = 2_000_000;

/** Throws for a name that none has. */
export function storeNamed(name: string): StoreKind {
  const kind = storeKinds.find((known) => known.name === name);
  if (kind === undefined) throw new Error(`no store ${name}`);
  return kind;
}

/** Room for this many posts, so that none is ever evicted. */
export function createStore(kind: StoreKind, posts: number): FilledStore {
  return kind.create({
    retentionSeconds,
    maxFutureSkewSeconds: 300,
    postsMax: posts + 1,
    tombstonesMax: posts + 1,
  });
}

/** A new store with the posts of a file. Throws when it does not hold every post. */
export function fillStore(
  kind: StoreKind,
  { file, posts, now }: Pick<DataFile, 'file' | 'posts' | 'now'>,
  room = posts,
): FilledStore {
  const filled = createStore(kind, room);
  readRecordFile(file, applierTo(filled.store, now));
  const held = filled.store.stats(now).posts;
  if (held !== posts) throw new Error(`${kind.name} holds ${held} of ${posts} posts`);
  return filled;
}

/** A function that decodes and applies one record to the store at `now`, as ingest does. */
export function applierTo(target: EventTarget, now: number): RecordVisitor {
  const applier = createEventApplier({ target, retentionSeconds });
  return (bytes, start, end, timestampMs) => applier.apply(bytes, start, end, timestampMs, now);
}

/** Takes every event and keeps none: what is left is what ingest itself costs. */
export const noOpTarget: EventTarget = {
  create: () => 'stored',
  delete: () => 'stored',
};
