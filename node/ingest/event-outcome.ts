/**
 * What became of a record: exactly one of these for each, counted.
 */

/** In the order in which they are judged; the first that fits is the outcome. */
export type EventOutcome =
  /** No value at all, as a compacted topic's tombstone. */
  | 'no_value'
  /** Longer than `recordBytesMax`. */
  | 'too_large'
  /** Not protobuf, or cut short. */
  | 'malformed'
  /** Neither create nor delete (E1). */
  | 'no_variant'
  /** No post id, or a create without author id (E6). */
  | 'missing_id'
  /** A delete with no time of its own, or one more than 24 h ahead, from a record without a timestamp: when to forget it is unknown (E5). */
  | 'untimed'
  /** A create beyond retention + 1 h (E2), or a delete whose tombstone would be past its time (E5). */
  | 'expired'
  /** A create stamped more than 24 h ahead of its record, of the clock when that has no timestamp (E2). */
  | 'future'
  /** Older than what memory can hold (S4). */
  | 'evicted'
  /** A create that is stored already (E4). */
  | 'duplicate'
  | 'created'
  /** A delete that changed nothing: an equal or later tombstone was there (E7). */
  | 'delete_known'
  | 'deleted';

/** Outcomes that mean a broken producer: worth a log line. The others are everyday. Asked for every record. */
export function isBadRecord(outcome: EventOutcome): boolean {
  switch (outcome) {
    case 'created':
    case 'deleted':
    case 'duplicate':
    case 'delete_known':
    case 'expired':
    case 'evicted':
      return false;
    default:
      return true;
  }
}

/** Outcomes of records that could not be decoded; all of them are bad. */
export function isUnreadable(outcome: EventOutcome): boolean {
  return outcome === 'malformed' || outcome === 'too_large' || outcome === 'no_value';
}
