/**
 * What becomes of one input record.
 */

/**
 * Why a record makes no event. `other_variant`: a TweetEvent we have no use for. `no_event`: an
 * envelope without a tweet event inside.
 */
export type SkipReason =
  | 'nullcast'
  | 'expired_delete'
  | 'other_variant'
  | 'no_event'
  | 'no_value'
  | 'malformed'
  | 'missing_field'
  | 'missing_id';

export interface WriteOutcome {
  readonly kind: 'write';
  readonly event: 'create' | 'delete';
  /** The author id (T1); null when the author of a delete is nowhere to be found: every partition (T4). */
  readonly key: Buffer | null;
  /** An encoded InNetworkEvent. */
  readonly value: Buffer;
}

export interface SkipOutcome {
  readonly kind: 'skip';
  readonly reason: SkipReason;
}

export type TransformOutcome = WriteOutcome | SkipOutcome;

/** The records somebody may want to look at: broken ones, as opposed to those we have no use for (T5). */
export function isDefect(reason: SkipReason): boolean {
  return (
    reason === 'no_value' ||
    reason === 'malformed' ||
    reason === 'missing_field' ||
    reason === 'missing_id'
  );
}
