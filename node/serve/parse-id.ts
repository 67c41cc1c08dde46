/**
 * Ids as people and JSON write them: decimal, unsigned, 64 bits.
 */
const idMax = (1n << 64n) - 1n;

/** Null for anything but the digits of an unsigned 64-bit number. */
export function parseId(text: string): bigint | null {
  if (!/^\d{1,20}$/.test(text)) {
    return null;
  }
  const id = BigInt(text);
  return id > idMax ? null : id;
}
