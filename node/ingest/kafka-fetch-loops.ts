/**
 * One loop for each broker that is read from: a fetch of all its partitions, and the next one on its
 * way before the answer is applied. What an answer means is for `FetchedAnswers`.
 */
import { messageOf } from '#runtime/errors.ts';
import { type ClusterConnections, errorOfCode } from '#runtime/kafka/cluster-connections.ts';
import {
  type FetchAnswer,
  type FetchPosition,
  fetchRequest,
} from '#runtime/kafka/fetch-request.ts';
import { endOfSet } from '#runtime/kafka/record-batch-header.ts';
import type { Logger } from '#runtime/logger.ts';
import { fetchBytesOf, type KafkaEventSourceLimits } from './kafka-event-source-limits.ts';
import type { FetchedAnswers } from './kafka-fetched-answers.ts';
import type { LogPartition } from './kafka-log-partition.ts';

export interface FetchLoopsOptions {
  readonly topic: string;
  /** Empty where topics have none. */
  readonly topicId: () => string;
  readonly connections: ClusterConnections;
  /** All there are; grows. */
  readonly partitions: ReadonlyMap<number, LogPartition>;
  readonly createAnswers: (nodeId: number) => FetchedAnswers;
  readonly rack: string;
  readonly limits: KafkaEventSourceLimits;
  readonly logger: Logger;
  readonly closing: AbortSignal;
  /** A broker did not answer; tried again after a pause. */
  readonly onFailure: (error: unknown, asked: readonly FetchPosition[]) => void;
}

type Fetched =
  | { readonly kind: 'answer'; readonly asked: readonly FetchPosition[]; answer: FetchAnswer }
  | { readonly kind: 'failure'; readonly asked: readonly FetchPosition[]; error: unknown }
  /** There was nothing to ask for; by now there may be. */
  | { readonly kind: 'idle' };

/** How long a broker without partitions to fetch waits to be woken. */
const idleMsMax = 1_000;

export class FetchLoops {
  readonly #options: FetchLoopsOptions;
  readonly #loops = new Map<number, Promise<void>>();
  readonly #wakers = new Map<number, () => void>();
  #served = 0;

  constructor(options: FetchLoopsOptions) {
    this.#options = options;
    options.closing.addEventListener('abort', () => this.wake(), { once: true });
  }

  /** Something may be fetched that could not be before: every broker has its loop, and none sleeps. */
  wake(): void {
    const { partitions, closing } = this.#options;
    const nowMs = performance.now();
    for (const one of partitions.values()) {
      const nodeId = one.nodeAt(nowMs);
      if (nodeId < 0 || closing.aborted || this.#loops.has(nodeId)) continue;
      this.#loops.set(nodeId, this.#run(nodeId));
    }
    for (const waker of this.#wakers.values()) waker();
  }

  /** Resolves when all loops have ended, after `closing`. */
  async ended(): Promise<void> {
    await Promise.all(this.#loops.values());
  }

  async #run(nodeId: number): Promise<void> {
    const { closing, limits, onFailure } = this.#options;
    const answers = this.#options.createAnswers(nodeId);
    let backoffMs = limits.restartBackoffMs;
    let fetching = this.#fetch(nodeId);
    while (!closing.aborted) {
      const fetched = await fetching;
      if (closing.aborted) return;
      if (fetched.kind === 'answer') {
        backoffMs = limits.restartBackoffMs;
        this.#goOnBehind(nodeId, fetched.asked, fetched.answer);
        fetching = this.#fetch(nodeId);
        await answers.apply(fetched.asked, fetched.answer);
        this.#letGo(nodeId, fetched.asked);
        continue;
      }
      if (fetched.kind === 'failure') {
        this.#letGo(nodeId, fetched.asked);
        onFailure(fetched.error, fetched.asked);
        this.#options.logger.debug(
          { broker: nodeId, error: messageOf(fetched.error), backoffMs },
          'fetch failed, trying again',
        );
        this.#pause(fetched.asked, backoffMs);
        backoffMs = Math.min(backoffMs * 2, limits.restartBackoffMsMax);
      } else if (!this.#isNeeded(nodeId)) {
        // At once, so that whoever needs it a moment later finds that it is gone.
        this.#loops.delete(nodeId);
        return;
      }
      fetching = this.#fetch(nodeId);
    }
  }

  /** Never rejects. */
  async #fetch(nodeId: number): Promise<Fetched> {
    const { connections, topic, topicId, rack, limits } = this.#options;
    const asked = this.#positionsAt(nodeId);
    if (asked.length === 0) {
      await this.#sleep(nodeId);
      return { kind: 'idle' };
    }
    try {
      const answer = await connections.request(
        nodeId,
        (versions) =>
          fetchRequest(
            {
              topic,
              topicId: topicId(),
              positions: asked,
              waitMs: limits.fetchWaitMs,
              bytesMax: fetchBytesOf(limits, connections.nodeIds.length),
              partitionBytesMax: limits.partitionBytesMax,
              rack,
            },
            versions,
          ),
        limits.fetchMsMax,
      );
      if (answer.errorCode !== 0) throw errorOfCode(answer.errorCode);
      return { kind: 'answer', asked, answer };
    } catch (error) {
      return { kind: 'failure', asked, error };
    }
  }

