/**
 * Names of consumer groups. Prefix and fleet are in each, so that two fleets never share one.
 */

/** Shared by all transformers of a fleet that read the same topic (T1). */
export function transformerGroup(prefix: string, fleet: string, name = 'transformer'): string {
  return `${prefix}-${fleet}-${name}`;
}

/** A serving process's own: `unique` is its alone, so that no rebalance can move it. */
export function servingGroup(prefix: string, fleet: string, unique: string): string {
  return `${prefix}-${fleet}-${unique}`;
}
