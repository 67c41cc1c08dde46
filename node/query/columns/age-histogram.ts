/**
 * How many posts there are of every age, to find the age up to which there are enough. Bins grow with
 * age, 32 to a doubling, so that minutes and days are told apart alike.
 */
const mantissaBits = 5;
const linearMax = 1 << mantissaBits;
const binCount = (32 - mantissaBits + 1) << mantissaBits;

/** The bin of an age, which is not negative. */
export function binOf(age: number): number {
  const shift = 31 - mantissaBits - Math.clz32(age | linearMax);
  return (shift << mantissaBits) + (age >>> shift);
}

/** The greatest age of a bin. */
export function lastAgeOf(bin: number): number {
  const shift = bin < linearMax * 2 ? 0 : (bin >> mantissaBits) - 1;
  return ((bin - (shift << mantissaBits) + 1) << shift) - 1;
}

export class AgeHistogram {
  readonly bins = new Int32Array(binCount);
  /** By bin: by how many posts a second the rate of posts that are not counted changes there. */
  readonly rates = new Float64Array(binCount);

  reset(): void {
    this.bins.fill(0);
    this.rates.fill(0);
  }

  /** Supposes so many posts a second between two ages. */
  suppose(postsPerSecond: number, from: number, to: number): void {
    const { rates } = this;
    const first = binOf(from);
    const last = binOf(to);
    rates[first] = rates[first]! + postsPerSecond;
    rates[last] = rates[last]! - postsPerSecond;
  }

  /** The age up to which so many posts were counted or supposed; `max` when there are not as many. */
  ageOf(wanted: number, max: number): number {
    const { bins, rates } = this;
    const last = binOf(max);
    let count = 0;
    let rate = 0;
    let age = -1;
    for (let bin = 0; bin <= last; bin += 1) {
      const until = lastAgeOf(bin);
      count += bins[bin]! + rate * (until - age);
      rate += rates[bin]!;
      age = until;
      if (count >= wanted) {
        return Math.min(max, until);
      }
    }
    return max;
  }
}
