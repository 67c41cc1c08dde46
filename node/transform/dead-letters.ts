/**
 * Copies of records that are not written, for somebody to look at: bytes and key as they were, the
 * reason and the place in headers (T5).
 */

import type { SkipReason } from './transform-outcome.ts';
import type { InputRecord, OutputRecord } from './transform-ports.ts';

/** Why it is one. */
const reasonHeader = 'thunder-reason';

/** Of an event that the output does not take, however often it is sent. */
const refused = 'refused';

export class DeadLetters {
  /** Undefined: there are none. What cannot be read is skipped, what is refused blocks. */
  readonly topic: string | undefined;
  readonly #inputTopic: string;

  constructor(topic: string | undefined, inputTopic: string) {
    this.topic = topic;
    this.#inputTopic = inputTopic;
  }

  /** Of an input record that makes no event. */
  ofInput(
    record: InputRecord,
    reason: SkipReason,
    partition: number,
    timestampMs: number,
  ): OutputRecord {
    return {
      key: record.key,
      value: record.value,
      everyPartition: false,
      timestampMs,
      headers: this.#headers(reason, partition, record.offset),
      inputPartition: partition,
      inputOffset: record.offset,
    };
  }

  /** Of an event that was refused. */
  ofRefused(record: OutputRecord): OutputRecord {
    const headers = this.#headers(refused, record.inputPartition, record.inputOffset);
    return { ...record, everyPartition: false, headers };
  }

  /** A copy of what is skipped anyway may be missing; an event must be somewhere (T2). */
  maySetAside(topic: string, { headers }: OutputRecord): boolean {
    return topic === this.topic ? headers?.[reasonHeader] !== refused : this.topic !== undefined;
  }

  #headers(
    reason: SkipReason | typeof refused,
    partition: number,
    offset: number,
  ): Readonly<Record<string, string>> {
    return {
      [reasonHeader]: reason,
      'thunder-topic': this.#inputTopic,
      'thunder-partition': String(partition),
      'thunder-offset': String(offset),
    };
  }
}
