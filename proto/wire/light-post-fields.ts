/**
 * A LightPost or TweetCreateEvent (same field numbers) as the fast readers leave it: numbers only,
 * filled in place and reused, so that reading a record makes no object. A 64-bit id is a pair of
 * unsigned 32-bit halves; ids above 2^53 and 2^63 are ordinary (rule E6).
 */
export interface LightPostFields {
  postIdHi: number;
  postIdLo: number;
  authorIdHi: number;
  authorIdLo: number;
  /** Seconds since the epoch, signed. Exact up to 2^53, rounded beyond: no rule tells those apart. */
  createdAt: number;
  hasInReplyToPostId: boolean;
  inReplyToPostIdHi: number;
  inReplyToPostIdLo: number;
  hasInReplyToUserId: boolean;
  inReplyToUserIdHi: number;
  inReplyToUserIdLo: number;
  isRetweet: boolean;
  /** As on the wire; rule E3 (`isReply` also when either in_reply_to field is present) is applied by the reader. */
  isReply: boolean;
  hasSourcePostId: boolean;
  sourcePostIdHi: number;
  sourcePostIdLo: number;
  hasSourceUserId: boolean;
  sourceUserIdHi: number;
  sourceUserIdLo: number;
  hasVideo: boolean;
  hasConversationId: boolean;
  conversationIdHi: number;
  conversationIdLo: number;
}

export function createLightPostFields(): LightPostFields {
  return {
    postIdHi: 0,
    postIdLo: 0,
    authorIdHi: 0,
    authorIdLo: 0,
    createdAt: 0,
    hasInReplyToPostId: false,
    inReplyToPostIdHi: 0,
    inReplyToPostIdLo: 0,
    hasInReplyToUserId: false,
    inReplyToUserIdHi: 0,
    inReplyToUserIdLo: 0,
    isRetweet: false,
    isReply: false,
    hasSourcePostId: false,
    sourcePostIdHi: 0,
    sourcePostIdLo: 0,
    hasSourceUserId: false,
    sourceUserIdHi: 0,
    sourceUserIdLo: 0,
    hasVideo: false,
    hasConversationId: false,
    conversationIdHi: 0,
    conversationIdLo: 0,
  };
}

/** An id from its halves. Only off the hot paths. */
export function toId(hi: number, lo: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}