  /** What to ask a broker for, those first that have waited longest: it may fill its answer with them. */
  #positionsAt(nodeId: number): FetchPosition[] {
    const nowMs = performance.now();
    const some: LogPartition[] = [];
    for (const one of this.#options.partitions.values()) {
      if (one.position === null || one.isStopped || one.isHeld) continue;
      if (one.pausedUntilMs > nowMs || one.nodeAt(nowMs) !== nodeId) continue;
      if (one.owner === null || one.owner === nodeId) some.push(one);
    }
    return some
      .toSorted((one, other) => one.servedAt - other.servedAt)
      .map((one) => {
        const { offset, epoch } = one.nextFetch();
        // A follower that is behind us would call the log another one.
        const lastEpoch = nodeId === one.leader ? epoch : -1;
        return { partition: one.partition, offset, lastEpoch };
      });
  }

  /** Before an answer is applied: where the fetch after it begins, and who has to wait. */
  #goOnBehind(nodeId: number, asked: readonly FetchPosition[], answer: FetchAnswer): void {
    const askedOf = new Map(asked.map((one) => [one.partition, one]));
    for (const one of answer.partitions) {
      const partition = this.#options.partitions.get(one.partition);
      const from = askedOf.get(one.partition);
      if (partition === undefined || from === undefined || !partition.isNext(from.offset)) continue;
      // Another broker's answer, from before or after a change of leaders, is being applied.
      if (partition.owner !== null) continue;
      partition.owner = nodeId;
      if (one.errorCode !== 0 || one.divergesAt >= 0 || one.preferredReplica >= 0) {
        partition.isHeld = true;
        continue;
      }
      const end = endOfSet(one.records, from.offset, partition.epoch);
      if (end.nextOffset === from.offset) continue;
      this.#served += 1;
      partition.servedAt = this.#served;
      // An answer from before the position is there to be compared, and may be of another log.
      if (partition.isUnverified) partition.isHeld = true;
      partition.fetchFrom = end.nextOffset;
      partition.fetchEpoch = end.leaderEpoch;
    }
  }

  /** Behind an answer: whoever else leads its partitions now may fetch them. */
  #letGo(nodeId: number, asked: readonly FetchPosition[]): void {
    let hasWaiting = false;
    const nowMs = performance.now();
    for (const { partition } of asked) {
      const one = this.#options.partitions.get(partition);
      if (one === undefined || one.owner !== nodeId) continue;
      one.owner = null;
      hasWaiting ||= one.isHeld || one.nodeAt(nowMs) !== nodeId;
      one.isHeld = false;
    }
    if (hasWaiting) this.wake();
  }

  #pause(asked: readonly FetchPosition[], durationMs: number): void {
    const untilMs = performance.now() + durationMs;
    for (const { partition } of asked) {
      const one = this.#options.partitions.get(partition);
      if (one === undefined) continue;
      one.pausedUntilMs = untilMs;
      // The leader may be well.
      one.replica = null;
    }
  }

  #isNeeded(nodeId: number): boolean {
    const nowMs = performance.now();
    for (const one of this.#options.partitions.values()) {
      if (!one.isStopped && one.nodeAt(nowMs) === nodeId) return true;
    }
    return false;
  }

  /** Until woken, or until the next pause of a partition is over. */
  async #sleep(nodeId: number): Promise<void> {
    const nowMs = performance.now();
    let sleepMs = idleMsMax;
    for (const one of this.#options.partitions.values()) {
      const leftMs = one.pausedUntilMs - nowMs;
      if (leftMs > 0 && one.nodeAt(nowMs) === nodeId) sleepMs = Math.min(sleepMs, leftMs);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.ceil(sleepMs));
    this.#wakers.set(nodeId, resolve);
    if (this.#options.closing.aborted) resolve();
    await promise;
    clearTimeout(timer);
    if (this.#wakers.get(nodeId) === resolve) this.#wakers.delete(nodeId);
  }
}
