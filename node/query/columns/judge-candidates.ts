/**
 * The pass over the records: touches all of them first, then what they refer to, and only then asks.
 */
import { addressBits, kind, kindOf } from '#node/store/columns/entry.ts';
import type { SlabView } from '#node/store/columns/slab-view.ts';
import type { PostJudge } from './post-judge.ts';
import type { PostList } from './post-list.ts';

/** Candidates between two questions whether to stop. */
const candidatesPerStopCheck = 64;
/** A record often reaches into a second cache line. */
const touchedFurther = 12;

/** Fills in the places of the candidates. Answers what it read, or the compiler would not read it. */
export function touchRecords(list: PostList, slab: SlabView): number {
  const { addresses, words: entries, places, count } = list;
  const { words, bases, segmentShift, segmentMask } = slab;
  const offsetMask = (1 << segmentShift) - 1;
  let touched = 0;
  for (let index = 0; index < count; index += 1) {
    const address = addresses[index]! & addressBits;
    const place = bases[(address >>> segmentShift) & segmentMask]! + (address & offsetMask);
    places[index] = place;
    touched ^= words[place]! ^ words[place + touchedFurther]!;
  }
  for (let index = 0; index < count; index += 1) {
    const entry = entries[index]!;
    const given = kindOf(entry);
    if ((entry & 1) !== 0 || given === kind.replyToOriginal || given === kind.retweetOfVideo) {
      const reference = words[places[index]! - 1]! & addressBits;
      // Wherever it leads: a place of the slab in any case.
      touched ^=
        words[bases[(reference >>> segmentShift) & segmentMask]! + (reference & offsetMask)]!;
    }
  }
  return touched;
}

/**
 * Adds the candidates that pass to `passed`. Answers the index of the candidate at which it was told to
 * stop, or -1.
 */
export function judgeCandidates(
  list: PostList,
  judge: PostJudge,
  shouldStop: (() => boolean) | null,
  passed: PostList,
): number {
  const { addresses, words: entries, owners, places, count } = list;
  passed.count = 0;
  passed.reserve(count);
  const to = passed;
  let kept = 0;
  for (let index = 0; index < count; index += 1) {
    if (shouldStop !== null && index % candidatesPerStopCheck === 0 && shouldStop()) {
      to.count = kept;
      return index;
    }
    const place = places[index]!;
    const entry = entries[index]!;
    if (judge.isEntry(place, entry) && judge.passes(place, entry)) {
      to.addresses[kept] = addresses[index]!;
      to.words[kept] = entry;
      to.owners[kept] = owners[index]!;
      to.places[kept] = place;
      kept += 1;
    }
  }
  to.count = kept;
  return -1;
}
