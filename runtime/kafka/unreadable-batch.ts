/**
 * A record batch that cannot be inflated or parsed, in band: it arrives as one message without a
 * value at the batch's last offset, carrying what is known of the batch. So whoever reads the
 * partition meets it in its place, and reading goes on behind it.
 */
import { DependencyError } from '../errors.ts';

export interface UnreadableBatch {
  readonly firstOffset: number;
  /** Reading goes on after it. */
  readonly lastOffset: number;
  /** One sentence; no bytes of the batch. */
  readonly reason: string;
}

/** How often a batch is fetched before it is passed by: what a wire or a disk did to it once may heal. */
export const unreadableTriesMax = 2;

export const unreadableBatch = Symbol('unreadable batch');

/** The batch that a message of kafkajs stands for, if it is not an ordinary one. */
function batchOf(message: object): UnreadableBatch | undefined {
  const marked: { readonly [unreadableBatch]?: UnreadableBatch } = message;
  return marked[unreadableBatch];
}

/** A batch was passed by. Told once for each; everything readable around it is delivered. */
export class UnreadableBatchError extends DependencyError {
  readonly topic: string;
  readonly partition: number;
  readonly batch: UnreadableBatch;

  constructor(topic: string, partition: number, batch: UnreadableBatch) {
    const { firstOffset, lastOffset, reason } = batch;
    super(
      `offsets ${firstOffset} to ${lastOffset} of ${topic}/${partition} were passed by: ${reason}`,
      { code: 'KAFKA_BATCH_UNREADABLE', retry: 'never' },
    );
    this.topic = topic;
    this.partition = partition;
    this.batch = batch;
  }
}

export interface Sorted<T> {
  /** Those before the first batch that is to be fetched again, or all. */
  readonly readable: readonly T[];
  /** Failed as often as they may; between or after the readable ones. */
  readonly passedBy: readonly UnreadableBatch[];
  /** Fetch again from here, or go on behind all messages. */
  readonly againFrom: number | null;
}

/** Remembers, for one consumer, which batch of each partition failed last and how often. */
export class UnreadableBatches {
  readonly #failures = new Map<number, { readonly lastOffset: number; tries: number }>();

  /** Sorts the messages of one fetch of one partition. */
  sort<T extends object>(partition: number, messages: readonly T[]): Sorted<T> {
    if (messages.every((message) => batchOf(message) === undefined)) {
      return { readable: messages, passedBy: [], againFrom: null };
    }
    const readable: T[] = [];
    const passedBy: UnreadableBatch[] = [];
    for (const message of messages) {
      const batch = batchOf(message);
      if (batch === undefined) {
        readable.push(message);
      } else if (this.#triesOf(partition, batch) >= unreadableTriesMax) {
        passedBy.push(batch);
      } else {
        return { readable, passedBy, againFrom: batch.firstOffset };
      }
    }
    return { readable, passedBy, againFrom: null };
  }

  /** This try included. */
  #triesOf(partition: number, batch: UnreadableBatch): number {
    const { lastOffset } = batch;
    const known = this.#failures.get(partition);
    const tries = known?.lastOffset === lastOffset ? known.tries + 1 : 1;
    this.#failures.set(partition, { lastOffset, tries });
    return tries;
  }
}
