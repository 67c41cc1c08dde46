/**
 * What the transformer needs of a thrift TweetEvent (rules T3, T4), as `readTweetEvent` leaves it:
 * numbers and flags, filled in place and reused. A 64-bit id is a pair of unsigned 32-bit halves. A
 * value whose `has…` is false is 0.
 */

/**
 * Which variant the record held. `other`: one that nobody here needs, its number in
 * `variantField`. `no_variant`: no `data`, or an empty one. `malformed`: not thrift, cut short, sizes
 * that cannot be, nested too deep, or a union with more than one field.
 */
export type TweetEventKind =
  | 'create'
  | 'delete'
  | 'quoted_tweet_delete'
  | 'other'
  | 'no_variant'
  | 'malformed';

/** The member of a MediaEntity's `media_info`; `none` when it has none. */
export type MediaInfoKind = 'none' | 'image' | 'video' | 'animated_gif' | 'other';

/** `Tweet` with the parts of `TweetCoreData`, `Reply`, `Share` and `MediaEntity` that are needed. */
export interface TweetFields {
  hasId: boolean;
  idHi: number;
  idLo: number;
  hasCoreData: boolean;
  hasUserId: boolean;
  userIdHi: number;
  userIdLo: number;
  hasCreatedAtSecs: boolean;
  /** Seconds since the epoch, signed; rounded beyond 2^53. */
  createdAtSecs: number;
  hasReply: boolean;
  hasInReplyToStatusId: boolean;
  inReplyToStatusIdHi: number;
  inReplyToStatusIdLo: number;
  hasInReplyToUserId: boolean;
  inReplyToUserIdHi: number;
  inReplyToUserIdLo: number;
  hasShare: boolean;
  hasSourceStatusId: boolean;
  sourceStatusIdHi: number;
  sourceStatusIdLo: number;
  hasSourceUserId: boolean;
  sourceUserIdHi: number;
  sourceUserIdLo: number;
  nullcast: boolean;
  hasConversationId: boolean;
  conversationIdHi: number;
  conversationIdLo: number;
  /** Entries of `media`; 0 when the list is absent or empty. */
  mediaCount: number;
  firstMediaKind: MediaInfoKind;
  hasDurationMillis: boolean;
  /** Of the first media entity's video, milliseconds, signed. */
  durationMillis: number;
}

export interface TweetEventFields {
  kind: TweetEventKind;
  /** Field number in `TweetEventData` of the variant; 0 when there is none. */
  variantField: number;
  hasTimestampMs: boolean;
  /** `flags.timestamp_ms`, signed; rounded beyond 2^53. */
  timestampMs: number;
  /** Of a create or delete. */
  hasTweet: boolean;
  readonly tweet: TweetFields;
  /** `user.id` of a create or delete. */
  hasUserId: boolean;
  userIdHi: number;
  userIdLo: number;
  /** Of a quoted-tweet delete. */
  hasQuotingTweetId: boolean;
  quotingTweetIdHi: number;
  quotingTweetIdLo: number;
  hasQuotingUserId: boolean;
  quotingUserIdHi: number;
  quotingUserIdLo: number;
}

export function createTweetFields(): TweetFields {
  return {
    hasId: false,
    idHi: 0,
    idLo: 0,
    hasCoreData: false,
    hasUserId: false,
    userIdHi: 0,
    userIdLo: 0,
    hasCreatedAtSecs: false,
    createdAtSecs: 0,
    hasReply: false,
    hasInReplyToStatusId: false,
    inReplyToStatusIdHi: 0,
    inReplyToStatusIdLo: 0,
    hasInReplyToUserId: false,
    inReplyToUserIdHi: 0,
    inReplyToUserIdLo: 0,
    hasShare: false,
    hasSourceStatusId: false,
    sourceStatusIdHi: 0,
    sourceStatusIdLo: 0,
    hasSourceUserId: false,
    sourceUserIdHi: 0,
    sourceUserIdLo: 0,
    nullcast: false,
    hasConversationId: false,
    conversationIdHi: 0,
    conversationIdLo: 0,
    mediaCount: 0,
    firstMediaKind: 'none',
    hasDurationMillis: false,
    durationMillis: 0,
  };
}

export function createTweetEventFields(): TweetEventFields {
  return {
    kind: 'no_variant',
    variantField: 0,
    hasTimestampMs: false,
    timestampMs: 0,
    hasTweet: false,
    tweet: createTweetFields(),
    hasUserId: false,
    userIdHi: 0,
    userIdLo: 0,
    hasQuotingTweetId: false,
    quotingTweetIdHi: 0,
    quotingTweetIdLo: 0,
    hasQuotingUserId: false,
    quotingUserIdHi: 0,
    quotingUserIdLo: 0,
  };
}

/** Back to an absent event. */
export function clearTweetEvent(out: TweetEventFields): void {
  out.hasTimestampMs = false;
  out.timestampMs = 0;
  clearVariant(out);
}

/** Back to no variant, whatever an earlier one left. */
export function clearVariant(out: TweetEventFields): void {
  out.kind = 'no_variant';
  out.variantField = 0;
  out.hasTweet = false;
  clearTweet(out.tweet);
  clearUser(out);
  out.hasQuotingTweetId = false;
  out.quotingTweetIdHi = 0;
  out.quotingTweetIdLo = 0;
  out.hasQuotingUserId = false;
  out.quotingUserIdHi = 0;
  out.quotingUserIdLo = 0;
}

export function clearUser(out: TweetEventFields): void {
  out.hasUserId = false;
  out.userIdHi = 0;
  out.userIdLo = 0;
}

export function clearTweet(tweet: TweetFields): void {
  tweet.hasId = false;
  tweet.idHi = 0;
  tweet.idLo = 0;
  clearCoreData(tweet);
  clearMedia(tweet);
}

export function clearCoreData(tweet: TweetFields): void {
  tweet.hasCoreData = false;
  tweet.hasUserId = false;
  tweet.userIdHi = 0;
  tweet.userIdLo = 0;
  tweet.hasCreatedAtSecs = false;
  tweet.createdAtSecs = 0;
  clearReply(tweet);
  clearShare(tweet);
  tweet.nullcast = false;
  tweet.hasConversationId = false;
  tweet.conversationIdHi = 0;
  tweet.conversationIdLo = 0;
}

export function clearReply(tweet: TweetFields): void {
  tweet.hasReply = false;
  tweet.hasInReplyToStatusId = false;
  tweet.inReplyToStatusIdHi = 0;
  tweet.inReplyToStatusIdLo = 0;
  tweet.hasInReplyToUserId = false;
  tweet.inReplyToUserIdHi = 0;
  tweet.inReplyToUserIdLo = 0;
}

export function clearShare(tweet: TweetFields): void {
  tweet.hasShare = false;
  tweet.hasSourceStatusId = false;
  tweet.sourceStatusIdHi = 0;
  tweet.sourceStatusIdLo = 0;
  tweet.hasSourceUserId = false;
  tweet.sourceUserIdHi = 0;
  tweet.sourceUserIdLo = 0;
}

export function clearMedia(tweet: TweetFields): void {
  tweet.mediaCount = 0;
  tweet.firstMediaKind = 'none';
  tweet.hasDurationMillis = false;
  tweet.durationMillis = 0;
}
