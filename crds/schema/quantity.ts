/**
 * Amounts as Kubernetes writes them: `500m`, `2Gi`, `1.5`.
 */

/** What we accept: no exponents, and nothing beyond tera. */
export const quantityPattern = '^[0-9]{1,12}(\\.[0-9]{1,9})?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$';

const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  Ki: 2 ** 10,
  M: 1e6,
  Mi: 2 ** 20,
  G: 1e9,
  Gi: 2 ** 30,
  T: 1e12,
  Ti: 2 ** 40,
};

/** In units (bytes, cores); undefined for what is no quantity. */
export function parseQuantity(text: string): number | undefined {
  if (!new RegExp(quantityPattern).test(text)) {
    return undefined;
  }
  const suffix = /[A-Za-z]*$/.exec(text)?.[0] ?? '';
  const factor = factors[suffix];
  return factor === undefined
    ? undefined
    : Number(text.slice(0, text.length - suffix.length)) * factor;
}
