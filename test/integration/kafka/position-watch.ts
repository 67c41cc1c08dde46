/**
 * I5 and I6, looked at all the time while a node runs: it was at its targets when it became ready,
 * and no position goes back without a reset that is counted. Also whether it stayed ready.
 */
import type { NodeStatus } from '#runtime/node-status.ts';

/** How often it looks. A node applies for longer than this between two steps of any test. */
const lookMs = 20;

export class PositionWatch {
  readonly #violations: string[] = [];
  readonly #positions = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #resets = 0;
  #wasReady = false;
  #readinessLost = 0;

  /** Looks by itself until it is stopped. */
  static over(status: () => NodeStatus): PositionWatch {
    const watch = new PositionWatch();
    watch.#timer = setInterval(() => watch.note(status()), lookMs);
    watch.#timer.unref();
    return watch;
  }

  /** What was seen that must not be, one sentence each. */
  get violations(): readonly string[] {
    return this.#violations;
  }

  /** How often it was seen unready after it had been ready. */
  get readinessLost(): number {
    return this.#readinessLost;
  }

  /** What the node says next of itself. */
  note({ partitions, resets, ready }: NodeStatus): void {
    for (const { partition, position, target } of partitions) {
      const before = this.#positions.get(partition) ?? 0;
      if (position < before && resets.length === this.#resets) {
        this.#violations.push(`I6: partition ${partition} went from ${before} to ${position}`);
      }
      if (ready && !this.#wasReady && position < target) {
        this.#violations.push(`I5: ready at ${position} of ${target} in partition ${partition}`);
      }
      this.#positions.set(partition, position);
    }
    if (this.#wasReady && !ready) this.#readinessLost += 1;
    this.#resets = resets.length;
    this.#wasReady = ready;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
