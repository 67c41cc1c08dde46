/**
 * Judges what becomes of a fleet's pods, from every state that the API server went through, in its
 * order: nothing is missed between two samples, and a slow machine only makes it look later.
 *
 * A ready pod goes because the test took it, or because somebody else removed it: Kubernetes, on what
 * the operator wrote. Only the latter is judged. What it may remove follows from the spec; where the
 * spec has changed, from the least and the most it has asked for since the fleet was last whole. What
 * the test took meanwhile is allowed for, since nobody can know at once that it is gone.
 */

export interface JudgeRules {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

export interface SeenPod {
  readonly uid: string;
  readonly name: string;
  /** Not on its way out. */
  readonly isLive: boolean;
  /** Gets queries. */
  readonly isReady: boolean;
}

export class Judge {
  readonly violations: string[] = [];
  /** Ready pods that somebody else removed: all of them, and those that nothing was allowed for. */
  removals = 0;
  strictRemovals = 0;
  readonly #rules: JudgeRules;
  readonly #live = new Map<string, SeenPod>();
  /** Pods that the test took and that have not been seen ready again. */
  readonly #taken = new Set<string>();
  readonly #givenBack = new Set<string>();
  #wanted: number;
  #least: number;
  #most: number;
  /** It was whole once: what is wanted is there to be lost. */
  #wasWhole = false;
  /** Taken since it was last whole, and those that not everybody has noticed yet. */
  #losses = 0;
  #unnoticed = 0;
  /** Pods that each ReplicaSet is to have. */
  readonly #sizes = new Map<string, number>();

  constructor(rules: JudgeRules, replicas: number) {
    this.#rules = rules;
    this.#wanted = replicas;
    this.#least = replicas;
    this.#most = replicas;
  }

  get live(): readonly SeenPod[] {
    return [...this.#live.values()];
  }

  get ready(): readonly SeenPod[] {
    return this.live.filter(({ isReady }) => isReady);
  }

  /** The spec is about to ask for so many. */
  want(replicas: number): void {
    this.#wanted = replicas;
    this.#least = Math.min(this.#least, replicas);
    this.#most = Math.max(this.#most, replicas);
  }

  /** The test is about to take this pod: to remove it, or to make it unready. */
  take(uid: string): void {
    this.#taken.add(uid);
    this.#givenBack.delete(uid);
    this.#losses += 1;
    this.#unnoticed += 1;
  }

  /** The test gives it back, whether or not the loss has happened yet. */
  giveBack(uid: string): void {
    this.#givenBack.add(uid);
  }

  /** Everybody has noticed what was taken: now it is known which pods are the last. */
  noticed(): void {
    if (this.#hasTakenAll) this.#unnoticed = 0;
  }

  /** All that is wanted is there, and nobody is about to change it. */
  whole(): void {
    if (!this.#hasTakenAll) return;
    this.#least = this.#wanted;
    this.#most = this.#wanted;
    this.#wasWhole = true;
    this.#losses = 0;
    this.#unnoticed = 0;
    this.#taken.clear();
    this.#givenBack.clear();
  }

  /** A pod as it is now. */
  see(pod: SeenPod): void {
    const before = this.#live.get(pod.uid);
    if (pod.isLive) this.#live.set(pod.uid, pod);
    else this.#live.delete(pod.uid);
    const wasTaken = this.#taken.has(pod.uid);
    if (before?.isReady === true && !pod.isLive && !wasTaken) this.#judgeRemoval(pod);
    if (before?.isReady === true && pod.isLive && !pod.isReady && !wasTaken) {
      this.violations.push(`${pod.name} became unready, and the test did not do it`);
    }
    if (before?.isReady === false && pod.isReady) this.#taken.delete(pod.uid);
  }

  /**
   * A ReplicaSet is to have so many pods. The total is judged by what they are to have: how long it
   * takes Kubernetes to remove a pod that it has given up is nobody's doing here.
   */
  seeSet(uid: string, size: number): void {
    this.#sizes.set(uid, size);
    const total = [...this.#sizes.values()].reduce((sum, each) => sum + each, 0);
    const most = this.#most + Math.max(1, this.#rules.maxSurge);
    if (total > most) {
      const violation = `criterion 1: ${total} pods were to be there, at most ${most} may`;
      // It is seen with every change of a ReplicaSet as long as it lasts.
      if (!this.violations.includes(violation)) this.violations.push(violation);
    }
  }

  #judgeRemoval({ name }: SeenPod): void {
    const { maxUnavailable } = this.#rules;
    const left = this.ready.length;
    const least = this.#least;
    this.removals += 1;
    const floor = least - Math.min(maxUnavailable, Math.max(0, least - 1)) - this.#losses;
    if (this.#wasWhole && this.#losses === 0 && least > 0) this.strictRemovals += 1;
    if (this.#wasWhole && left < floor) {
      this.violations.push(
        `criterion 1: ${left} ready pods are left after ${name} was removed, of ${least} wanted at least ${floor} have to stay`,
      );
    }
    if (left === 0 && least > 0 && this.#unnoticed === 0) {
      this.violations.push(`criterion 2: ${name} was removed, and was the last that was caught up`);
    }
  }

  get #hasTakenAll(): boolean {
    return this.ready.every(({ uid }) => !this.#taken.has(uid) || this.#givenBack.has(uid));
  }
}
