/**
 * The times of a request. An entry's age is counted from a moment that no stored post is newer than,
 * so it is never negative, whatever `now` is: posts from the future have ages below `youngest`,
 * expired ones above `oldest` (S2).
 */
import type { ColumnarStore } from '#node/store/columns/columnar-store.ts';
import { topOf } from '#node/store/columns/entry.ts';

export class TimeWindow {
  /** For `secondsBefore` of entry.ts. */
  top = 0;
  /** Ages of live posts, seconds, both ends included. Nothing is live when they cross. */
  youngest = 0;
  oldest = 0;

  reset(store: ColumnarStore, now: number): void {
    const { oldestBound, newestBound, options } = store;
    this.top = topOf(newestBound);
    this.youngest = Math.max(0, newestBound - (now + options.maxFutureSkewSeconds));
    this.oldest = Math.min(
      newestBound - (now - options.retentionSeconds),
      newestBound - oldestBound,
    );
  }
}
