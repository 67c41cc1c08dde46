/**
 * How many posts and tombstones the heap can hold (S4): an out-of-memory kill would empty the node,
 * so the store's bounds have to be reached before V8's limit is.
 */
import { ConfigurationError } from '#runtime/errors.ts';
import { simpleStoreEntriesMax } from './simple-store.ts';

/** Part of V8's heap limit for the store; the rest is for requests, answers, tables that grow, and garbage. */
export const storeHeapShare = 0.6;

/** Measured: 490 with a hundred posts an author, 530 with ten, 830 with one. */
export const heapBytesPerPost = 600;

/** Measured: 54 to 61; a table that has just grown is twice as large. */
export const heapBytesPerTombstone = 80;

/** Tombstones for each post, where nobody says otherwise. */
const tombstonesPerPost = 0.4;

/** Fewer are never chosen, nor can be configured. */
export const storeEntriesMin = 1_000;

export interface StoreBounds {
  readonly postsMax: number;
  readonly tombstonesMax: number;
}

export interface WantedBounds {
  /** `--max-posts`; undefined for as many as fit. */
  readonly maxPosts: number | undefined;
  /** `--max-tombstones`; undefined for as many as fit. */
  readonly maxTombstones: number | undefined;
  /** V8's `heap_size_limit`, bytes. */
  readonly heapBytesMax: number;
}

/** What was not configured follows from the heap. Throws ConfigurationError for more than it can hold. */
export function storeBoundsOf(wanted: WantedBounds): StoreBounds {
  const { maxPosts, maxTombstones, heapBytesMax } = wanted;
  const bytes = heapBytesMax * storeHeapShare;
  const tombstonesMax =
    maxTombstones ??
    within(
      maxPosts === undefined
        ? (bytes / (heapBytesPerPost + tombstonesPerPost * heapBytesPerTombstone)) *
            tombstonesPerPost
        : Math.min(
            maxPosts * tombstonesPerPost,
            (bytes - maxPosts * heapBytesPerPost) / heapBytesPerTombstone,
          ),
    );
  const postsMax =
    maxPosts ?? within((bytes - tombstonesMax * heapBytesPerTombstone) / heapBytesPerPost);
  const needed = postsMax * heapBytesPerPost + tombstonesMax * heapBytesPerTombstone;
  const isChosen = maxPosts !== undefined || maxTombstones !== undefined;
  if (isChosen && needed > bytes) {
    throw new ConfigurationError(
      `--max-posts ${postsMax} and --max-tombstones ${tombstonesMax} need ${megabytes(needed)} MB, but the store may take ${megabytes(bytes)} MB of this process’s heap of ${megabytes(heapBytesMax)} MB: lower them, leave them out, or set NODE_OPTIONS=--max-old-space-size=${megabytes(needed / storeHeapShare) + 1}`,
    );
  }
  return { postsMax, tombstonesMax };
}

function within(entries: number): number {
  return Math.max(storeEntriesMin, Math.min(simpleStoreEntriesMax, Math.floor(entries)));
}

/** As `--max-old-space-size` counts them. */
function megabytes(bytes: number): number {
  return Math.ceil(bytes / (1 << 20));
}
