/**
 * A GetInNetworkPostsRequest as `readRequest` leaves it, filled in place and reused.
 */

/** Ids as halves in wire order; only the first `length` entries are meant. Grows, never shrinks. */
export interface IdList {
  hi: Uint32Array;
  lo: Uint32Array;
  length: number;
}

export interface RequestFields {
  userIdHi: number;
  userIdLo: number;
  /** `following_user_ids`, as sent: duplicates and all, bounded by the size of the request. */
  readonly following: IdList;
  maxResults: number;
  /** `exclude_tweet_ids`, as sent. */
  readonly excluded: IdList;
  algorithm: string;
  debug: boolean;
  isVideoRequest: boolean;
}

export function createIdList(capacity = 1024): IdList {
  return { hi: new Uint32Array(capacity), lo: new Uint32Array(capacity), length: 0 };
}

/** Appends an id, growing the arrays when they are full. */
export function appendId(list: IdList, hi: number, lo: number): void {
  reserveIds(list, 1);
  list.hi[list.length] = hi;
  list.lo[list.length] = lo;
  list.length += 1;
}

/** Makes room for `count` more ids; capacity at least doubles when it grows. */
export function reserveIds(list: IdList, count: number): void {
  const needed = list.length + count;
  if (needed <= list.hi.length) {
    return;
  }
  const capacity = Math.max(needed, list.hi.length * 2);
  const hi = new Uint32Array(capacity);
  const lo = new Uint32Array(capacity);
  hi.set(list.hi.subarray(0, list.length));
  lo.set(list.lo.subarray(0, list.length));
  list.hi = hi;
  list.lo = lo;
}

export function createRequestFields(): RequestFields {
  return {
    userIdHi: 0,
    userIdLo: 0,
    following: createIdList(),
    maxResults: 0,
    excluded: createIdList(),
    algorithm: '',
    debug: false,
    isVideoRequest: false,
  };
}
