/**
 * Q11 over posts of the slab. Makes an object per post: only for the requests that ask for it.
 */
import {
  createdAtOf,
  field,
  findField,
  replyFlag,
  valueLength,
} from '#node/store/columns/record.ts';
import type { SlabView } from '#node/store/columns/slab-view.ts';
import { toId } from '#proto/wire/light-post-fields.ts';
import { varintHigh, varintLow } from '#proto/wire/varint.ts';
import type { StageStatistics } from '../query-engine.ts';
import { stageStatistics } from '../stage-statistics.ts';
import type { PostList } from './post-list.ts';

/** Of the first `count` posts in that order. */
export function statisticsOf(
  slab: SlabView,
  list: PostList,
  order: Int32Array,
  count: number,
  now: number,
): StageStatistics {
  const { bytes, words } = slab;
  const posts = Array.from({ length: count }, (_, index) => {
    const place = list.places[order[index]!]!;
    const position = findField(bytes, words, place, field.author);
    const length = position < 0 ? 0 : valueLength(bytes, position);
    return {
      authorId:
        position < 0
          ? 0n
          : toId(varintHigh(bytes, position, length), varintLow(bytes, position, length)),
      createdAt: createdAtOf(bytes, words, place),
      isReply: (words[place]! & replyFlag) !== 0,
    };
  });
  return stageStatistics(posts, now);
}
