/**
 * Values of the TweetEvent topic: Thrift binary protocol, a bare struct without a message header.
 *
 * Only the fields that Thunder needs are here. Real records carry many more; readers skip those by
 * type, whatever their number.
 *
 * Published facts (tweetypie's Thrift files, 2023): every name, number and type below except those
 * listed next.
 *
 * Never published, and so an assumption or a definition of this project:
 *  - User: the file was never published; that `id` is field 1 is assumed.
 *  - MediaInfo, ImageInfo, VideoInfo, AnimatedGifInfo: only the place of MediaInfo in MediaEntity
 *    (field 15) is published; its members are ours.
 *  - Event (event.thrift): ours.
 *
 * Ids are unsigned 64-bit values carried as i64: above 2^63 they look negative.
 */

namespace js thunder.thrift
namespace py thunder_thrift

struct Reply {
  /** Absent when the reply is to a user and not to a tweet. */
  1: optional i64 in_reply_to_status_id
  2: i64 in_reply_to_user_id
}

/** Of a retweet. */
struct Share {
  /** The tweet that was retweeted first. */
  1: i64 source_status_id
  /** Its author. */
  2: i64 source_user_id
  /** The tweet on which the button was pressed. */
  3: i64 parent_status_id
}

struct TweetCoreData {
  /** The author. */
  1: i64 user_id
  2: string text
  /** The client it was written with. */
  3: string created_via
  /** Seconds since the Unix epoch. */
  4: i64 created_at_secs
  5: optional Reply reply
  7: optional Share share
  /** Delivered to nobody's timeline, as advertisements are. */
  11: bool nullcast
  /** The tweet that began the conversation. */
  14: optional i64 conversation_id
  15: optional bool has_media
}

/** Ours. */
struct ImageInfo {
}

/** Ours. */
struct VideoInfo {
  /** Milliseconds. */
  1: optional i32 duration_millis
}

/** Ours. */
struct AnimatedGifInfo {
}

/** Ours, but for its place in MediaEntity. */
union MediaInfo {
  1: ImageInfo image_info
  2: VideoInfo video_info
  3: AnimatedGifInfo animated_gif_info
}

struct MediaEntity {
  15: optional MediaInfo media_info
}

struct Tweet {
  1: i64 id
  2: optional TweetCoreData core_data
  7: optional list<MediaEntity> media
}

/** Assumed. */
struct User {
  1: i64 id
}

struct TweetCreateEvent {
  1: Tweet tweet
  2: User user
  /** Of a retweet: the tweet that was retweeted, and its author. */
  3: optional Tweet source_tweet
  4: optional User source_user
  6: optional Tweet quoted_tweet
  7: optional User quoted_user
}

struct TweetDeleteEvent {
  1: Tweet tweet
  2: optional User user
  3: optional bool is_user_erasure
}

/** The tweet that a quote tweet quotes was deleted, and the quote tweet with it. */
struct QuotedTweetDeleteEvent {
  1: i64 quoting_tweet_id
  2: i64 quoting_user_id
  3: i64 quoted_tweet_id
  4: i64 quoted_user_id
}

/** A variant that is counted and skipped: none of its fields is read. */
struct UnreadEvent {
}

union TweetEventData {
  1: TweetCreateEvent tweet_create_event
  2: TweetDeleteEvent tweet_delete_event
  3: UnreadEvent additional_field_update
  4: UnreadEvent additional_field_delete
  5: UnreadEvent tweet_undelete
  6: UnreadEvent tweet_scrub_geo
  7: UnreadEvent tweet_takedown
  8: UnreadEvent user_scrub_geo
  9: UnreadEvent possibly_sensitive_update
  10: QuotedTweetDeleteEvent quoted_tweet_delete_event
  11: UnreadEvent quoted_tweet_takedown
}

struct TweetEventFlags {
  /** When it happened, milliseconds since the Unix epoch. */
  2: i64 timestamp_ms
}

struct TweetEvent {
  1: TweetEventData data
  2: TweetEventFlags flags
}
