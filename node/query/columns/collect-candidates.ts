/**
 * The first passes of a query: over the lines of the followed authors, to the entries that are worth
 * a look at their records. Nothing here touches the slab.
 */
import { type AuthorLines, entriesWord, inLineMax } from '#node/store/columns/author-lines.ts';
import { conversationHash } from '#node/store/columns/entry.ts';
import { scannedPerTimeline } from '../scan-limits.ts';
import { type AgeHistogram, binOf } from './age-histogram.ts';
import type { Follows } from './follows.ts';
import { type Lanes, laneMask, noLane } from './lanes.ts';
import type { PostList } from './post-list.ts';
import type { TimeWindow } from './time-window.ts';

/** Authors between two questions whether to stop. */
const authorsPerStretch = 64;
const countWord = 2;
const blockWord = 3;

/**
 * Authors whose newest post is young enough, and what of their posts was taken. Where a lane was cut
 * short, because more posts than its cap allows were taken or the scan budget may be used up, the
 * place is kept at which a scan would have to go on, should some of those that were taken not pass.
 */
export class AuthorList {
  rows = new Int32Array(64);
  /** Place of the author among those followed. */
  follows = new Int32Array(64);
  /** For each author and lane: the index of the entry to go on from; -1 when all were taken. */
  resumeFrom = new Int32Array(128);
  /** For each author and lane: the age of that entry. */
  resumeAge = new Int32Array(128);
  count = 0;
  /** Authors with a lane that was cut short. */
  cut = new Int32Array(64);
  cutCount = 0;

  reset(countMax: number): void {
    if (this.rows.length < countMax) {
      this.rows = new Int32Array(countMax * 2);
      this.follows = new Int32Array(countMax * 2);
      this.cut = new Int32Array(countMax * 2);
      this.resumeFrom = new Int32Array(countMax * 4);
      this.resumeAge = new Int32Array(countMax * 4);
    }
    this.count = 0;
    this.cutCount = 0;
  }
}

/**
 * Counts the ages of the entries in the lines of the followed authors. Who has more than the line
 * holds is supposed to have posted on at the same pace, up to the caps.
 */
export function countInLine(
  lines: AuthorLines,
  follows: Follows,
  window: TimeWindow,
  lanes: Lanes,
  histogram: AgeHistogram,
): void {
  const { rows: table } = lines;
  const { rows, rowCount } = follows;
  const { mayPass, passedMax } = lanes;
  const { bins } = histogram;
  const { top, youngest } = window;
  const linesUntilCaps = (passedMax[0] + passedMax[1]) / inLineMax;
  for (let author = 0; author < rowCount; author += 1) {
    const row = rows[author]!;
    const count = table[row + countWord]!;
    let at = row + entriesWord + 1;
    let counted = 0;
    let age = 0;
    for (let index = 0; index < inLineMax; index += 1, at += 2) {
      const word = table[at]!;
      const signed = ((top - word) >>> 12) - youngest;
      // Posts from the future count as new.
      age = signed & ~(signed >> 31);
      const bin = binOf(age);
      // 1 for an entry that is there and may pass.
      const one = mayPass[word & laneMask]! & ((index - count) >>> 31);
      bins[bin] = bins[bin]! + one;
      counted += one;
    }
    if (count > inLineMax) {
      histogram.suppose(counted / (age + 1), age, age * linesUntilCaps);
    }
  }
}

/** Keeps the authors whose newest post is of this age or younger. */
export function keepAuthors(
  lines: AuthorLines,
  follows: Follows,
  window: TimeWindow,
  age: number,
  authors: AuthorList,
): void {
  const { rows: table } = lines;
  const { rows, places, rowCount } = follows;
  authors.reset(rowCount + 1);
  const kept = authors.rows;
  const keptPlaces = authors.follows;
  const { top } = window;
  let count = 0;
  for (let author = 0; author < rowCount; author += 1) {
    const row = rows[author]!;
    kept[count] = row;
    keptPlaces[count] = places[author]!;
    // Without a branch: half of them go, and no processor can guess which.
    count += (((top - table[row + entriesWord + 1]!) >>> 12) - age - 1) >>> 31;
  }
  authors.count = count;
}

/**
 * Takes the entries of those authors up to that age which may pass, newest first. Answers the index of
 * the author at whom it was told to stop, or -1.
 */
