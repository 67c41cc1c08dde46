/**
 * From a request to what will be looked for: rules Q1, Q2 and the names of Q6, before any post is
 * touched.
 */

import { toId } from '#proto/wire/light-post-fields.ts';
import { type IdList, type RequestFields } from '#proto/wire/request-fields.ts';
import { InvalidRequestError } from './invalid-request-error.ts';
import type { QueryLimits, Truncation } from './query-engine.ts';

/** Q6: all of them mean newest first. */
export const knownAlgorithms: readonly string[] = ['', 'recent', 'default', 'latest'];

export interface PlanOptions {
  readonly limits: QueryLimits;
  /** Q1: authors that are never shown, asked once per request so that the list can be reloaded. */
  readonly blockedAuthors: () => ReadonlySet<bigint>;
  /** Q1: refuse a request that goes beyond a limit instead of cutting it. */
  readonly strictLimits: boolean;
}

export interface QueryPlan {
  readonly userId: bigint;
  /** The followed users, in the order of the request, each once, none blocked and none 0. */
  readonly following: ReadonlySet<bigint>;
  readonly excluded: ReadonlySet<bigint>;
  readonly maxResults: number;
  readonly isVideoRequest: boolean;
  readonly truncations: readonly Truncation[];
}

/** Throws InvalidRequestError for an unknown algorithm and, with `strictLimits`, for what would be cut. */
export function planRequest(request: RequestFields, options: PlanOptions): QueryPlan {
  assertKnownAlgorithm(request.algorithm);
  const { limits } = options;
  const truncations: Truncation[] = [];
  const cut = (field: Truncation['field'], given: number, max: number): number => {
    if (given > max) {
      truncations.push({ field, given, used: max });
    }
    return Math.min(given, max);
  };

  const distinct = distinctFollowing(request.following, options.blockedAuthors());
  const following = new Set(
    [...distinct].slice(0, cut('following', distinct.size, limits.followingMax)),
  );
  const excluded = new Set(
    idsOf(request.excluded, cut('exclude', request.excluded.length, limits.excludedMax)),
  );
  const maxResults = cut('max_results', resultsWanted(request, limits), limits.resultsMax);

  if (options.strictLimits && truncations.length > 0) {
    throw new InvalidRequestError(`The request goes beyond a limit: ${describe(truncations)}`);
  }
  return {
    userId: toId(request.userIdHi, request.userIdLo),
    following,
    excluded,
    maxResults,
    isVideoRequest: request.isVideoRequest,
    truncations,
  };
}

/** Q6. */
export function assertKnownAlgorithm(algorithm: string): void {
  if (!knownAlgorithms.includes(algorithm)) {
    const names = knownAlgorithms.filter((name) => name !== '').join(', ');
    throw new InvalidRequestError(
      `Unknown algorithm ${JSON.stringify(algorithm.slice(0, 64))}; known are ${names}, or none`,
    );
  }
}

/** Q2: what is asked for, before the ceiling. A default never counts as asking for too much. */
export function resultsWanted(
  request: Pick<RequestFields, 'maxResults' | 'isVideoRequest'>,
  limits: QueryLimits,
): number {
  if (request.maxResults !== 0) {
    return request.maxResults;
  }
  const wanted = request.isVideoRequest ? limits.defaultVideoResults : limits.defaultResults;
  return Math.min(wanted, limits.resultsMax);
}

/** Q1: blocked authors go first, and user 0, who is an absent id (E6); then duplicates. */
function distinctFollowing(list: IdList, blocked: ReadonlySet<bigint>): Set<bigint> {
  return new Set(idsOf(list, list.length).filter((id) => id !== 0n && !blocked.has(id)));
}

function idsOf(list: IdList, length: number): bigint[] {
  return Array.from({ length }, (_, index) => toId(list.hi[index]!, list.lo[index]!));
}

export function describe(truncations: readonly Truncation[]): string {
  return truncations
    .map(({ field, given, used }) => `${field} ${given}, at most ${used}`)
    .join('; ');
}
