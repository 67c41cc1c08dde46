/**
 * Whether a log is still the one that was read: of each partition the last record that was applied is
 * remembered, and after every join it is read once more; it is also looked at whenever kafkajs goes
 * back by itself. Another record at its offset means a topic that was deleted and created again and
 * has outgrown our position, which nothing else shows: Fetch has no topic ids in the versions spoken
 * here. One that is gone (retention, compaction) says nothing.
 *
 * Still invisible: a topic that is re-created and outgrows our position between two fetches of one
 * member, so that no fetch fails, and no join follows; and one whose record at that offset is the
 * same in time and value.
 */
import { hash } from 'node:crypto';
import type { LogRecord } from '#runtime/kafka/record-view.ts';

interface Anchor {
  readonly offset: number;
  readonly timestampMs: number;
  readonly valueHash: string;
}

/**
 * `other`: another record is at the anchor's offset. `same`: the anchor was read because we asked for
 * it. `none`: nothing was to be checked, or can be.
 */
export type AnchorVerdict = 'none' | 'same' | 'other';

export class KafkaAnchors {
  readonly #anchors = new Map<number, Anchor>();
  /** Partitions to be checked with what is delivered next. */
  readonly #unchecked = new Set<number>();

  /** These records were applied. */
  applied(partition: number, records: readonly LogRecord[]): void {
    const last = records.at(-1);
    if (last !== undefined) this.#anchors.set(partition, toAnchor(last));
  }

  /** A join: every anchor is to be checked again. */
  joined(): void {
    for (const partition of this.#anchors.keys()) this.#unchecked.add(partition);
  }

  /** Where to read from for the check; undefined when there is nothing to check. */
  offsetToCheck(partition: number): number | undefined {
    return this.#unchecked.has(partition) ? this.#anchors.get(partition)?.offset : undefined;
  }

  /** Judges what was delivered. After `other` the same is to be checked again. */
  check(partition: number, records: readonly LogRecord[]): AnchorVerdict {
    const anchor = this.#anchors.get(partition);
    if (anchor === undefined) return 'none';
    const found = records.find(({ offset }) => offset >= anchor.offset);
    const isThere = found?.offset === anchor.offset;
    if (isThere && !isSame(toAnchor(found), anchor)) {
      this.#unchecked.add(partition);
      return 'other';
    }
    return this.#unchecked.delete(partition) && isThere ? 'same' : 'none';
  }
}

function toAnchor({ offset, timestampMs, value }: LogRecord): Anchor {
  const valueHash = value === null ? '' : hash('sha256', value, 'base64');
  return { offset, timestampMs, valueHash };
}

function isSame(one: Anchor, other: Anchor): boolean {
  return one.timestampMs === other.timestampMs && one.valueHash === other.valueHash;
}
