/**
 * The query's contract, met by every implementation: rules Q1 to Q6 and the scan bounds of Q8.
 * Synchronous and pure: an answer depends on the store, the request and `now` alone (P1).
 */
import type { RequestFields } from '#proto/wire/request-fields.ts';

export interface QueryLimits {
  /** Q1: followed accounts looked at, after the blocklist and duplicates. */
  readonly followingMax: number;
  /** Q1: excluded ids looked at. */
  readonly excludedMax: number;
  /** Q2: results of a request that names no number. */
  readonly defaultResults: number;
  readonly defaultVideoResults: number;
  /** Q2: ceiling on what a request may ask for. */
  readonly resultsMax: number;
}

export const defaultQueryLimits: QueryLimits = {
  followingMax: 10_000,
  excludedMax: 10_000,
  defaultResults: 1_200,
  defaultVideoResults: 600,
  resultsMax: 5_000,
};

export interface QueryContext {
  /** Seconds since the epoch, taken once per request. */
  readonly now: number;
  /** Asked every few authors; once true the scan ends and the answer is partial (Q8). */
  readonly shouldStop: () => boolean;
  /** Collect the statistics of Q11 for this answer. */
  readonly wantStatistics: boolean;
}

/** A list or number of the request that was cut to a limit (Q1, Q2). */
export interface Truncation {
  readonly field: 'following' | 'exclude' | 'max_results';
  readonly given: number;
  readonly used: number;
}

/** Q11, one stage. All zero when there are no posts. */
export interface StageStatistics {
  readonly posts: number;
  /** `now` minus the newest `created_at`, seconds; 0 when that is ahead of `now`. */
  readonly freshnessSeconds: number;
  /** Newest minus oldest `created_at`, seconds. */
  readonly timeRangeSeconds: number;
  /** 0..1. */
  readonly replyRatio: number;
  readonly uniqueAuthors: number;
  readonly postsPerAuthor: number;
}

export interface QueryAnswer {
  /** An encoded GetInNetworkPostsResponse. Valid until the engine is asked again unless copied or sent. */
  readonly body: Uint8Array;
  readonly posts: number;
  readonly truncations: readonly Truncation[];
  /** Set when the scan ended early. */
  readonly partial: { readonly authorsScanned: number; readonly authors: number } | null;
  /**
   * Posts that a tombstone hid from this answer: met before their timeline's scan ended, within
   * their time, and not excluded. An engine that looks no further back than its answer reaches
   * counts those alone, unless statistics are wanted.
   */
  readonly deletedFiltered: number;
  readonly statistics: {
    readonly retrieved: StageStatistics;
    readonly scored: StageStatistics;
  } | null;
}

export interface QueryEngine {
  /** Throws InvalidRequestError for what the caller has to correct; nothing else. */
  answer(request: RequestFields, context: QueryContext): QueryAnswer;
}
