/**
 * Which fleets may roll at once: those that do go on, and free places go to who waits longest.
 */
import { type RolloutState, takesPlace } from './rollout-state.ts';

export interface Candidate {
  /** `namespace/name` */
  readonly key: string;
  readonly state: RolloutState;
  /** Its pods should run another revision. */
  readonly wantsToRoll: boolean;
}

/** Keys of fleets whose `mayStart` is true. A halted one has given up its place. */
export function grantPlaces(candidates: readonly Candidate[], max: number): ReadonlySet<string> {
  const rolling = candidates.filter(({ state }) => takesPlace(state));
  const waiting = candidates
    .filter(({ state, wantsToRoll }) => wantsToRoll && !takesPlace(state))
    .toSorted((a, b) => waitingSince(a) - waitingSince(b) || (a.key < b.key ? -1 : 1));
  const free = Math.max(0, max - rolling.length);
  return new Set([...rolling, ...waiting.slice(0, free)].map(({ key }) => key));
}

function waitingSince({ state }: Candidate): number {
  return state.kind === 'waiting' ? state.sinceMs : Number.MAX_SAFE_INTEGER;
}
