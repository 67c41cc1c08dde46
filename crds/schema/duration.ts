/**
 * Lengths of time as people write them: `48h`, `1m30s`, `500ms`.
 */

/** A subset of what Go, and therefore CEL, reads: units from large to small, each at most once. */
export const durationPattern = '^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,7}s)?([0-9]{1,9}ms)?$';

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Milliseconds; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text === '' || !new RegExp(durationPattern).test(text)) {
    return undefined;
  }
  return [...text.matchAll(/(\d+)(ms|h|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0),
    0,
  );
}

/** The shortest text: `90000` is `1m30s`. Milliseconds are whole and not negative. */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const [unit, size] of Object.entries(unitMs)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    text += count === 0 ? '' : `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}
