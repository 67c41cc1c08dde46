/**
 * Rule Q3 for one author and one lane, to the letter: newest first, caps and budget counted one by
 * one. For requests that want every figure, and where the passes had to cut an author short.
 */
import { type AuthorLines, entriesWord, inLineMax } from '#node/store/columns/author-lines.ts';
import { addressBits } from '#node/store/columns/entry.ts';
import type { Slab } from '#node/store/columns/slab.ts';
import { scannedPerTimeline } from '../scan-limits.ts';
import { type Lanes, laneMask } from './lanes.ts';
import type { PostJudge } from './post-judge.ts';
import type { PostList } from './post-list.ts';
import type { TimeWindow } from './time-window.ts';

const countWord = 2;
const blockWord = 3;

export interface ScanContext {
  readonly lines: AuthorLines;
  readonly slab: Slab;
  readonly window: TimeWindow;
  readonly judge: PostJudge;
}

/**
 * Adds what passes to `passed`, down to that age. Entries before `from` were judged already, and
 * `passedBefore` of them passed: they only use up the budget.
 */
export function scanAuthor(
  context: ScanContext,
  lanes: Lanes,
  row: number,
  author: number,
  lane: number,
  age: number,
  from: number,
  passedBefore: number,
  passed: PostList,
): void {
  const { lines, slab, window, judge } = context;
  const { rows, arena } = lines;
  const entries = rows[row + countWord]!;
  const block = arena.wordOf(rows[row + blockWord]! >>> 5);
  const newestSpilled =
    entries > inLineMax ? block + (arena.words[block]! + entries - inLineMax - 1) * 2 : 0;
  const passedMax = lanes.passedMax[lane]!;
  let scanned = 0;
  let passes = passedBefore;
  for (let index = 0; index < entries; index += 1) {
    const isInLine = index < inLineMax;
    const source = isInLine ? rows : arena.words;
    const at = isInLine ? row + entriesWord + index * 2 : newestSpilled - (index - inLineMax) * 2;
    const word = source[at + 1]!;
    const old = (window.top - word) >>> 12;
    if (old > age) break;
    if (old < window.youngest || lanes.laneOf[word & laneMask] !== lane) continue;
    const place = slab.place(source[at]! & addressBits);
    const deletedBefore = judge.deletedFiltered;
    if (!judge.isEntry(place, word)) {
      // What was met before was counted before.
      if (index < from) judge.deletedFiltered = deletedBefore;
      continue;
    }
    scanned += 1;
    if (index >= from && judge.passes(place, word)) {
      passed.reserve(1);
      passed.addresses[passed.count] = source[at]!;
      passed.words[passed.count] = word;
      passed.owners[passed.count] = author;
      passed.places[passed.count] = place;
      passed.count += 1;
      passes += 1;
    }
    if (passes >= passedMax || scanned >= scannedPerTimeline) break;
  }
}
