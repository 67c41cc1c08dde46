/**
 * Rule Q3 for one author and one lane, to the letter: newest first, caps and budget counted one by
 * one. For requests that want every figure, and where the passes had to cut an author short.
 */
import { addressBits } from '#node/store/columns/entry.ts';
import type { SlabView } from '#node/store/columns/slab-view.ts';
import { scannedPerTimeline } from '../scan-limits.ts';
import type { AuthorEntries } from './author-entries.ts';
import { type Lanes, laneMask } from './lanes.ts';
import type { PostJudge } from './post-judge.ts';
import type { PostList } from './post-list.ts';
import type { TimeWindow } from './time-window.ts';

/** Adds what passes of one author's entries to `passed`. */
export function scanAuthor(
  entries: AuthorEntries,
  slab: SlabView,
  window: TimeWindow,
  judge: PostJudge,
  lanes: Lanes,
  author: number,
  lane: number,
  passed: PostList,
): void {
  const passedMax = lanes.passedMax[lane]!;
  let scanned = 0;
  let passes = 0;
  for (let index = 0; index < entries.count; index += 1) {
    if (passes >= passedMax || scanned >= scannedPerTimeline) return;
    const word = entries.words[index]!;
    const old = (window.top - word) >>> 12;
    if (old < window.youngest || lanes.laneOf[word & laneMask] !== lane) continue;
    const place = slab.place(entries.addresses[index]! & addressBits);
    if (!judge.isEntry(place, word)) continue;
    scanned += 1;
    if (judge.passes(place, word)) {
      passed.reserve(1);
      passed.addresses[passed.count] = entries.addresses[index]!;
      passed.words[passed.count] = word;
      passed.owners[passed.count] = author;
      passed.places[passed.count] = place;
      passed.count += 1;
      passes += 1;
    }
  }
}
