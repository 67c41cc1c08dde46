/**
 * Looks at a fleet's pods every 100 ms, as an outsider would, and keeps the extremes.
 */
import type { Pod } from '#operator/kube/types.ts';
import { readyOnes } from './operator-for-test.ts';

const sampleMs = 100;

export class PodSampler {
  readonly #pods: () => readonly Pod[];
  readonly #timer: NodeJS.Timeout;
  #readyMin = Number.POSITIVE_INFINITY;
  #totalMax = 0;
  #samples = 0;

  constructor(pods: () => readonly Pod[]) {
    this.#pods = pods;
    this.#timer = setInterval(() => this.#sample(), sampleMs);
  }

  stop() {
    clearInterval(this.#timer);
    this.#sample();
    return { readyMin: this.#readyMin, totalMax: this.#totalMax, samples: this.#samples };
  }

  #sample(): void {
    const pods = this.#pods();
    const live = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    this.#readyMin = Math.min(this.#readyMin, readyOnes(pods).length);
    this.#totalMax = Math.max(this.#totalMax, live.length);
    this.#samples += 1;
  }
}
