/**
 * A population of authors: few loud, many quiet. Rank 0 is the loudest; how often rank r posts falls
 * as 1 / (r + 10) (Zipf-Mandelbrot: a power law whose head is not absurdly loud). The same law says
 * how often an account is followed.
 */
import type { Random } from './random.ts';

/** More authors than any run needs; the table of weights costs 8 bytes for each. */
export const authorsMax = 10_000_000;

/** Ranks below this have the ids 1 to 100, so that a query can be typed by hand. */
const oldAccounts = 100;
const headFlatness = 10;
/** One account in so many has an id above 2^63. */
const hugeIdEvery = 1000;
const snowflakeBitsBelowTime = 22n;

export interface Authors {
  readonly count: number;
  /** The id of a rank; distinct ranks have distinct ids. */
  idOf(rank: number): bigint;
  /** A rank, the loud ones more often. */
  pickByPopularity(random: Random): number;
  /** A rank, all alike. */
  pickUniformly(random: Random): number;
}

/**
 * `count` from 1 to `authorsMax`. Ids depend on the rank alone, so that several runs, whatever their
 * seeds, speak of the same accounts: 1 to 100 for the loudest, 2^53 + 1 once, ids above 2^63 for one
 * in a thousand, ids of about 2^60 for the rest.
 */
export function createAuthors(count: number): Authors {
  if (!Number.isInteger(count) || count < 1 || count > authorsMax) {
    throw new RangeError(`the number of authors must be 1 to ${authorsMax}, not ${count}`);
  }
  const cumulativeWeights = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank += 1) {
    total += 1 / (rank + headFlatness);
    cumulativeWeights[rank] = total;
  }
  return {
    count,
    idOf: authorIdOf,
    pickByPopularity: (random) => firstAbove(cumulativeWeights, random.fraction() * total),
    pickUniformly: (random) => random.below(count),
  };
}

function authorIdOf(rank: number): bigint {
  if (rank < oldAccounts) return BigInt(rank + 1);
  if (rank === oldAccounts + 1) return 2n ** 53n + 1n;
  if (rank % hugeIdEvery === oldAccounts) return 2n ** 63n + BigInt(rank - oldAccounts + 1);
  return (BigInt(250_000_000_000 + rank * 20_011) << snowflakeBitsBelowTime) | BigInt(rank & 0xfff);
}

/** Index of the first entry greater than `value`; the last index when rounding finds none. */
function firstAbove(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Number.POSITIVE_INFINITY) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
