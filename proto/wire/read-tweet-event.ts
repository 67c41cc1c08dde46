/**
 * Reads a thrift TweetEvent (binary protocol, bare struct) and the legacy Event envelope around one.
 * It walks only the path to the fields that are needed and skips everything else by type, whatever
 * its number. As in Apache Thrift's generated code, a known number with a type that is not its own
 * is skipped, a field that occurs twice counts as its last, and bytes after the struct are ignored.
 * Stricter than that code: a negative list, set or map size, a list of media that are not structs,
 * and a union with more than one field are malformed.
 */
import { readTweet } from './read-tweet.ts';
import {
  FIELD_HEADER_BYTES,
  fieldHeader,
  fieldNumberOf,
  readFieldHeader,
  readUnsigned32,
  skipField,
  T_I64,
  T_STOP,
  T_STRUCT,
} from './thrift-binary.ts';
import {
  clearTweetEvent,
  clearUser,
  clearVariant,
  type TweetEventFields,
  type TweetEventKind,
} from './tweet-event-fields.ts';
import { toSignedNumber } from './varint.ts';

const ENVELOPE_TWEET_EVENT = fieldHeader(3, T_STRUCT);
const EVENT_DATA = fieldHeader(1, T_STRUCT);
const EVENT_FLAGS = fieldHeader(2, T_STRUCT);
const FLAGS_TIMESTAMP_MS = fieldHeader(2, T_I64);
const DATA_CREATE = fieldHeader(1, T_STRUCT);
const DATA_DELETE = fieldHeader(2, T_STRUCT);
const DATA_QUOTED_DELETE = fieldHeader(10, T_STRUCT);
const VARIANT_TWEET = fieldHeader(1, T_STRUCT);
const VARIANT_USER = fieldHeader(2, T_STRUCT);
const USER_ID = fieldHeader(1, T_I64);
const QUOTING_TWEET_ID = fieldHeader(1, T_I64);
const QUOTING_USER_ID = fieldHeader(2, T_I64);

/**
 * Reads the record `bytes[start, end)` into `out` and returns its kind, also left in `out.kind`.
 * Never throws and makes no object; takes time linear in the record. After `malformed` only the kind
 * has a meaning.
 */
export function readTweetEvent(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: TweetEventFields,
): TweetEventKind {
  clearTweetEvent(out);
  if (readEvent(bytes, start, end, out) < 0) {
    out.kind = 'malformed';
  }
  return out.kind;
}

/** The same for a record that is an `Event` envelope. Without a `tweet_event` its kind is `no_variant`. */
export function readEventEnvelope(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: TweetEventFields,
): TweetEventKind {
  clearTweetEvent(out);
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    position =
      header === ENVELOPE_TWEET_EVENT
        ? readEvent(bytes, position + FIELD_HEADER_BYTES, end, out)
        : skipField(bytes, position, end, header);
    header = readFieldHeader(bytes, position, end);
  }
  if (header < 0) {
    out.kind = 'malformed';
  }
  return out.kind;
}

function readEvent(bytes: Uint8Array, start: number, end: number, out: TweetEventFields): number {
  clearTweetEvent(out);
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    if (header === EVENT_DATA) {
      position = readData(bytes, position + FIELD_HEADER_BYTES, end, out);
    } else if (header === EVENT_FLAGS) {
      position = readFlags(bytes, position + FIELD_HEADER_BYTES, end, out);
    } else {
      position = skipField(bytes, position, end, header);
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

function readFlags(bytes: Uint8Array, start: number, end: number, out: TweetEventFields): number {
  out.hasTimestampMs = false;
  out.timestampMs = 0;
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    const value = position + FIELD_HEADER_BYTES;
    position = skipField(bytes, position, end, header);
    if (header === FLAGS_TIMESTAMP_MS && position >= 0) {
      out.hasTimestampMs = true;
      out.timestampMs = toSignedNumber(
        readUnsigned32(bytes, value),
        readUnsigned32(bytes, value + 4),
      );
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

/** The union of variants: none or one. */
function readData(bytes: Uint8Array, start: number, end: number, out: TweetEventFields): number {
  clearVariant(out);
  const header = readFieldHeader(bytes, start, end);
  if (header <= 0) {
    return header < 0 ? -1 : start + 1;
  }
  out.variantField = fieldNumberOf(header);
  let position = start + FIELD_HEADER_BYTES;
  if (header === DATA_CREATE || header === DATA_DELETE) {
    out.kind = header === DATA_CREATE ? 'create' : 'delete';
    position = readTweetAndUser(bytes, position, end, out);
  } else if (header === DATA_QUOTED_DELETE) {
    out.kind = 'quoted_tweet_delete';
    position = readQuotedTweetDelete(bytes, position, end, out);
  } else {
    out.kind = 'other';
    position = skipField(bytes, start, end, header);
  }
  return readFieldHeader(bytes, position, end) === T_STOP ? position + 1 : -1;
}

/** TweetCreateEvent and TweetDeleteEvent, alike in the fields that are needed. */
function readTweetAndUser(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: TweetEventFields,
): number {
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    if (header === VARIANT_TWEET) {
      out.hasTweet = true;
      position = readTweet(bytes, position + FIELD_HEADER_BYTES, end, out.tweet);
    } else if (header === VARIANT_USER) {
      position = readUser(bytes, position + FIELD_HEADER_BYTES, end, out);
    } else {
      position = skipField(bytes, position, end, header);
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

function readUser(bytes: Uint8Array, start: number, end: number, out: TweetEventFields): number {
  clearUser(out);
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    const value = position + FIELD_HEADER_BYTES;
    position = skipField(bytes, position, end, header);
    if (header === USER_ID && position >= 0) {
      out.hasUserId = true;
      out.userIdHi = readUnsigned32(bytes, value);
      out.userIdLo = readUnsigned32(bytes, value + 4);
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

function readQuotedTweetDelete(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: TweetEventFields,
): number {
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    const value = position + FIELD_HEADER_BYTES;
    position = skipField(bytes, position, end, header);
    if (header === QUOTING_TWEET_ID && position >= 0) {
      out.hasQuotingTweetId = true;
      out.quotingTweetIdHi = readUnsigned32(bytes, value);
      out.quotingTweetIdLo = readUnsigned32(bytes, value + 4);
    } else if (header === QUOTING_USER_ID && position >= 0) {
      out.hasQuotingUserId = true;
      out.quotingUserIdHi = readUnsigned32(bytes, value);
      out.quotingUserIdLo = readUnsigned32(bytes, value + 4);
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}
