/**
 * Reads a thrift `Tweet`: id, core data, reply, share, and the first media entity. Part of
 * read-tweet-event.ts, whose rules it follows. Functions return the position after the struct, -1
 * when it is malformed.
 */
import {
  FIELD_HEADER_BYTES,
  fieldHeader,
  LIST_HEADER_BYTES,
  readFieldHeader,
  readListSize,
  readSigned32,
  readUnsigned32,
  skipField,
  T_BOOL,
  T_I32,
  T_I64,
  T_LIST,
  T_STOP,
  T_STRUCT,
} from './thrift-binary.ts';
import {
  clearCoreData,
  clearMedia,
  clearReply,
  clearShare,
  clearTweet,
  type TweetFields,
} from './tweet-event-fields.ts';
import { toSignedNumber } from './varint.ts';

const TWEET_ID = fieldHeader(1, T_I64);
const TWEET_CORE_DATA = fieldHeader(2, T_STRUCT);
const TWEET_MEDIA = fieldHeader(7, T_LIST);
const CORE_USER_ID = fieldHeader(1, T_I64);
const CORE_CREATED_AT_SECS = fieldHeader(4, T_I64);
const CORE_REPLY = fieldHeader(5, T_STRUCT);
const CORE_SHARE = fieldHeader(7, T_STRUCT);
const CORE_NULLCAST = fieldHeader(11, T_BOOL);
const CORE_CONVERSATION_ID = fieldHeader(14, T_I64);
const IN_REPLY_TO_STATUS_ID = fieldHeader(1, T_I64);
const IN_REPLY_TO_USER_ID = fieldHeader(2, T_I64);
const SOURCE_STATUS_ID = fieldHeader(1, T_I64);
const SOURCE_USER_ID = fieldHeader(2, T_I64);
const ENTITY_MEDIA_INFO = fieldHeader(15, T_STRUCT);
const INFO_IMAGE = fieldHeader(1, T_STRUCT);
const INFO_VIDEO = fieldHeader(2, T_STRUCT);
const INFO_ANIMATED_GIF = fieldHeader(3, T_STRUCT);
const VIDEO_DURATION_MILLIS = fieldHeader(1, T_I32);

