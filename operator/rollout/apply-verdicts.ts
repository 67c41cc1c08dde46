/**
 * What a step has learnt about revisions, put down on them.
 */
import type { Revision, Verdict } from '#operator/desired/revision.ts';

/** A revision that proved good becomes the newest: it is what a later rollout goes back to. */
export function applyVerdicts(
  revisions: readonly Revision[],
  verdicts: readonly { readonly revision: string; readonly verdict: Verdict }[],
): Revision[] {
  const newest = Math.max(0, ...revisions.map(({ number }) => number));
  return revisions.map((each) => {
    const verdict = verdicts.find(({ revision }) => revision === each.id)?.verdict;
    if (verdict === undefined) {
      return each;
    }
    const isNewest = verdict !== 'good' || each.number === newest;
    return { ...each, verdict, number: isNewest ? each.number : newest + 1 };
  });
}

/** The last revision that all pods ran, caught up. */
export function lastGoodOf(revisions: readonly Revision[]): string | null {
  const [best] = revisions
    .filter(({ verdict }) => verdict === 'good')
    .toSorted((a, b) => b.number - a.number);
  return best?.id ?? null;
}
