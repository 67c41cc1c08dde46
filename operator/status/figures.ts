/**
 * Figures that move by themselves, rounded so that a status changes when they mean something else.
 */

/** Two significant digits; 0 to 99 stay as they are. */
export function roundFigure(value: number): number {
  const whole = Math.max(0, Math.round(value));
  if (whole < 100) {
    return whole;
  }
  const step = 10 ** (Math.floor(Math.log10(whole)) - 1);
  return Math.round(whole / step) * step;
}

/** Up to a minute in seconds, up to ten in steps of ten, beyond in minutes. */
export function roundSeconds(value: number): number {
  const step = value < 60 ? 1 : value < 600 ? 10 : 60;
  return Math.max(0, Math.round(value / step) * step);
}
