/**
 * How many posts there are of every age, to find the age up to which there are enough.
 */
const bits = 11;

export class AgeHistogram {
  readonly bins = new Int32Array((1 << bits) + 1);
  shift = 0;

  /** For ages up to `max`. */
  reset(max: number): void {
    const length = 32 - Math.clz32(max);
    this.shift = length > bits ? length - bits : 0;
    this.bins.fill(0);
  }

  /** The age up to which at least so many posts were counted; `max` when there are not as many. */
  ageOf(wanted: number, max: number): number {
    const { bins, shift } = this;
    const last = max >> shift;
    let count = 0;
    for (let bin = 0; bin <= last; bin += 1) {
      count += bins[bin]!;
      if (count >= wanted) {
        return Math.min(max, ((bin + 1) << shift) - 1);
      }
    }
    return max;
  }
}
