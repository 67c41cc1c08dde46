/**
 * How the pods of one fleet fare: as their image says, after a warm-up, unless the plan makes them ill.
 */
import type { Pod } from '#operator/kube/types.ts';
import { type PodFate, type PodRunner, ready } from '#test/components/control-plane/pod-runner.ts';
import { imageOf } from './pod-view.ts';

export const imageByHand = 'thunder:by-hand';

const fatesByImage: Readonly<Record<string, PodFate>> = {
  'thunder:crashes': { kind: 'crashLooping' },
  'thunder:absent': { kind: 'imagePullBackOff' },
  'thunder:stuck': { kind: 'replaying', progress: 0.2 },
  [imageByHand]: { kind: 'crashLooping' },
};
const warmingUp: PodFate = { kind: 'replaying', progress: 0.5 };
/** Long enough to be counted on by Kubernetes for some, too short for others. */
const dieAfterMs = 3_000;

export class PodFates {
  readonly #runner: PodRunner;
  readonly #warmUpMs: readonly number[];
  /** Called just before a pod becomes ill by itself. */
  readonly #onIll: (pod: Pod) => void;
  readonly #warm = new Map<string, boolean>();
  readonly #ill = new Map<string, PodFate>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(runner: PodRunner, warmUpMs: readonly number[], onIll: (pod: Pod) => void) {
    this.#runner = runner;
    this.#warmUpMs = warmUpMs;
    this.#onIll = onIll;
  }

  of(pod: Pod): PodFate {
    const { uid = '' } = pod.metadata;
    const fixed = this.#ill.get(uid) ?? fatesByImage[imageOf(pod)];
    if (fixed !== undefined) return fixed;
    if (!this.#warm.has(uid)) this.#warmUp(pod, uid);
    return this.#warm.get(uid) === true ? ready : warmingUp;
  }

  makeIll(pod: Pod, fate: PodFate): void {
    this.#ill.set(pod.metadata.uid ?? '', fate);
    this.#runner.reconsider(pod);
  }

  /** Answers which were ill. */
  mend(pods: readonly Pod[]): Pod[] {
    const mended = pods.filter(({ metadata }) => this.#ill.delete(metadata.uid ?? ''));
    for (const pod of mended) this.#runner.reconsider(pod);
    return mended;
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #warmUp(pod: Pod, uid: string): void {
    const warmUpMs = this.#warmUpMs[this.#warm.size % this.#warmUpMs.length] ?? 0;
    this.#warm.set(uid, false);
    this.#after(warmUpMs, () => {
      this.#warm.set(uid, true);
      this.#runner.reconsider(pod);
    });
    if (imageOf(pod) === 'thunder:dies-later') {
      this.#after(2 * warmUpMs + dieAfterMs, () => {
        this.#onIll(pod);
        this.makeIll(pod, { kind: 'crashLooping' });
      });
    }
  }

  #after(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, ms);
    this.#timers.add(timer);
  }
}
