/**
 * "Did you mean …?": the known name that a mistyped one most resembles.
 */

/** Longer names get no suggestion; bounds the work at 64 x 64 steps a candidate. */
const comparedLengthMax = 64;

/**
 * The closest of `known` by edit distance, if at most a third of the name (and at least two
 * letters) would have to change; else the only one that contains the name; else undefined.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > comparedLengthMax) {
    return undefined;
  }
  const candidates = [...known];
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate.slice(0, comparedLengthMax));
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  if (best !== undefined || name.length < 4) {
    return best;
  }
  const containing = candidates.filter((candidate) => candidate.includes(name));
  return containing.length === 1 ? containing[0] : undefined;
}

/** Insertions, deletions and replacements that turn one text into the other (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replace = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const insert = (current[column - 1] ?? 0) + 1;
      const remove = (previous[column] ?? 0) + 1;
      current.push(Math.min(replace, insert, remove));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
