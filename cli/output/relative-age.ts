/**
 * Durations as people say them: one number, one unit.
 */
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** `12 s`, `3 m`, `5 h`, `2 d`; whole units, rounded down; never negative. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return `${whole} s`;
  if (whole < hour) return `${Math.floor(whole / minute)} m`;
  return whole < 2 * day ? `${Math.floor(whole / hour)} h` : `${Math.floor(whole / day)} d`;
}

/** `3 m ago`; `in 3 m` for what is still to come. Both in seconds since the epoch. */
export function formatAge(atSeconds: number, nowSeconds: number): string {
  const age = nowSeconds - atSeconds;
  return age >= 0 ? `${formatDuration(age)} ago` : `in ${formatDuration(-age)}`;
}
