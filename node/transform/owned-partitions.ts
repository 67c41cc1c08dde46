/**
 * The partitions of the input that this process owns: how far each is, and whether all are caught up.
 * Everything here belongs to one assignment, and ends with it.
 */
import type { PartitionStatus } from '#runtime/node-status.ts';
import type { InputBounds } from './transform-ports.ts';

/**
 * The transformer counts as caught up once what it committed reached the ends first seen, or lacks no
 * more than this of the newest after something of each partition that has more was read.
 */
export const readyLagEvents = 1000;

export interface OwnedPartitionsOptions {
  readonly topic: string;
  /** The position committed in this assignment. */
  readonly committed: (partition: number) => number | undefined;
}

export class OwnedPartitions {
  readonly #options: OwnedPartitionsOptions;
  /** Null before the first assignment. */
  #owned: readonly number[] | null = null;
  readonly #delivered = new Map<number, number>();
  readonly #bounds = new Map<number, InputBounds>();
  /** The ends first seen. */
  readonly #targets = new Map<number, number>();

  constructor(options: OwnedPartitionsOptions) {
    this.#options = options;
  }

  assign(partitions: readonly number[]): void {
    this.#owned = partitions;
    this.#bounds.clear();
    this.#targets.clear();
    this.#delivered.clear();
  }

  get isJoined(): boolean {
    return this.#owned !== null;
  }

  /** Changes with every assignment. */
  get assignment(): readonly number[] | null {
    return this.#owned;
  }

  /** A member of the group with nothing to do. */
  get isSpare(): boolean {
    return this.#owned?.length === 0;
  }

  noteBounds(bounds: readonly InputBounds[]): void {
    for (const one of bounds) {
      this.#bounds.set(one.partition, one);
      if (!this.#targets.has(one.partition)) {
        this.#targets.set(one.partition, one.end);
      }
    }
  }

  /** Everything before `nextOffset` was delivered, or passed by. */
  noteDelivered(partition: number, nextOffset: number): void {
    const before = this.#delivered.get(partition) ?? 0;
    this.#delivered.set(partition, Math.max(before, nextOffset));
  }

  /** The offset after what was delivered; undefined before anything was. */
  delivered(partition: number): number | undefined {
    return this.#delivered.get(partition);
  }

  statuses(): PartitionStatus[] {
    return (this.#owned ?? []).map((partition) => this.#statusOf(partition));
  }

  /** Input events not yet committed. */
  get lagEvents(): number {
    return this.statuses().reduce((sum, { lag }) => sum + lag, 0);
  }

  /** See `readyLagEvents`. A spare member is not: it has shown nothing. */
  get isCaughtUp(): boolean {
    if (!this.isJoined || this.isSpare) {
      return false;
    }
    const partitions = this.statuses();
    const isKnown = partitions.every(({ partition }) => this.#bounds.has(partition));
    const isAtTargets = partitions.every(({ position, target }) => position >= target);
    const isRead = partitions.every(
      ({ partition, lag }) => lag === 0 || this.#delivered.has(partition),
    );
    return isKnown && (isAtTargets || (isRead && this.lagEvents <= readyLagEvents));
  }

  #statusOf(partition: number): PartitionStatus {
    const bounds = this.#bounds.get(partition);
    const before = Math.max(bounds?.committed ?? 0, bounds?.start ?? 0);
    const position = this.#options.committed(partition) ?? before;
    const end = Math.max(bounds?.end ?? 0, position);
    const lag = end - position;
    return {
      topic: this.#options.topic,
      partition,
      position,
      target: this.#targets.get(partition) ?? end,
      end,
      lag,
      state: bounds !== undefined && lag === 0 ? 'live' : 'replaying',
    };
  }
}
