/**
 * A small model of Kubernetes' Deployment and ReplicaSet controllers: the algorithm of
 * pkg/controller/deployment (rolling.go, sync.go) over sizes and pods, one pass at a time. What our
 * decisions meet in a cluster, without one.
 */
import type { ReplicaSetFacts } from './rollout-facts.ts';

export interface SimulatedPod {
  readonly name: string;
  readonly revision: string;
  /** Ticks it has lived. */
  age: number;
  isReady: boolean;
  /** Ticks until it is gone; -1: it stays. */
  terminating: number;
  cost: number;
}

interface ReplicaSet {
  readonly revision: string;
  readonly createdAt: number;
  size: number;
  isHeld: boolean;
  /** As the annotations of the ReplicaSet remember them, for telling a scale. */
  desired: number;
  most: number;
}

export interface DeploymentSpec {
  readonly revision: string;
  readonly replicas: number;
  readonly isHeld: boolean;
  readonly isPaused: boolean;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Why pods were taken away, for what is allowed then. */
export type Removal = 'roll' | 'scale';

export class SimulatedDeployment {
  readonly pods: SimulatedPod[] = [];
  /** The controller has seen the newest spec. */
  isObserved = false;
  #spec: DeploymentSpec | null = null;
  #sets: ReplicaSet[] = [];
  #made = 0;
  readonly #graceTicks: number;
  readonly #onRemoved: (removal: Removal, wasReady: boolean) => void;

  constructor(
    graceTicks: number,
    onRemoved: (removal: Removal, wasReady: boolean) => void = () => undefined,
  ) {
    this.#graceTicks = graceTicks;
    this.#onRemoved = onRemoved;
  }

  get spec(): DeploymentSpec | null {
    return this.#spec;
  }

