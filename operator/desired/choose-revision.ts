/**
 * Which template the pods should have: the one that follows from the spec, or, while only the
 * operator has changed, the one that they have.
 */
import type { JsonObject } from '#crds/schema/json.ts';
import { isSameJson } from '#operator/fleet/canonical.ts';
import type { PodTemplate } from './kube-types.ts';
import { isSameShape, type Revision, revisionId, type Stamps } from './revision.ts';

export interface ChooseOptions {
  /** What this operator makes of the spec. */
  readonly base: PodTemplate;
  readonly shape: JsonObject;
  /** Null inputs: a Secret or ConfigMap is missing. */
  readonly stamps: { readonly inputs: string | null; readonly resetAt: string | null };
  /** All that are kept for this Deployment. */
  readonly revisions: readonly Revision[];
  /** The one in the Deployment; null when there is none, or nobody knows it. */
  readonly applied: Revision | null;
  /** Value of the annotation `thunder.dev/update`. */
  readonly updateRequest: string | null;
}

export interface Choice {
  /** Null: there is nothing to give to pods yet, because something they need is missing. */
  readonly target: Revision | null;
  /** The operator would make another template, and waits to be asked. */
  readonly updateAvailable: boolean;
  readonly isMissingInputs: boolean;
}

export function chooseRevision(options: ChooseOptions): Choice {
  const { base, shape, stamps, applied, updateRequest } = options;
  const { inputs, resetAt } = stamps;
  if (inputs === null) {
    return { target: applied, updateAvailable: false, isMissingInputs: true };
  }
  const isAsked = updateRequest !== null && updateRequest !== applied?.updateSeen;
  const isUsersChange = applied === null || !isSameShape(applied.shape, shape);
  const differs = applied !== null && !isSameJson(applied.base, base);
  const isHeld = differs && !isUsersChange && !isAsked;
  const chosen = isHeld ? applied.base : base;
  const target = toRevision(chosen, { inputs, resetAt }, options);
  return { target, updateAvailable: isHeld, isMissingInputs: false };
}

/** The one that is kept already, or a new one. */
function toRevision(
  base: PodTemplate,
  stamps: Stamps,
  { revisions, shape, updateRequest }: ChooseOptions,
): Revision {
  const id = revisionId(base, stamps);
  const known = revisions.find((each) => each.id === id);
  if (known === undefined) {
    const number = 1 + Math.max(0, ...revisions.map((each) => each.number));
    return { id, number, base, stamps, shape, verdict: 'untested', updateSeen: updateRequest };
  }
  const isAskedAgain = updateRequest !== null && updateRequest !== known.updateSeen;
  return {
    ...known,
    updateSeen: updateRequest ?? known.updateSeen,
    // Asking is also how a refused revision gets another try.
    verdict: isAskedAgain && known.verdict === 'bad' ? 'untested' : known.verdict,
  };
}

/** Whether these pods have been tried and were rolled back: by the same spec, with the same inputs. */
export function isRefused(target: Revision, revisions: readonly Revision[]): boolean {
  return (
    target.verdict === 'bad' ||
    revisions.some(
      (each) =>
        each.verdict === 'bad' &&
        each.id !== target.id &&
        each.stamps.inputs === target.stamps.inputs &&
        each.updateSeen === target.updateSeen &&
        isSameShape(each.shape, target.shape),
    )
  );
}

/** Those to keep: in use, good ones and the newest. The others may be deleted. */
export function revisionsToDelete(
  revisions: readonly Revision[],
  inUse: ReadonlySet<string>,
  kept: number,
): string[] {
  const newestFirst = revisions.toSorted((a, b) => b.number - a.number);
  const lastGood = newestFirst.find(({ verdict }) => verdict === 'good');
  const isKept = (each: Revision): boolean => inUse.has(each.id) || each === lastGood;
  return newestFirst
    .filter((each) => !isKept(each))
    .slice(kept)
    .map(({ id }) => id);
}
