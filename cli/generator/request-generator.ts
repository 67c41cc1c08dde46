/**
 * Queries as home feeds send them: follow lists of loud and quiet accounts, posts the user has seen.
 * Pure and repeatable, like the events.
 */
import type { Authors } from './authors.ts';
import { Random } from './random.ts';

/** Has what a request of the query client needs. */
export interface GeneratedRequest {
  readonly userId: bigint;
  /** Distinct ids, as many as asked for or as there are authors, in random order. */
  readonly followingUserIds: readonly bigint[];
  readonly excludeTweetIds: readonly bigint[];
  readonly maxResults: number;
  readonly isVideoRequest: boolean;
}

export interface RequestGeneratorOptions {
  /** Any safe integer. */
  readonly seed: number;
  readonly authors: Authors;
  /** How many accounts each user follows; between two bounds when it is a pair. */
  readonly following: number | readonly [low: number, high: number];
  /** Of followed accounts: drawn by popularity; the rest evenly. Default 0.5. */
  readonly popularShare?: number;
  /** Where excluded ids come from: posts that exist. Default none. */
  readonly seenPostIds?: readonly bigint[];
  /** Excluded ids in each request, drawn from `seenPostIds`, at most all of them. Default 0. */
  readonly excluded?: number;
  /** 0 asks for the node's default. Default 0. */
  readonly maxResults?: number;
  /** Of requests. Default 0. */
  readonly videoShare?: number;
}

const popularShareDefault = 0.5;
/** Draws by popularity repeat themselves: after so many a place is filled evenly instead. */
const popularDrawsMax = 4;

/** An endless stream of requests. Throws RangeError for bounds that make no sense. */
export function* generateRequests(
  options: RequestGeneratorOptions,
): Generator<GeneratedRequest, never, void> {
  const random = new Random(options.seed);
  const { authors, seenPostIds = [], maxResults = 0, videoShare = 0 } = options;
  const { following, popularShare = popularShareDefault } = options;
  const [low, high] = typeof following === 'number' ? [following, following] : following;
  if (!Number.isInteger(low) || !Number.isInteger(high) || low < 0 || high < low) {
    throw new RangeError(`cannot follow ${low} to ${high} accounts`);
  }
  const excluded = Math.min(options.excluded ?? 0, seenPostIds.length);
  for (;;) {
    const count = Math.min(random.between(low, high), authors.count);
    yield {
      userId: authors.idOf(authors.pickUniformly(random)),
      followingUserIds: pickAuthors(random, authors, count, popularShare),
      excludeTweetIds: pickDistinct(random, seenPostIds.length, excluded).map(
        (index) => seenPostIds[index] ?? 0n,
      ),
      maxResults,
      isVideoRequest: random.chance(videoShare),
    };
  }
}

function pickAuthors(
  random: Random,
  authors: Authors,
  count: number,
  popularShare: number,
): bigint[] {
  const ranks = new Set<number>();
  const popular = Math.round(count * popularShare);
  for (let draw = 0; draw < popular * popularDrawsMax && ranks.size < popular; draw += 1) {
    ranks.add(authors.pickByPopularity(random));
  }
  // From a random place onwards, so that the last few of a nearly complete list are found at once.
  while (ranks.size < count) {
    let rank = authors.pickUniformly(random);
    while (ranks.has(rank)) rank = (rank + 1) % authors.count;
    ranks.add(rank);
  }
  return [...ranks].map((rank) => authors.idOf(rank));
}

/** `count` different numbers below `bound`: the first steps of a Fisher-Yates shuffle. */
function pickDistinct(random: Random, bound: number, count: number): number[] {
  const moved = new Map<number, number>();
  const picked: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const other = random.between(index, bound - 1);
    picked.push(moved.get(other) ?? other);
    moved.set(other, moved.get(index) ?? index);
  }
  return picked;
}
