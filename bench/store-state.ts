/**
 * A process that holds one store and nothing else: by how much it grew, what a full garbage
 * collection takes with it, and how long a reclaiming pass keeps everything else waiting.
 */
import { reclaimGraceSeconds } from '#node/grace-periods.ts';
import { answerParent } from './child.ts';
import type { DataFile } from './data-file.ts';
import { retentionSeconds } from './dataset.ts';
import { collectGarbage, elapsedMs } from './harness.ts';
import { readRecordFile } from './record-file.ts';
import { applierTo, fillStore, noOpTarget, storeNamed } from './stores.ts';

export interface StateQuestion {
  readonly data: DataFile;
  readonly store: string;
  readonly collections: number;
  readonly reclaimPasses: number;
}

/** Growth while the store was filled, after a collection each time. */
export interface StateAnswer {
  /** The heap, and buffers outside of it. */
  readonly heapBytes: number;
  /** What the kernel says. */
  readonly residentBytes: number;
  /** What the store says of itself. */
  readonly accountedBytes: number;
  /** Before anything was stored. */
  readonly emptyCollectionsMs: readonly number[];
  readonly collectionsMs: readonly number[];
  readonly reclaimMs: readonly number[];
  readonly reclaimedPosts: number;
}

/** A node reclaims so often unless told otherwise. */
const reclaimEverySeconds = 120;

answerParent(({ data, store: name, collections, reclaimPasses }: StateQuestion): StateAnswer => {
  // Reads everything once before, so that code and buffers of reading are not counted.
  readRecordFile(data.file, applierTo(noOpTarget, data.now));
  const collect = (): number[] =>
    Array.from({ length: collections }, () => elapsedMs(collectGarbage));
  const emptyCollectionsMs = collect();
  const before = memory();
  const { store } = fillStore(storeNamed(name), data);
  const after = memory();
  const stats = store.stats(data.now);
  const collectionsMs = collect();
  // The first posts have just expired for good; with every pass those of two minutes more have.
  let now = (stats.oldestCreatedAt ?? data.now) + retentionSeconds + reclaimGraceSeconds;
  let reclaimedPosts = 0;
  const reclaimMs = Array.from({ length: reclaimPasses }, () => {
    now += reclaimEverySeconds;
    return elapsedMs(() => {
      reclaimedPosts += store.reclaim(now).posts;
    });
  });
  return {
    heapBytes: after.heapBytes - before.heapBytes,
    residentBytes: after.residentBytes - before.residentBytes,
    accountedBytes: stats.bytesUsed,
    emptyCollectionsMs,
    collectionsMs,
    reclaimMs,
    reclaimedPosts,
  };
});

function memory(): { readonly heapBytes: number; readonly residentBytes: number } {
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, residentBytes: rss };
}
