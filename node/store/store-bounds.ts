/**
 * How many posts and tombstones the memory can hold (S4): an out-of-memory kill would empty the node,
 * so the store's bounds have to be reached before the memory's end is.
 */
import { ConfigurationError } from '#runtime/errors.ts';

/** Part of the memory for the store; the rest is for requests, answers, reading the log, and Node.js. */
export const storeMemoryShare = 0.6;

/**
 * What the columnar store reserves for each, all in. A post really takes some 75 to 95 bytes, but
 * all that is reserved may come to be used.
 */
export const reservedBytesPerPost = 140;
export const reservedBytesPerTombstone = 40;

/** Nobody who says nothing wants more: two days of a busy network, and 0.8 GB of tables at most. */
const postsByDefault = 10_000_000;
/** What the columns' addresses reach. */
export const storeEntriesMax = 50_000_000;

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
  /** What this process may use: its container's limit, or the machine's memory. Bytes. */
  readonly memoryBytesMax: number;
}

/** What was not configured follows from the memory. Throws ConfigurationError for more than it can hold. */
export function storeBoundsOf(wanted: WantedBounds): StoreBounds {
  const { maxPosts, maxTombstones, memoryBytesMax } = wanted;
  const bytes = memoryBytesMax * storeMemoryShare;
  const fitting = Math.min(
    postsByDefault,
    (bytes - (maxTombstones ?? 0) * reservedBytesPerTombstone) /
      (reservedBytesPerPost +
        (maxTombstones === undefined ? tombstonesPerPost * reservedBytesPerTombstone : 0)),
  );
  const postsMax = maxPosts ?? within(fitting);
  const tombstonesMax =
    maxTombstones ??
    within(
      Math.min(
        postsMax * tombstonesPerPost,
        (bytes - postsMax * reservedBytesPerPost) / reservedBytesPerTombstone,
      ),
    );
  const needed = postsMax * reservedBytesPerPost + tombstonesMax * reservedBytesPerTombstone;
  const isChosen = maxPosts !== undefined || maxTombstones !== undefined;
  if (isChosen && needed > bytes) {
    throw new ConfigurationError(
      `--max-posts ${postsMax} and --max-tombstones ${tombstonesMax} need ${megabytes(needed)} MB, but the store may take ${megabytes(bytes)} MB of the ${megabytes(memoryBytesMax)} MB that this process may use: lower them, leave them out, or give it ${megabytes(needed / storeMemoryShare)} MB`,
    );
  }
  return { postsMax, tombstonesMax };
}

function within(entries: number): number {
  return Math.max(storeEntriesMin, Math.min(storeEntriesMax, Math.floor(entries)));
}

/** Rounded up. */
function megabytes(bytes: number): number {
  return Math.ceil(bytes / (1 << 20));
}
