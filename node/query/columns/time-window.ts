/**
 * The times of a request. An entry's age is counted from a moment that no stored post is newer than,
 * so it is never negative, whatever `now` is: posts from the future have ages below `youngest`,
 * expired ones above `oldest` (S2).
 */
import { timeSpanSeconds, topOf } from '#node/store/columns/entry.ts';
import type { StoreView } from '#node/store/columns/store-view.ts';

export class TimeWindow {
  /** For `secondsBefore` of entry.ts. */
  top = 0;
  /** Ages of live posts, seconds, both ends included. Nothing is live when they cross. */
  youngest = 0;
  oldest = 0;
  #timeTop = 0;

  reset(view: StoreView, now: number): void {
    const { options, timeTop } = view;
    this.top = topOf(timeTop);
    this.youngest = Math.max(0, timeTop - (now + options.maxFutureSkewSeconds));
    this.oldest = Math.min(timeTop - (now - options.retentionSeconds), timeSpanSeconds - 1);
    this.#timeTop = timeTop;
  }

  /** Whether a post that came meanwhile may be newer than all that ages are counted from. */
  isOutgrown(view: StoreView): boolean {
    return view.mayHaveNewerThan(this.#timeTop);
  }
}