  /** As a server-side apply: nothing happens when nothing changes. */
  apply(spec: DeploymentSpec): void {
    if (JSON.stringify(spec) !== JSON.stringify(this.#spec)) {
      this.#spec = spec;
      this.isObserved = false;
    }
  }

  get sets(): readonly ReplicaSetFacts[] {
    return this.#sets.map((set) => ({
      revision: set.revision,
      replicas: set.size,
      available: this.#available(set),
      size: set.size,
      sizedFor: set.desired,
    }));
  }

  live(): SimulatedPod[] {
    return this.pods.filter((pod) => pod.terminating < 0);
  }

  /** Pods that the Deployment counts on: ready, and not held back. */
  available(): number {
    return this.#sets.reduce((sum, set) => sum + this.#available(set), 0);
  }

  /** A node dies under a pod, or somebody deletes it. */
  kill(pod: SimulatedPod): void {
    pod.terminating = 0;
    pod.isReady = false;
  }

  /** Time for pods that are on their way out. */
  tick(): void {
    for (const pod of this.pods) {
      pod.age += 1;
      pod.terminating -= pod.terminating > 0 ? 1 : 0;
    }
    this.pods.splice(0, this.pods.length, ...this.pods.filter((pod) => pod.terminating !== 0));
  }

  /** One pass of the Deployment's controller and of each ReplicaSet's. */
  reconcile(): void {
    const spec = this.#spec;
    if (spec === null) {
      return;
    }
    this.isObserved = true;
    const isScaling = this.#sets.some((set) => set.size > 0 && set.desired !== spec.replicas);
    if (spec.isPaused || isScaling) {
      const known = this.#sets.find((each) => each.revision === spec.revision);
      if (known !== undefined) known.isHeld = spec.isHeld;
      if (!isScaling || this.#sets.length > 0) {
        this.#scale(spec);
      }
      this.#fill('scale');
      return;
    }
    const current = this.#currentSet(spec);
    if (!this.#growCurrent(spec, current)) {
      this.#shrinkOld(spec, current);
    }
    this.#fill('roll');
  }

  #currentSet(spec: DeploymentSpec): ReplicaSet {
    let set = this.#sets.find((each) => each.revision === spec.revision);
    if (set === undefined) {
      set = {
        revision: spec.revision,
        createdAt: this.#made++,
        size: 0,
        isHeld: spec.isHeld,
        desired: spec.replicas,
        most: spec.replicas + spec.maxSurge,
      };
      this.#sets.push(set);
    }
    set.isHeld = spec.isHeld;
    return set;
  }

  #available(set: ReplicaSet): number {
    return set.isHeld
      ? 0
      : this.live().filter((pod) => pod.revision === set.revision && pod.isReady).length;
  }

  /** As `IsSaturated` of deployment_util.go. */
  #isSaturated(set: ReplicaSet, { replicas }: DeploymentSpec): boolean {
    return set.size === replicas && set.desired === replicas && this.#available(set) === replicas;
  }

  #total(): number {
    return this.#sets.reduce((sum, set) => sum + set.size, 0);
  }

  #resize(set: ReplicaSet, size: number, spec: DeploymentSpec): void {
    set.size = Math.max(0, size);
    set.desired = spec.replicas;
    set.most = spec.replicas + spec.maxSurge;
  }

  #growCurrent(spec: DeploymentSpec, current: ReplicaSet): boolean {
    if (current.size === spec.replicas) {
      return false;
    }
    if (current.size > spec.replicas) {
      this.#resize(current, spec.replicas, spec);
      return true;
    }
    const room = spec.replicas + spec.maxSurge - this.#total();
    const more = Math.min(room, spec.replicas - current.size);
    if (more <= 0) {
      return false;
    }
    this.#resize(current, current.size + more, spec);
    return true;
  }

  #shrinkOld(spec: DeploymentSpec, current: ReplicaSet): void {
    const old = this.#sets
      .filter((set) => set !== current && set.size > 0)
      .toSorted((a, b) => a.createdAt - b.createdAt);
    const minAvailable = spec.replicas - spec.maxUnavailable;
    const unavailable = current.size - this.#available(current);
    const removable = this.#total() - minAvailable - unavailable;
    if (removable <= 0) {
      return;
    }
    let cleaned = 0;
    for (const set of old) {
      const unhealthy = Math.min(removable - cleaned, set.size - this.#available(set));
      if (unhealthy > 0) {
        this.#resize(set, set.size - unhealthy, spec);
        cleaned += unhealthy;
      }
    }
    // ReplicaSets remove unready pods first, so the counts of available ones still hold.
    let spare =
      this.#sets.reduce((sum, set) => sum + Math.min(set.size, this.#available(set)), 0) -
      minAvailable;
    for (const set of old) {
      const less = Math.min(set.size, spare);
      if (less > 0) {
        this.#resize(set, set.size - less, spec);
        spare -= less;
      }
    }
  }

  /** As `scale` of sync.go: one active ReplicaSet takes it all, several share it by their sizes. */
  #scale(spec: DeploymentSpec): void {
    const active = this.#sets.filter((set) => set.size > 0);
    const current = this.#sets.find((set) => set.revision === spec.revision);
    if (active.length <= 1) {
      const only = active[0] ?? current ?? this.#sets.at(-1);
      if (only !== undefined && only.size !== spec.replicas) {
        this.#resize(only, spec.replicas, spec);
      }
      return;
    }
    if (current !== undefined && this.#isSaturated(current, spec)) {
      for (const set of active) {
        if (set !== current) this.#resize(set, 0, spec);
      }
      return;
    }
    const allowed = spec.replicas > 0 ? spec.replicas + spec.maxSurge : 0;
    const toAdd = allowed - this.#total();
    const newerFirst = toAdd > 0 ? -1 : 1;
    const sorted = active.toSorted(
      (a, b) => b.size - a.size || newerFirst * (a.createdAt - b.createdAt),
    );
    const sizes = new Map<ReplicaSet, number>();
    let added = 0;
    for (const set of sorted) {
      const share = Math.round((set.size * allowed) / set.most) - set.size;
      const rest = toAdd - added;
      const proportion =
        toAdd === 0
          ? 0
          : toAdd > 0
            ? Math.max(0, Math.min(share, rest))
            : Math.min(0, Math.max(share, rest));
      sizes.set(set, set.size + proportion);
      added += proportion;
    }
    const [first] = sorted;
    for (const set of sorted) {
      const leftOver = set === first ? toAdd - added : 0;
      this.#resize(set, (sizes.get(set) ?? 0) + leftOver, spec);
    }
  }

  /** Makes and removes pods until each ReplicaSet has its size. */
  #fill(removal: Removal): void {
    for (const set of this.#sets) {
      const own = this.live().filter((pod) => pod.revision === set.revision);
      for (let missing = set.size - own.length; missing > 0; missing -= 1) {
        const name = `pod-${this.#made++}`;
        this.pods.push({
          name,
          revision: set.revision,
          age: 0,
          isReady: false,
          terminating: -1,
          cost: 0,
        });
      }
      const first = own.toSorted(
        (a, b) => Number(a.isReady) - Number(b.isReady) || a.cost - b.cost || a.age - b.age,
      );
      for (const pod of first.slice(0, Math.max(0, own.length - set.size))) {
        const wasReady = pod.isReady;
        pod.terminating = this.#graceTicks;
        pod.isReady = false;
        this.#onRemoved(removal, wasReady);
      }
    }
  }
}
