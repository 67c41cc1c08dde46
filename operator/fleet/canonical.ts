/**
 * One text for one value, whatever the order of its keys; what hashes and comparisons are made of.
 */
import { createHash } from 'node:crypto';
import type { Json } from '#crds/schema/json.ts';

/** JSON with keys in order; fields that are undefined are not there. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The same value with its keys in order. */
export function inOrder(value: Json): Json {
  // oxlint-disable-next-line no-unsafe-type-assertion -- what JSON gives back
  return JSON.parse(canonicalJson(value)) as Json;
}

/** Whether two values are the same JSON. */
export function isSameJson(left: unknown, right: unknown): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

/** Ten hexadecimal digits: 40 bits tell the few revisions of a fleet apart. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 10);
}
