/**
 * The first passes of a query: over the lines of the followed authors, to the entries that are worth
 * a look at their records. Nothing here touches the slab.
 */
import { blockWord, countWord, entriesWord, inLineMax } from '#node/store/columns/author-lines.ts';
import { conversationHash } from '#node/store/columns/entry.ts';
import { lineWords } from '#node/store/columns/shared-words.ts';
import { wordOfUnit } from '#node/store/columns/spill-arena.ts';
import { scannedPerTimeline } from '../scan-limits.ts';
import { type AgeHistogram, binOf } from './age-histogram.ts';
import type { Follows } from './follows.ts';
import { type Lanes, laneMask, noLane } from './lanes.ts';
import type { LineCopies } from './line-copies.ts';
import type { PostList } from './post-list.ts';
import type { TimeWindow } from './time-window.ts';

/** Authors between two questions whether to stop. */
const authorsPerStretch = 64;
/** Of a lane that was not cut short. */
const never = 0x7fff_ffff;

/**
 * Authors whose newest post is young enough, and what of their posts was taken. Where a lane was cut
 * short, because more posts than its cap allows were taken or the scan budget may be used up, the
 * age is kept at which a scan would have to go on, should some of those that were taken not pass.
 */
export class AuthorList {
  /** The copies of their lines. */
  copies = new Int32Array(64);
  /** By author and lane: the age of the first post that was not taken. */
  resumeAge = new Int32Array(128);
  count = 0;
  /** Authors with a lane that was cut short. */
  cut = new Int32Array(64);
  cutCount = 0;

  reset(countMax: number): void {
    if (this.copies.length < countMax) {
      this.copies = new Int32Array(countMax * 2);
      this.cut = new Int32Array(countMax * 2);
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
  lines: LineCopies,
  window: TimeWindow,
  lanes: Lanes,
  histogram: AgeHistogram,
): void {
  const { words: table, count: lineCount } = lines;
  const { mayPass, passedMax } = lanes;
  const { bins } = histogram;
  const { top, youngest } = window;
  const linesUntilCaps = (passedMax[0] + passedMax[1]) / inLineMax;
  for (let row = 0; row < lineCount * lineWords; row += lineWords) {
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
  lines: LineCopies,
  window: TimeWindow,
  age: number,
  authors: AuthorList,
): void {
  const { words: table, count: lineCount } = lines;
  authors.reset(lineCount + 1);
  const kept = authors.copies;
  const { top } = window;
  let count = 0;
  for (let copy = 0; copy < lineCount; copy += 1) {
    kept[count] = copy;
    // Without a branch: half of them go, and no processor can guess which.
    count += (((top - table[copy * lineWords + entriesWord + 1]!) >>> 12) - age - 1) >>> 31;
  }
  authors.count = count;
}

/**
 * Takes the entries of those authors up to that age which may pass, newest first. Answers the index of
 * the author at whom it was told to stop, or -1.
 */
export function takeEntries(
  lines: LineCopies,
  blocks: Int32Array,
  follows: Follows,
  window: TimeWindow,
  lanes: Lanes,
  age: number,
  authors: AuthorList,
  list: PostList,
  shouldStop: (() => boolean) | null,
): number {
  const { words: table } = lines;
  const { mayPass } = lanes;
  const { top, youngest } = window;
  const { copies } = authors;
  list.count = 0;
  authors.cutCount = 0;
  for (let author = 0; author < authors.count; author += 1) {
    if (shouldStop !== null && author % authorsPerStretch === 0 && shouldStop()) {
      return author;
    }
    const row = copies[author]! * lineWords;
    list.reserve(inLineMax);
    const { addresses, words, owners } = list;
    const before = list.count;
    for (;;) {
      const entries = table[row + countWord]!;
      let count = before;
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
      list.count = count;
      if (index < inLineMax || entries === inLineMax) break;
      const { cutCount } = authors;
      takeSpilled(table, blocks, follows, window, lanes, age, authors, list, author, before);
      if (lines.isCurrent(copies[author]!)) break;
      lines.renew(copies[author]!, false);
      authors.cutCount = cutCount;
    }
  }
  return -1;
}

/**
 * Goes on into the block of an author whose line was taken as a whole, from `before` in the list on.
 * While the writer changes the block, what is read is worthless, but nothing else comes of it.
 */
function takeSpilled(
  table: Int32Array,
  blocks: Int32Array,
  follows: Follows,
  window: TimeWindow,
  lanes: Lanes,
  age: number,
  authors: AuthorList,
  list: PostList,
  author: number,
  before: number,
): void {
  const { laneOf, mayPass, passedMax } = lanes;
  const { top, youngest } = window;
  const row = authors.copies[author]! * lineWords;
  const entries = table[row + countWord]!;
  const from = wordOfUnit(table[row + blockWord]! >>> 5);
  const newest = from + (blocks[from]! + entries - inLineMax - 1) * 2;
  if (newest < 0 || newest >= blocks.length) return;
  // What the line gave counts towards the caps; none of it reaches them.
  const taken0Max = passedMax[0];
  const taken1Max = passedMax[1];
  let taken0 = 0;
  let taken1 = 0;
  for (let index = before; index < list.count; index += 1) {
    if (laneOf[list.words[index]! & laneMask] === 0) taken0 += 1;
    else taken1 += 1;
  }
  list.reserve(taken0Max + taken1Max + 1);
  const { addresses, words, owners } = list;
  let { count } = list;
  // Of either lane, the entries of the line included whatever they are: too many do no harm.
  let seen0 = inLineMax;
  let seen1 = inLineMax;
  let age0 = never;
  let age1 = never;
  let isLane1Open = taken1Max !== 0;
  const last = newest - (entries - inLineMax) * 2;
  for (let at = newest; at > last && at >= 0; at -= 2) {
    const word = blocks[at + 1]!;
    const old = (top - word) >>> 12;
    if (old > age) break;
    const lane = laneOf[word & laneMask]!;
    if (lane === noLane || old < youngest) continue;
    if (lane === 0) {
      if (age0 !== never) continue;
      seen0 += 1;
      if (taken0 === taken0Max || seen0 > scannedPerTimeline) {
        age0 = old;
        if (!isLane1Open) break;
        continue;
      }
    } else {
      if (!isLane1Open) continue;
      seen1 += 1;
      if (taken1 === taken1Max || seen1 > scannedPerTimeline) {
        age1 = old;
        isLane1Open = false;
        if (age0 !== never) break;
        continue;
      }
    }
    if (mayPass[word & laneMask] === 0) continue;
    const address = blocks[at]!;
    if ((word & 1) !== 0 && !follows.mayHave(conversationHash(address, word))) continue;
    addresses[count] = address;
    words[count] = word;
    owners[count] = author;
    count += 1;
    if (lane === 0) taken0 += 1;
    else taken1 += 1;
  }
  list.count = count;
  if (age0 !== never || age1 !== never) {
    authors.cut[authors.cutCount] = author;
    authors.cutCount += 1;
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
