/** Times as Leases and Events want them: six fractional digits, which a `Date` does not print. */
export function toMicroTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
