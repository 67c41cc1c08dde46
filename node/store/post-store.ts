/**
 * The store's contract, met by every implementation: rules S1 to S6. Synchronous; one writer.
 */
import type { LightPostFields } from '#proto/wire/light-post-fields.ts';

export interface StoreOptions {
  /** Seconds a post stays visible after `created_at` (S2). */
  readonly retentionSeconds: number;
  /** Seconds a post may be ahead of `now` and be visible (E2). */
  readonly maxFutureSkewSeconds: number;
  /** Posts held at most; the oldest go first (S4). */
  readonly postsMax: number;
  /** Tombstones held at most; those that expire first go first (S4). */
  readonly tombstonesMax: number;
}

/** S5. Counts are of what is stored, not of what is live. */
export interface StoreStats {
  readonly users: number;
  readonly posts: number;
  readonly originals: number;
  readonly secondaries: number;
  readonly videos: number;
  readonly tombstones: number;
  readonly bytesUsed: number;
  readonly bytesBound: number;
  readonly bytesByArena: Readonly<Record<string, number>>;
  /** Seconds; null when the store is empty. */
  readonly oldestCreatedAt: number | null;
  readonly newestCreatedAt: number | null;
  /** Less than the configured retention when posts were evicted for room (S4). */
  readonly effectiveRetentionSeconds: number;
  readonly evictedPosts: number;
  readonly evictedTombstones: number;
}

export interface Reclaimed {
  readonly posts: number;
  readonly tombstones: number;
  /** Whether the pass ended at its limit, and another would find more. */
  readonly isMore: boolean;
}

export interface PostStore {
  /**
   * `now` in seconds: when room is needed, posts stamped beyond `now + maxFutureSkewSeconds` go first,
   * since they can be told from the newest by that alone (S4).
   */
  create(
    post: LightPostFields,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: number,
  ): 'stored' | 'duplicate' | 'evicted';
  delete(postIdHi: number, postIdLo: number, deletedAt: number): 'stored' | 'known' | 'evicted';
  /**
   * Gives memory back: posts and tombstones that expired more than an hour ago, some thousands in a pass
   * at most. Never changes an answer.
   */
  reclaim(now: number): Reclaimed;
  /** Empties everything, tombstones included (S5). */
  clear(): void;
  stats(now: number): StoreStats;
  /** S6, 16 hexadecimal digits. */
  stateHash(now: number): string;
}
