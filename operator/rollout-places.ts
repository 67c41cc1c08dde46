/**
 * Who rolls right now, among all fleets: decided without waiting in between, so that two fleets
 * that are worked on at the same time never both take the last place.
 */
import type { ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import { type Candidate, grantPlaces } from './rollout/pacing.ts';
import { fromReport, type RolloutState, takesPlace } from './rollout/rollout-state.ts';

export class RolloutPlaces {
  readonly #max: number;
  /** Of fleets that have a place or want one. */
  readonly #candidates = new Map<string, Candidate>();

  constructor(max: number) {
    this.#max = max;
  }

  /** What an earlier leader wrote down; to be called for every fleet before the first pass. */
  remember(key: string, status: ThunderFleetStatus | undefined, nowMs: number): void {
    const state = fromReport(status?.rollout, nowMs);
    this.#put({ key, state, wantsToRoll: state.kind === 'waiting' });
  }

  /** Whether the fleet may roll now. */
  ask(candidate: Candidate): boolean {
    this.#put(candidate);
    return grantPlaces([...this.#candidates.values()], this.#max).has(candidate.key);
  }

  /** What became of it. Answers fleets that may have a place now. */
  settle(key: string, state: RolloutState): string[] {
    const hadPlace = this.#hasPlace(key);
    this.#put({ key, state, wantsToRoll: state.kind === 'waiting' });
    return hadPlace && !this.#hasPlace(key) ? this.#waiting() : [];
  }

  /** The fleet is gone. Answers fleets that may have a place now. */
  forget(key: string): string[] {
    return this.#candidates.delete(key) ? this.#waiting() : [];
  }

  #put(candidate: Candidate): void {
    if (candidate.wantsToRoll || takesPlace(candidate.state)) {
      this.#candidates.set(candidate.key, candidate);
    } else {
      this.#candidates.delete(candidate.key);
    }
  }

  #hasPlace(key: string): boolean {
    const candidate = this.#candidates.get(key);
    return candidate !== undefined && takesPlace(candidate.state);
  }

  #waiting(): string[] {
    return [...this.#candidates.values()]
      .filter(({ state }) => !takesPlace(state))
      .map(({ key }) => key);
  }
}
