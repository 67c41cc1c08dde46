/**
 * The event rules E1 to E7 between a record's bytes and the store. Synchronous; judges by the
 * record and the `now` it is given, never by a clock of its own. Input of any kind is an outcome,
 * not an exception; a target that throws is a bug and passes through.
 */
import { reclaimGraceSeconds, tombstoneGraceSeconds } from '#node/grace-periods.ts';
import {
  createInNetworkEventFields,
  type InNetworkEventFields,
} from '#proto/wire/in-network-event-fields.ts';
import { readInNetworkEvent } from '#proto/wire/read-in-network-event.ts';
import { encodeLightPost, LIGHT_POST_BYTES_MAX } from '#proto/wire/write-light-post.ts';
import type { EventOutcome } from './event-outcome.ts';
import type { EventTarget } from './event-target.ts';
import { recordBytesMax } from './ingest-limits.ts';

/** E2, E5: how far ahead of its record's timestamp (of `now` without one) an event may be stamped. */
export const aheadOfRecordSecondsMax = 86_400;

export interface EventApplierOptions {
  readonly target: EventTarget;
  readonly retentionSeconds: number;
}

export interface EventApplier {
  /**
   * Applies the record value `bytes[start, end)`; null is a record without a value.
   * `recordTimestampMs` is negative when the record carries none; `now` is in whole seconds.
   */
  apply(
    bytes: Uint8Array | null,
    start: number,
    end: number,
    recordTimestampMs: number,
    now: number,
  ): EventOutcome;
  /** Records by outcome since the start: the live object, not a copy. */
  counts(): Readonly<Record<EventOutcome, number>>;
}

export function createEventApplier(options: EventApplierOptions): EventApplier {
  const { target, retentionSeconds } = options;
  const event = createInNetworkEventFields();
  const canonical = new Uint8Array(LIGHT_POST_BYTES_MAX);
  const counts = createCounts();

  function judge(
    bytes: Uint8Array | null,
    start: number,
    end: number,
    recordTimestampMs: number,
    now: number,
  ): EventOutcome {
    if (bytes === null) return 'no_value';
    if (end - start > recordBytesMax) return 'too_large';
    readInNetworkEvent(bytes, start, end, event);
    const recordTime = recordTimestampMs >= 0 ? Math.floor(recordTimestampMs / 1000) : null;
    if (event.kind === 'create') return create(bytes, recordTime, now);
    if (event.kind === 'delete') return remove(recordTime, now);
    return event.kind;
  }

  function create(bytes: Uint8Array, recordTime: number | null, now: number): EventOutcome {
    const { post } = event;
    if (isZero(post.postIdHi, post.postIdLo)) return 'missing_id';
    if (isZero(post.authorIdHi, post.authorIdLo)) return 'missing_id';
    if (post.createdAt < now - retentionSeconds - reclaimGraceSeconds) return 'expired';
    if (isAhead(post.createdAt, recordTime ?? now)) return 'future';
    const outcome = event.canonical
      ? target.create(post, bytes, event.payloadStart, event.payloadEnd, now)
      : target.create(post, canonical, 0, encodeLightPost(post, canonical, 0), now);
    return outcome === 'stored' ? 'created' : outcome;
  }

  function remove(recordTime: number | null, now: number): EventOutcome {
    if (isZero(event.deletedPostIdHi, event.deletedPostIdLo)) return 'missing_id';
    const deletedAt = deleteTime(event, recordTime, now);
    if (deletedAt === null) return 'untimed';
    if (now > deletedAt + retentionSeconds + tombstoneGraceSeconds) return 'expired';
    const outcome = target.delete(event.deletedPostIdHi, event.deletedPostIdLo, deletedAt);
    if (outcome === 'stored') return 'deleted';
    return outcome === 'known' ? 'delete_known' : outcome;
  }

  return {
    apply(bytes, start, end, recordTimestampMs, now) {
      const outcome = judge(bytes, start, end, recordTimestampMs, now);
      counts[outcome] += 1;
      return outcome;
    },
    counts: () => counts,
  };
}

/** All zero; a literal, so that counting is a store to a fixed place. */
function createCounts(): Record<EventOutcome, number> {
  return {
    no_value: 0,
    too_large: 0,
    malformed: 0,
    no_variant: 0,
    missing_id: 0,
    untimed: 0,
    expired: 0,
    future: 0,
    evicted: 0,
    duplicate: 0,
    created: 0,
    delete_known: 0,
    deleted: 0,
  };
}

/** E5: when the post was deleted, as far as the record can be believed; null when nothing says. */
function deleteTime(
  event: InNetworkEventFields,
  recordTime: number | null,
  now: number,
): number | null {
  const isUsable = event.deletedAt !== 0 && !isAhead(event.deletedAt, recordTime ?? now);
  return isUsable ? event.deletedAt : recordTime;
}

/** Whether a stamp is from a future that nobody needs; without a record's timestamp `now` stands in. */
function isAhead(seconds: number, reference: number): boolean {
  return seconds > reference + aheadOfRecordSecondsMax;
}

function isZero(hi: number, lo: number): boolean {
  return hi === 0 && lo === 0;
}
