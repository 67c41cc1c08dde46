/**
 * I5 and I6, looked at all the time while a node runs: it was at its targets when it became ready,
 * and no position goes back without a reset that is counted.
 */
import type { NodeStatus } from '#runtime/node-status.ts';

/** How often it looks. A node applies for longer than this between two steps of any test. */
const lookMs = 20;

export class PositionWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #status: () => NodeStatus;
  readonly #violations: string[] = [];
  readonly #positions = new Map<number, number>();
  #resets = 0;
  #wasReady = false;

  constructor(status: () => NodeStatus) {
    this.#status = status;
    this.#timer = setInterval(() => this.look(), lookMs);
    this.#timer.unref();
  }

  /** What was seen that must not be, one sentence each. */
  get violations(): readonly string[] {
    this.look();
    return this.#violations;
  }

  look(): void {
    const { partitions, resets, ready } = this.#status();
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
    this.#resets = resets.length;
    this.#wasReady = ready;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
