/**
 * Reads a LightPost or TweetCreateEvent payload and notices on the way whether its bytes are
 * already canonical (rule E3).
 */
import type { LightPostFields } from './light-post-fields.ts';
import { lengthOf, readTag, skipField, valueOf, WIRE_VARINT } from './protobuf-field.ts';
import {
  isMinimalVarint,
  toSignedNumber,
  varintHigh,
  varintIsTrue,
  varintLength,
  varintLow,
} from './varint.ts';

/** What reading a payload came to. `canonical`: read, and the bytes are what `encodeLightPost` would write. */
export type LightPostOutcome = 'canonical' | 'read' | 'malformed';

/** Back to an absent post, as `createLightPostFields` makes one. */
export function clearLightPost(post: LightPostFields): void {
  post.postIdHi = 0;
  post.postIdLo = 0;
  post.authorIdHi = 0;
  post.authorIdLo = 0;
  post.createdAt = 0;
  post.hasInReplyToPostId = false;
  post.inReplyToPostIdHi = 0;
  post.inReplyToPostIdLo = 0;
  post.hasInReplyToUserId = false;
  post.inReplyToUserIdHi = 0;
  post.inReplyToUserIdLo = 0;
  post.isRetweet = false;
  post.isReply = false;
  post.hasSourcePostId = false;
  post.sourcePostIdHi = 0;
  post.sourcePostIdLo = 0;
  post.hasSourceUserId = false;
  post.sourceUserIdHi = 0;
  post.sourceUserIdLo = 0;
  post.hasVideo = false;
  post.hasConversationId = false;
  post.conversationIdHi = 0;
  post.conversationIdLo = 0;
}

/**
 * Reads `bytes[start, end)` into a cleared post. `isReply` comes out as rule E3 has it. Never throws;
 * after `malformed` the fields are meaningless.
 */
export function readLightPost(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: LightPostFields,
): LightPostOutcome {
  clearLightPost(out);
  const outcome = mergeLightPost(bytes, start, end, out, 0);
  applyReplyRule(out);
  return outcome;
}

/** Rule E3: a post that names what it replies to is a reply, flag or not. */
export function applyReplyRule(post: LightPostFields): void {
  post.isReply ||= post.hasInReplyToPostId || post.hasInReplyToUserId;
}

/**
 * Reads a payload over the fields that are already there, as protobuf merges a message that occurs
 * twice; the last value of a field wins. `isReply` is left as on the wire. The outcome `canonical`
 * means only something when the post was clear.
 */
export function mergeLightPost(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: LightPostFields,
  depth: number,
): LightPostOutcome {
  let canonical = true;
  let lastField = 0;
  let position = start;
  while (position < end) {
    let tag = bytes[position]!;
    if (tag < 0x80) {
      position += 1;
    } else {
      const packed = readTag(bytes, position, end);
      if (packed < 0) {
        return 'malformed';
      }
      tag = valueOf(packed);
      position += lengthOf(packed);
      canonical = false;
    }
    const field = tag >>> 3;
    if ((tag & 7) !== WIRE_VARINT || field === 0 || field > 11) {
      position = skipField(bytes, position, end, tag, depth);
      if (position < 0) {
        return 'malformed';
      }
      canonical = false;
      continue;
    }
    const length = varintLength(bytes, position, end);
    if (length === 0) {
      return 'malformed';
    }
    if (field <= lastField || !isMinimalVarint(bytes, position, length)) {
      canonical = false;
    }
    lastField = field;
    if (field === 6 || field === 7 || field === 10) {
      const flag = varintIsTrue(bytes, position, length);
      if (length !== 1 || bytes[position] !== 1) {
        canonical = false;
      }
      setFlag(out, field, flag);
    } else {
      const low = varintLow(bytes, position, length);
      const high = varintHigh(bytes, position, length);
      if (field <= 3 && low === 0 && high === 0) {
        canonical = false;
      }
      setNumber(out, field, high, low);
    }
    position += length;
  }
  const replies = out.hasInReplyToPostId || out.hasInReplyToUserId;
  if ((replies && !out.isReply) || !Number.isSafeInteger(out.createdAt)) {
    canonical = false;
  }
  return canonical ? 'canonical' : 'read';
}

function setFlag(out: LightPostFields, field: number, flag: boolean): void {
  if (field === 6) {
    out.isRetweet = flag;
  } else if (field === 7) {
    out.isReply = flag;
  } else {
    out.hasVideo = flag;
  }
}

function setNumber(out: LightPostFields, field: number, high: number, low: number): void {
  switch (field) {
    case 1:
      out.postIdHi = high;
      out.postIdLo = low;
      break;
    case 2:
      out.authorIdHi = high;
      out.authorIdLo = low;
      break;
    case 3:
      out.createdAt = toSignedNumber(high, low);
      break;
    case 4:
      out.hasInReplyToPostId = true;
      out.inReplyToPostIdHi = high;
      out.inReplyToPostIdLo = low;
      break;
    case 5:
      out.hasInReplyToUserId = true;
      out.inReplyToUserIdHi = high;
      out.inReplyToUserIdLo = low;
      break;
    case 8:
      out.hasSourcePostId = true;
      out.sourcePostIdHi = high;
      out.sourcePostIdLo = low;
      break;
    case 9:
      out.hasSourceUserId = true;
      out.sourceUserIdHi = high;
      out.sourceUserIdLo = low;
      break;
    default:
      out.hasConversationId = true;
      out.conversationIdHi = high;
      out.conversationIdLo = low;
  }
}