/** Reads a `Tweet` into `out`, cleared first. */
export function readTweet(bytes: Uint8Array, start: number, end: number, out: TweetFields): number {
  clearTweet(out);
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    const value = position + FIELD_HEADER_BYTES;
    if (header === TWEET_CORE_DATA) {
      position = readCoreData(bytes, value, end, out);
    } else if (header === TWEET_MEDIA) {
      position = readMedia(bytes, value, end, out);
    } else {
      position = skipField(bytes, position, end, header);
      if (header === TWEET_ID && position >= 0) {
        out.hasId = true;
        out.idHi = readUnsigned32(bytes, value);
        out.idLo = readUnsigned32(bytes, value + 4);
      }
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

function readCoreData(bytes: Uint8Array, start: number, end: number, out: TweetFields): number {
  clearCoreData(out);
  out.hasCoreData = true;
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    const value = position + FIELD_HEADER_BYTES;
    if (header === CORE_REPLY) {
      position = readReply(bytes, value, end, out);
    } else if (header === CORE_SHARE) {
      position = readShare(bytes, value, end, out);
    } else {
      position = skipField(bytes, position, end, header);
      if (position >= 0) {
        setCoreValue(bytes, value, header, out);
      }
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

function setCoreValue(bytes: Uint8Array, value: number, header: number, out: TweetFields): void {
  switch (header) {
    case CORE_USER_ID:
      out.hasUserId = true;
      out.userIdHi = readUnsigned32(bytes, value);
      out.userIdLo = readUnsigned32(bytes, value + 4);
      break;
    case CORE_CREATED_AT_SECS:
      out.hasCreatedAtSecs = true;
      out.createdAtSecs = toSignedNumber(
        readUnsigned32(bytes, value),
        readUnsigned32(bytes, value + 4),
      );
      break;
    case CORE_NULLCAST:
      out.nullcast = bytes[value] !== 0;
      break;
    case CORE_CONVERSATION_ID:
      out.hasConversationId = true;
      out.conversationIdHi = readUnsigned32(bytes, value);
      out.conversationIdLo = readUnsigned32(bytes, value + 4);
      break;
    default:
  }
}

function readReply(bytes: Uint8Array, start: number, end: number, out: TweetFields): number {
  clearReply(out);
  out.hasReply = true;
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    const value = position + FIELD_HEADER_BYTES;
    position = skipField(bytes, position, end, header);
    if (header === IN_REPLY_TO_STATUS_ID && position >= 0) {
      out.hasInReplyToStatusId = true;
      out.inReplyToStatusIdHi = readUnsigned32(bytes, value);
      out.inReplyToStatusIdLo = readUnsigned32(bytes, value + 4);
    } else if (header === IN_REPLY_TO_USER_ID && position >= 0) {
      out.hasInReplyToUserId = true;
      out.inReplyToUserIdHi = readUnsigned32(bytes, value);
      out.inReplyToUserIdLo = readUnsigned32(bytes, value + 4);
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

function readShare(bytes: Uint8Array, start: number, end: number, out: TweetFields): number {
  clearShare(out);
  out.hasShare = true;
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    const value = position + FIELD_HEADER_BYTES;
    position = skipField(bytes, position, end, header);
    if (header === SOURCE_STATUS_ID && position >= 0) {
      out.hasSourceStatusId = true;
      out.sourceStatusIdHi = readUnsigned32(bytes, value);
      out.sourceStatusIdLo = readUnsigned32(bytes, value + 4);
    } else if (header === SOURCE_USER_ID && position >= 0) {
      out.hasSourceUserId = true;
      out.sourceUserIdHi = readUnsigned32(bytes, value);
      out.sourceUserIdLo = readUnsigned32(bytes, value + 4);
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

/** The list of media, of which only the first entity is looked into. */
function readMedia(bytes: Uint8Array, start: number, end: number, out: TweetFields): number {
  clearMedia(out);
  const size = readListSize(bytes, start, end, T_STRUCT);
  if (size < 0) {
    return -1;
  }
  let position = start + LIST_HEADER_BYTES;
  for (let index = 0; index < size && position >= 0; index += 1) {
    position = readMediaEntity(bytes, position, end, out, index === 0);
  }
  out.mediaCount = size;
  return position;
}

function readMediaEntity(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: TweetFields,
  isFirst: boolean,
): number {
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    position =
      header === ENTITY_MEDIA_INFO && isFirst
        ? readMediaInfo(bytes, position + FIELD_HEADER_BYTES, end, out)
        : skipField(bytes, position, end, header);
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

/** The union of kinds of media: none or one. */
function readMediaInfo(bytes: Uint8Array, start: number, end: number, out: TweetFields): number {
  out.firstMediaKind = 'none';
  out.hasDurationMillis = false;
  out.durationMillis = 0;
  const header = readFieldHeader(bytes, start, end);
  if (header <= 0) {
    return header < 0 ? -1 : start + 1;
  }
  let position = 0;
  if (header === INFO_VIDEO) {
    out.firstMediaKind = 'video';
    position = readVideoInfo(bytes, start + FIELD_HEADER_BYTES, end, out);
  } else {
    out.firstMediaKind =
      header === INFO_IMAGE ? 'image' : header === INFO_ANIMATED_GIF ? 'animated_gif' : 'other';
    position = skipField(bytes, start, end, header);
  }
  return readFieldHeader(bytes, position, end) === T_STOP ? position + 1 : -1;
}

function readVideoInfo(bytes: Uint8Array, start: number, end: number, out: TweetFields): number {
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    const value = position + FIELD_HEADER_BYTES;
    position = skipField(bytes, position, end, header);
    if (header === VIDEO_DURATION_MILLIS && position >= 0) {
      out.hasDurationMillis = true;
      out.durationMillis = readSigned32(bytes, value);
    }
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}
