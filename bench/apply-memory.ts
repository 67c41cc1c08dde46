/**
 * A process that holds one store and nothing else, and says by how much it grew.
 */
import { answerParent } from './child.ts';
import { collectGarbage } from './harness.ts';
import { readRecordFile } from './record-file.ts';
import { applierTo, createStore, noOpTarget, storeKinds } from './stores.ts';

export interface MemoryQuestion {
  /** Of `writeRecordFile`. */
  readonly file: string;
  readonly store: string;
  readonly posts: number;
  readonly now: number;
}

/** Growth while the store was filled, after a collection each time. */
export interface MemoryAnswer {
  readonly posts: number;
  /** The heap, and buffers outside of it. */
  readonly heapBytes: number;
  /** What the kernel says. */
  readonly residentBytes: number;
  /** What the store says of itself. */
  readonly accountedBytes: number;
}

answerParent(({ file, store: name, posts, now }: MemoryQuestion): MemoryAnswer => {
  const kind = storeKinds.find((known) => known.name === name);
  if (kind === undefined) throw new Error(`no store ${name}`);
  // Reads everything once before, so that code and buffers of reading are not counted.
  readRecordFile(file, applierTo(noOpTarget, now));
  const before = memory();
  const { store } = createStore(kind, posts);
  readRecordFile(file, applierTo(store, now));
  const after = memory();
  const stats = store.stats(now);
  return {
    posts: stats.posts,
    heapBytes: after.heapBytes - before.heapBytes,
    residentBytes: after.residentBytes - before.residentBytes,
    accountedBytes: stats.bytesUsed,
  };
});

function memory(): { readonly heapBytes: number; readonly residentBytes: number } {
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, residentBytes: rss };
}
