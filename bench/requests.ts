/**
 * The questions of the benches: what users ask, and the requests that are worst for a store. The same
 * options give the same bytes.
 */
import type { Authors } from '#cli/generator/authors.ts';
import { generateRequests } from '#cli/generator/request-generator.ts';
import { encodeQueryRequest, type QueryRequest } from '#cli/query/query-request.ts';
import { ConfigurationError } from '#runtime/errors.ts';

export interface Population {
  readonly authors: Authors;
  /** Newest first: what users may have seen already. */
  readonly seenPostIds: readonly bigint[];
}

export interface RequestOptions {
  readonly seed: number;
  readonly requests: number;
  readonly following: number;
  readonly excluded: number;
  readonly maxResults: number;
  readonly isVideo?: boolean;
  /** Of the followed accounts: drawn by popularity, the others evenly. */
  readonly popularShare?: number;
}

/** Throws ConfigurationError for more than there are. */
export function assertCanFollow(following: number, authors: number): void {
  if (following > authors) {
    throw new ConfigurationError(`cannot follow ${following} of ${authors} authors: raise --posts`);
  }
}

/** Different users who follow as many of the authors. */
export function collectQueries(population: Population, options: RequestOptions): QueryRequest[] {
  const { authors, seenPostIds } = population;
  const { following, popularShare } = options;
  assertCanFollow(following, authors.count);
  const requests = generateRequests({
    seed: options.seed,
    authors,
    following,
    seenPostIds,
    excluded: options.excluded,
    maxResults: options.maxResults,
    videoShare: options.isVideo === true ? 1 : 0,
    ...(popularShare === undefined ? {} : { popularShare }),
  });
  return Array.from({ length: options.requests }, () => requests.next().value);
}

/** The same as encoded requests. */
export function collectRequests(population: Population, options: RequestOptions): Uint8Array[] {
  return collectQueries(population, options).map((query) => encodeQueryRequest(query));
}

/** Follows the same number of accounts of which none ever posted. */
export function followNobodyStored(query: QueryRequest, authors: Authors): QueryRequest {
  // Ids follow from the rank alone, and ranks beyond the population belong to nobody.
  const followingUserIds = query.followingUserIds.map((_, index) =>
    authors.idOf(authors.count + index),
  );
  return { ...query, followingUserIds };
}

/** Follows the author too, in place of the last one, at a place in the middle. */
export function followAlso(query: QueryRequest, authorId: bigint): QueryRequest {
  const others = query.followingUserIds.filter((id) => id !== authorId);
  const kept = others.slice(0, query.followingUserIds.length - 1);
  const followingUserIds = kept.toSpliced(Math.floor(kept.length / 2), 0, authorId);
  return { ...query, followingUserIds };
}
