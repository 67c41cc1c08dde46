/**
 * All that threads share of a store: what one makes, and hands the others as a message, to be read in
 * place.
 */
import { ConfigurationError } from '#runtime/errors.ts';
import type { StoreOptions } from '../post-store.ts';
import { type AuthorMemory, authorsLimit, createAuthorMemory } from './author-lines.ts';
import { createBucketWords } from './bucket-table.ts';
import { createControlWords } from './control-words.ts';
import { createReaderWords } from './reader-epochs.ts';
import { createSlabMemory, type SlabMemory, slabWordsMax } from './slab-view.ts';
import { createTombstoneMemory, type TombstoneMemory } from './tombstone-view.ts';

/**
 * Posts may lie 2^20 s apart: a post of an hour beyond retention, arriving behind one that is
 * stamped a day ahead, is freed when that one expires, while another is stamped a day ahead. That is
 * twice retention and 50 hours.
 */
export const retentionSecondsMax: number = 5 * 86_400;

/** Address space for posts of this size on average, unless told otherwise. They take about 56 bytes. */
const slabBytesPerPost = 80;
/** Authors for so many posts, unless told otherwise; a few more, so that small stores never lack them. */
const postsPerAuthor = 4;
const authorsMin = 4_096;

export interface ColumnarStoreOptions extends StoreOptions {
  /** Bytes for the posts themselves, 4 GiB at most. At the bound the oldest go first (S4). */
  readonly slabBytes?: number;
  /** Authors held at most, 2^24 - 1 at most. At the bound the oldest posts go first (S4). */
  readonly authorsMax?: number;
  /** Where the slab's addresses begin: for tests of what happens where they end. */
  readonly firstAddress?: number;
}

export interface StoreMemory {
  readonly options: StoreOptions;
  /** See control-words.ts. */
  readonly control: Int32Array;
  /** See reader-epochs.ts. */
  readonly readers: Int32Array;
  /** `created_at` in seconds: no stored post is older than the first, none newer than the second. */
  readonly times: Float64Array;
  readonly slab: SlabMemory;
  readonly authors: AuthorMemory;
  /** Of a bucket table: hash of the post id to its address. */
  readonly posts: Int32Array;
  readonly tombstones: TombstoneMemory;
}

/** Throws ConfigurationError for bounds that the layout cannot hold. */
export function createStoreMemory(options: ColumnarStoreOptions): StoreMemory {
  const { postsMax, retentionSeconds, tombstonesMax, maxFutureSkewSeconds } = options;
  const {
    slabBytes = Math.min(slabWordsMax * 4, postsMax * slabBytesPerPost),
    authorsMax = Math.min(authorsLimit, Math.max(authorsMin, Math.ceil(postsMax / postsPerAuthor))),
  } = options;
  if (retentionSeconds > retentionSecondsMax) {
    throw new ConfigurationError(
      `The store keeps posts for ${retentionSecondsMax} s at most, not ${retentionSeconds}`,
    );
  }
  if (slabBytes > slabWordsMax * 4) {
    throw new ConfigurationError(
      `The store holds ${slabWordsMax * 4} bytes of posts at most, not ${slabBytes}`,
    );
  }
  if (authorsMax > authorsLimit) {
    throw new ConfigurationError(
      `The store holds ${authorsLimit} authors at most, not ${authorsMax}`,
    );
  }
  return {
    options: { postsMax, retentionSeconds, tombstonesMax, maxFutureSkewSeconds },
    control: createControlWords(),
    readers: createReaderWords(),
    times: new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)),
    slab: createSlabMemory(Math.ceil(slabBytes / 4)),
    authors: createAuthorMemory(Math.min(authorsMax, postsMax), postsMax),
    posts: createBucketWords(postsMax),
    tombstones: createTombstoneMemory(tombstonesMax),
  };
}
