/**
 * Waits before another try: they grow to a ceiling, and each is drawn at random from the upper half
 * of its range, so that many clients do not come back in step, and none comes back at once.
 */
export interface BackoffBounds {
  /** Upper bound of the first wait. */
  readonly firstMs: number;
  /** Upper bound of every wait. */
  readonly ceilingMs: number;
}

/** Uniform in [0, 1). */
export type Random = () => number;

/** The wait before try number `failures + 1`: between a half and the whole of `first * 2^(failures - 1)`. */
export function backoffMs(bounds: BackoffBounds, failures: number, random: Random): number {
  // 2^30 times any first wait is beyond every ceiling.
  const growth = 2 ** Math.min(Math.max(failures, 1) - 1, 30);
  const upperMs = Math.min(bounds.ceilingMs, bounds.firstMs * growth);
  return upperMs / 2 + random() * (upperMs / 2);
}
