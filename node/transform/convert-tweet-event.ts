/**
 * What a TweetEvent means for the in-network topic: rules T3 and T4, pure. Numbers in, encoded
 * event out; the only state is the space that encoded events are cut from.
 */
import { createLightPostFields } from '#proto/wire/light-post-fields.ts';
import type { TweetEventFields, TweetFields } from '#proto/wire/tweet-event-fields.ts';
import {
  CREATE_EVENT_BYTES_MAX,
  DELETE_EVENT_BYTES_MAX,
  encodeCreateEvent,
  encodeDeleteEvent,
} from '#proto/wire/write-in-network-event.ts';
import { authorKey } from './author-partition.ts';
import type { SkipReason, TransformOutcome } from './transform-outcome.ts';

/** T3: a shorter video does not make a video post. */
export const videoMillisMin = 5000;

/** Encoded events are cut from blocks of this size, so that each costs no allocation of its own. */
const blockBytes = 64 * 1024;

/** `recordSeconds`: the record's timestamp. `nowSeconds`: for the age of deletes. */
export type TweetEventConverter = (
  event: TweetEventFields,
  recordSeconds: number,
  nowSeconds: number,
) => TransformOutcome;

/** Deletes of tweets created more than `retentionSeconds` ago are dropped. */
export function createTweetEventConverter(retentionSeconds: number): TweetEventConverter {
  const post = createLightPostFields();
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let used = 0;

  function reserve(bytes: number): void {
    if (used + bytes > blockBytes) {
      block = Buffer.allocUnsafeSlow(blockBytes);
      used = 0;
    }
  }

  function taken(end: number): Buffer {
    const value = block.subarray(used, end);
    used = end;
    return value;
  }

  function create(event: TweetEventFields): TransformOutcome {
    const { tweet } = event;
    if (tweet.nullcast) {
      return skip('nullcast');
    }
    if (!event.hasTweet || !tweet.hasCreatedAtSecs) {
      return skip('missing_field');
    }
    const userIsAuthor = !isZero(event.userIdHi, event.userIdLo);
    post.postIdHi = tweet.idHi;
    post.postIdLo = tweet.idLo;
    post.authorIdHi = userIsAuthor ? event.userIdHi : tweet.userIdHi;
    post.authorIdLo = userIsAuthor ? event.userIdLo : tweet.userIdLo;
    if (isZero(post.postIdHi, post.postIdLo) || isZero(post.authorIdHi, post.authorIdLo)) {
      return skip('missing_id');
    }
    if (!Number.isSafeInteger(tweet.createdAtSecs)) {
      return skip('malformed');
    }
    post.createdAt = tweet.createdAtSecs;
    post.hasInReplyToPostId = tweet.hasInReplyToStatusId;
    post.inReplyToPostIdHi = tweet.inReplyToStatusIdHi;
    post.inReplyToPostIdLo = tweet.inReplyToStatusIdLo;
    post.hasInReplyToUserId = tweet.hasInReplyToUserId;
    post.inReplyToUserIdHi = tweet.inReplyToUserIdHi;
    post.inReplyToUserIdLo = tweet.inReplyToUserIdLo;
    post.isRetweet = tweet.hasShare;
    post.isReply = tweet.hasReply;
    post.hasSourcePostId = tweet.hasSourceStatusId;
    post.sourcePostIdHi = tweet.sourceStatusIdHi;
    post.sourcePostIdLo = tweet.sourceStatusIdLo;
    post.hasSourceUserId = tweet.hasSourceUserId;
    post.sourceUserIdHi = tweet.sourceUserIdHi;
    post.sourceUserIdLo = tweet.sourceUserIdLo;
    post.hasVideo = hasVideo(tweet);
    post.hasConversationId = tweet.hasConversationId;
    post.conversationIdHi = tweet.conversationIdHi;
    post.conversationIdLo = tweet.conversationIdLo;
    reserve(CREATE_EVENT_BYTES_MAX);
    const value = taken(encodeCreateEvent(post, block, used));
    return {
      kind: 'write',
      event: 'create',
      key: authorKey(post.authorIdHi, post.authorIdLo),
      value,
    };
  }

  function writeDelete(
    postIdHi: number,
    postIdLo: number,
    authorIdHi: number,
    authorIdLo: number,
    deletedAt: number,
  ): TransformOutcome {
    if (isZero(postIdHi, postIdLo)) {
      return skip('missing_id');
    }
    reserve(DELETE_EVENT_BYTES_MAX);
    const fields = { postIdHi, postIdLo, deletedAt, authorIdHi, authorIdLo };
    const value = taken(encodeDeleteEvent(fields, block, used));
    const key = isZero(authorIdHi, authorIdLo) ? null : authorKey(authorIdHi, authorIdLo);
    return { kind: 'write', event: 'delete', key, value };
  }

  return (event, recordSeconds, nowSeconds) => {
    const { tweet } = event;
    switch (event.kind) {
      case 'create':
        return create(event);
      case 'delete': {
        if (!event.hasTweet) {
          return skip('missing_field');
        }
        if (tweet.hasCreatedAtSecs && tweet.createdAtSecs < nowSeconds - retentionSeconds) {
          return skip('expired_delete');
        }
        const userIsAuthor = !isZero(event.userIdHi, event.userIdLo);
        return writeDelete(
          tweet.idHi,
          tweet.idLo,
          userIsAuthor ? event.userIdHi : tweet.userIdHi,
          userIsAuthor ? event.userIdLo : tweet.userIdLo,
          deletedAtOf(event, recordSeconds),
        );
      }
      case 'quoted_tweet_delete':
        return writeDelete(
          event.quotingTweetIdHi,
          event.quotingTweetIdLo,
          event.quotingUserIdHi,
          event.quotingUserIdLo,
          deletedAtOf(event, recordSeconds),
        );
      case 'other':
        return skip('other_variant');
      case 'no_variant':
        return skip('missing_field');
      default:
        return skip('malformed');
    }
  };
}

function hasVideo(tweet: TweetFields): boolean {
  return (
    tweet.mediaCount === 1 &&
    tweet.firstMediaKind === 'video' &&
    tweet.hasDurationMillis &&
    tweet.durationMillis >= videoMillisMin
  );
}

/** A time that is not positive, or beyond what is exact, is no time: the record's stands in. */
function deletedAtOf(event: TweetEventFields, recordSeconds: number): number {
  const isTime = event.timestampMs > 0 && Number.isSafeInteger(event.timestampMs);
  return isTime ? Math.floor(event.timestampMs / 1000) : recordSeconds;
}

function isZero(hi: number, lo: number): boolean {
  return hi === 0 && lo === 0;
}

function skip(reason: SkipReason): TransformOutcome {
  return { kind: 'skip', reason };
}
