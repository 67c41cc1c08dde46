/**
 * The formats an input topic may have (T6), each a function from a record's value to its outcome.
 */
import {
  createInNetworkEventFields,
  type InNetworkEventFields,
} from '#proto/wire/in-network-event-fields.ts';
import { readInNetworkEvent } from '#proto/wire/read-in-network-event.ts';
import { readEventEnvelope, readTweetEvent } from '#proto/wire/read-tweet-event.ts';
import { createTweetEventFields } from '#proto/wire/tweet-event-fields.ts';
import { authorKey } from './author-partition.ts';
import { createTweetEventConverter } from './convert-tweet-event.ts';
import type { TransformOutcome } from './transform-outcome.ts';

/**
 * `tweet-event`: thrift TweetEvent. `event`: the second legacy envelope, a TweetEvent inside.
 * `in-network-event`: already converted; passed through byte for byte, under the author's key.
 */
export type InputFormat = 'tweet-event' | 'event' | 'in-network-event';

export const inputFormats: readonly InputFormat[] = ['tweet-event', 'event', 'in-network-event'];

/**
 * Converts one record's value; never throws, whatever the bytes. `timestampMs` is the record's, not
 * negative; `nowSeconds` is for the age of deletes.
 */
export type RecordConverter = (
  value: Buffer | null,
  timestampMs: number,
  nowSeconds: number,
) => TransformOutcome;

export interface RecordConverterOptions {
  readonly format: InputFormat;
  /** Deletes of tweets older than this are dropped (T4); deletes that pass through are not. */
  readonly retentionSeconds: number;
}

export function createRecordConverter(options: RecordConverterOptions): RecordConverter {
  if (options.format === 'in-network-event') {
    const event = createInNetworkEventFields();
    return (value) => (value === null ? noValue : rekey(value, event));
  }
  const isEnvelope = options.format === 'event';
  const convert = createTweetEventConverter(options.retentionSeconds);
  const event = createTweetEventFields();
  return (value, timestampMs, nowSeconds) => {
    if (value === null) {
      return noValue;
    }
    const kind = isEnvelope
      ? readEventEnvelope(value, 0, value.byteLength, event)
      : readTweetEvent(value, 0, value.byteLength, event);
    if (isEnvelope && kind === 'no_variant') {
      return { kind: 'skip', reason: 'no_event' };
    }
    return convert(event, Math.floor(timestampMs / 1000), nowSeconds);
  };
}

const noValue: TransformOutcome = { kind: 'skip', reason: 'no_value' };

function rekey(value: Buffer, event: InNetworkEventFields): TransformOutcome {
  readInNetworkEvent(value, 0, value.byteLength, event);
  switch (event.kind) {
    case 'create': {
      const { postIdHi, postIdLo, authorIdHi, authorIdLo } = event.post;
      if ((postIdHi === 0 && postIdLo === 0) || (authorIdHi === 0 && authorIdLo === 0)) {
        return { kind: 'skip', reason: 'missing_id' };
      }
      return { kind: 'write', event: 'create', key: authorKey(authorIdHi, authorIdLo), value };
    }
    case 'delete': {
      if (event.deletedPostIdHi === 0 && event.deletedPostIdLo === 0) {
        return { kind: 'skip', reason: 'missing_id' };
      }
      const hi = event.deletedAuthorIdHi;
      const lo = event.deletedAuthorIdLo;
      const key = hi === 0 && lo === 0 ? null : authorKey(hi, lo);
      return { kind: 'write', event: 'delete', key, value };
    }
    case 'no_variant':
      return { kind: 'skip', reason: 'no_event' };
    default:
      return { kind: 'skip', reason: 'malformed' };
  }
}
