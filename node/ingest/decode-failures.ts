/**
 * The share of records that cannot be decoded. One is skipped and counted (E6); a storm of them means
 * another topic or another format, and a node that starts on it would be ready and lack most posts.
 */
import { decodeFailureWords } from '#runtime/node-status.ts';
import type { EventOutcome } from './event-outcome.ts';
import { decodeShareRecordsMin } from './ingest-limits.ts';

export class DecodeFailures {
  readonly #percentMax: number;
  #read = 0;
  #failed = 0;
  #blockRead = 0;
  #blockFailed = 0;
  #recentShare = 0;

  /** More than this, in percent, is too many; 100 never is. */
  constructor(percentMax: number) {
    this.#percentMax = percentMax;
  }

  /** So many records more were read, of which so many could not be decoded. */
  noted(read: number, failed: number): void {
    this.#read += read;
    this.#failed += failed;
    this.#blockRead += read;
    this.#blockFailed += failed;
    if (this.#blockRead < decodeShareRecordsMin) return;
    this.#recentShare = this.#blockFailed / this.#blockRead;
    this.#blockRead = 0;
    this.#blockFailed = 0;
  }

  /** Of all records since the start; 0 before there are enough to tell. */
  get shareSinceStart(): number {
    return this.#read < decodeShareRecordsMin ? 0 : this.#failed / this.#read;
  }

  /** Of the last so many records. */
  get recentShare(): number {
    return this.#recentShare;
  }

  isTooMany(share: number): boolean {
    return share * 100 > this.#percentMax;
  }

  /** One sentence when the share is too much, else empty. */
  sentence(share: number): string {
    if (!this.isTooMany(share)) return '';
    const percent = (share * 100).toPrecision(2);
    return `${percent} % ${decodeFailureWords} (counters malformed, too_large, unreadable_batch), more than --decode-failure-max ${this.#percentMax}`;
  }
}

/** A record without a value is none of these: a compacted topic may be full of them. */
export function isUndecodable(outcome: EventOutcome): boolean {
  return outcome === 'malformed' || outcome === 'too_large';
}
