/**
 * The stores that are measured, each with its query. The first is the one that reads like the rules;
 * another is added here and appears beside it in every bench that fills a store.
 */
import type { EncodedRecord } from '#cli/generator/event-encoder.ts';
import { createEventApplier } from '#node/ingest/apply-event.ts';
import { createColumnarQuery } from '#node/query/columns/columnar-query.ts';
import { defaultQueryLimits, type QueryEngine } from '#node/query/query-engine.ts';
import { ColumnarStore } from '#node/store/columns/columnar-store.ts';
import type { PostStore, StoreOptions } from '#node/store/post-store.ts';
import { createSimpleQuery } from '#test/oracle/simple-query.ts';
import { SimpleStore } from '#test/oracle/simple-store.ts';
import { retentionSeconds } from './dataset.ts';

export interface FilledStore {
  readonly store: PostStore;
  readonly engine: QueryEngine;
}

export interface StoreKind {
  readonly name: string;
  create(options: StoreOptions): FilledStore;
}

/** What the others are held against. */
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

const columnarStore: StoreKind = {
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

/** Room for this many posts, so that none is ever evicted. */
export function createStore(kind: StoreKind, posts: number): FilledStore {
  return kind.create({
    retentionSeconds,
    maxFutureSkewSeconds: 300,
    postsMax: posts + 1,
    tombstonesMax: posts + 1,
  });
}

/** A function that decodes and applies one record to the store at `now`, as ingest does. */
export function applierTo(
  target: Pick<PostStore, 'create' | 'delete'>,
  now: number,
): (record: Pick<EncodedRecord, 'value' | 'timestampMs'>) => void {
  const applier = createEventApplier({ target, retentionSeconds });
  return ({ value, timestampMs }) => applier.apply(value, 0, value.length, timestampMs, now);
}

/** Takes every event and keeps none: what is left is what ingest itself costs. */
export const noOpTarget: Pick<PostStore, 'create' | 'delete'> = {
  create: () => 'stored',
  delete: () => 'stored',
};