export function takeEntries(
  lines: AuthorLines,
  follows: Follows,
  window: TimeWindow,
  lanes: Lanes,
  age: number,
  authors: AuthorList,
  list: PostList,
  shouldStop: (() => boolean) | null,
): number {
  const { rows: table } = lines;
  const { mayPass } = lanes;
  const { top, youngest } = window;
  const { rows } = authors;
  list.count = 0;
  authors.cutCount = 0;
  for (let author = 0; author < authors.count; author += 1) {
    if (shouldStop !== null && author % authorsPerStretch === 0 && shouldStop()) {
      return author;
    }
    const row = rows[author]!;
    const entries = table[row + countWord]!;
    list.reserve(inLineMax);
    const { addresses, words, owners } = list;
    let count = list.count;
    const inLine = entries < inLineMax ? entries : inLineMax;
    let at = row + entriesWord;
    let index = 0;
    for (; index < inLine; index += 1, at += 2) {
      const word = table[at + 1]!;
      const old = (top - word) >>> 12;
      if (old > age) break;
      const address = table[at]!;
      addresses[count] = address;
      words[count] = word;
      owners[count] = author;
      if (old < youngest || mayPass[word & laneMask] === 0) continue;
      if ((word & 1) !== 0 && !follows.mayHave(conversationHash(address, word))) continue;
      count += 1;
    }
    if (index === inLineMax && entries > inLineMax) {
      takeSpilled(lines, follows, window, lanes, age, authors, list, author, count);
    } else {
      list.count = count;
    }
  }
  return -1;
}

/** Goes on into the block of an author whose line was taken as a whole. */
function takeSpilled(
  lines: AuthorLines,
  follows: Follows,
  window: TimeWindow,
  lanes: Lanes,
  age: number,
  authors: AuthorList,
  list: PostList,
  author: number,
  countInLine: number,
): void {
  const { rows: table, arena } = lines;
  const { laneOf, mayPass, passedMax } = lanes;
  const { top, youngest } = window;
  const block = arena.words;
  const row = authors.rows[author]!;
  const entries = table[row + countWord]!;
  const from = arena.wordOf(table[row + blockWord]! >>> 5);
  let at = from + (block[from]! + entries - inLineMax - 1) * 2;
  // What the line gave counts towards the caps; none of it reaches them.
  const taken0Max = passedMax[0];
  const taken1Max = passedMax[1];
  let taken0 = 0;
  let taken1 = 0;
  for (let index = list.count; index < countInLine; index += 1) {
    if (laneOf[list.words[index]! & laneMask] === 0) taken0 += 1;
    else taken1 += 1;
  }
  list.count = countInLine;
  list.reserve(taken0Max + taken1Max + 1);
  const { addresses, words, owners } = list;
  let count = countInLine;
  // Of either lane, the entries of the line included whatever they are: too many do no harm.
  let seen0 = inLineMax;
  let seen1 = inLineMax;
  let resume0 = -1;
  let resume1 = taken1Max === 0 ? entries : -1;
  let age0 = 0;
  let age1 = 0;
  for (let index = inLineMax; index < entries; index += 1, at -= 2) {
    const word = block[at + 1]!;
    const old = (top - word) >>> 12;
    if (old > age) break;
    const lane = laneOf[word & laneMask]!;
    if (lane === noLane || old < youngest) continue;
    if (lane === 0) {
      if (resume0 >= 0) continue;
      seen0 += 1;
      if (taken0 === taken0Max || seen0 > scannedPerTimeline) {
        resume0 = index;
        age0 = old;
        if (resume1 >= 0) break;
        continue;
      }
    } else {
      if (resume1 >= 0) continue;
      seen1 += 1;
      if (taken1 === taken1Max || seen1 > scannedPerTimeline) {
        resume1 = index;
        age1 = old;
        if (resume0 >= 0) break;
        continue;
      }
    }
    if (mayPass[word & laneMask] === 0) continue;
    const address = block[at]!;
    if ((word & 1) !== 0 && !follows.mayHave(conversationHash(address, word))) continue;
    addresses[count] = address;
    words[count] = word;
    owners[count] = author;
    count += 1;
    if (lane === 0) taken0 += 1;
    else taken1 += 1;
  }
  list.count = count;
  if (taken1Max === 0) resume1 = -1;
  if (resume0 >= 0 || resume1 >= 0) {
    authors.cut[authors.cutCount] = author;
    authors.cutCount += 1;
    authors.resumeFrom[author * 2] = resume0;
    authors.resumeFrom[author * 2 + 1] = resume1;
    authors.resumeAge[author * 2] = age0;
    authors.resumeAge[author * 2 + 1] = age1;
  }
}

/** Counts the ages of what was taken. */
export function countTaken(list: PostList, window: TimeWindow, histogram: AgeHistogram): void {
  const { bins } = histogram;
  const { words, count } = list;
  const { top, youngest } = window;
  for (let index = 0; index < count; index += 1) {
    const bin = binOf(((top - words[index]!) >>> 12) - youngest);
    bins[bin] = bins[bin]! + 1;
  }
}

/** Leaves out what is older, and keeps the order. */
export function keepYoungest(list: PostList, window: TimeWindow, age: number): void {
  const { addresses, words, owners, count } = list;
  const { top } = window;
  let kept = 0;
  for (let index = 0; index < count; index += 1) {
    const word = words[index]!;
    addresses[kept] = addresses[index]!;
    words[kept] = word;
    owners[kept] = owners[index]!;
    kept += (((top - word) >>> 12) - age - 1) >>> 31;
  }
  list.count = kept;
}
