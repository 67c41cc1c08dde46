/**
 * What the writer of tweet events writes, the generated code reads.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readEventEnvelope, readTweetEvent } from './read-tweet-event.ts';
import {
  createTweetEventFields,
  createTweetFields,
  type TweetEventFields,
  type TweetFields,
} from './tweet-event-fields.ts';
import { plainFromFields, readWithGeneratedCode } from './tweet-event-oracle.ts';
import { encodeEventEnvelope, encodeTweetEvent } from './write-tweet-event.ts';

const half = fc.oneof(fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff), fc.nat());
const safeInteger = fc.maxSafeInteger();

/** Absent fields are 0, as the reader leaves them. */
function zeroAbsent<Fields extends object>(fields: Fields): Fields {
  const entries: [string, unknown][] = Object.entries(fields);
  const record = new Map(entries);
  for (const [name, value] of entries) {
    if (name.startsWith('has') && value === false) {
      const stem = name.charAt(3).toLowerCase() + name.slice(4);
      for (const field of [stem, `${stem}Hi`, `${stem}Lo`]) {
        if (record.has(field) && typeof record.get(field) === 'number') {
          record.set(field, 0);
        }
      }
    }
  }
  return { ...fields, ...Object.fromEntries(record) };
}

const flag = fc.boolean();
const tweets: fc.Arbitrary<TweetFields> = fc
  .record({
    hasId: flag,
    idHi: half,
    idLo: half,
    hasCoreData: flag,
    hasUserId: flag,
    userIdHi: half,
    userIdLo: half,
    hasCreatedAtSecs: flag,
    createdAtSecs: safeInteger,
    hasReply: flag,
    hasInReplyToStatusId: flag,
    inReplyToStatusIdHi: half,
    inReplyToStatusIdLo: half,
    hasInReplyToUserId: flag,
    inReplyToUserIdHi: half,
    inReplyToUserIdLo: half,
    hasShare: flag,
    hasSourceStatusId: flag,
    sourceStatusIdHi: half,
    sourceStatusIdLo: half,
    hasSourceUserId: flag,
    sourceUserIdHi: half,
    sourceUserIdLo: half,
    nullcast: flag,
    hasConversationId: flag,
    conversationIdHi: half,
    conversationIdLo: half,
    mediaCount: fc.nat(3),
    firstMediaKind: fc.constantFrom('none', 'image', 'video', 'animated_gif', 'other'),
    hasDurationMillis: flag,
    durationMillis: fc.integer(),
  })
  .map((tweet) => {
    const empty = createTweetFields();
    const { hasId, idHi, idLo, mediaCount } = tweet;
    const core = tweet.hasCoreData ? tweet : { ...tweet, ...empty, hasId, idHi, idLo, mediaCount };
    Object.assign(core, { firstMediaKind: tweet.firstMediaKind });
    core.hasInReplyToStatusId &&= core.hasReply;
    core.hasInReplyToUserId &&= core.hasReply;
    core.hasSourceStatusId &&= core.hasShare;
    core.hasSourceUserId &&= core.hasShare;
    core.firstMediaKind = mediaCount === 0 ? 'none' : core.firstMediaKind;
    core.hasDurationMillis &&= core.firstMediaKind === 'video';
    return zeroAbsent(core);
  });

const events: fc.Arbitrary<TweetEventFields> = fc
  .record({
    kind: fc.constantFrom('create', 'delete', 'quoted_tweet_delete', 'other', 'no_variant'),
    variantField: fc.constantFrom(3, 4, 5, 6, 7, 8, 9, 11),
    hasTimestampMs: flag,
    timestampMs: safeInteger,
    hasTweet: flag,
    tweet: tweets,
    hasUserId: flag,
    userIdHi: half,
    userIdLo: half,
    hasQuotingTweetId: flag,
    quotingTweetIdHi: half,
    quotingTweetIdLo: half,
    hasQuotingUserId: flag,
    quotingUserIdHi: half,
    quotingUserIdLo: half,
  })
  .map((event) => {
    const numbers = { create: 1, delete: 2, quoted_tweet_delete: 10, no_variant: 0 };
    const hasTweetAndUser = event.kind === 'create' || event.kind === 'delete';
    const hasTweet = event.hasTweet && hasTweetAndUser;
    const isQuoted = event.kind === 'quoted_tweet_delete';
    return zeroAbsent({
      ...event,
      variantField: event.kind === 'other' ? event.variantField : numbers[event.kind],
      hasTweet,
      tweet: hasTweet ? event.tweet : createTweetFields(),
      hasUserId: event.hasUserId && hasTweetAndUser,
      hasQuotingTweetId: event.hasQuotingTweetId && isQuoted,
      hasQuotingUserId: event.hasQuotingUserId && isQuoted,
    });
  });

const extras = fc.record(
  { text: fc.string({ unit: 'grapheme' }), createdVia: fc.string(), sourceTweet: tweets },
  { requiredKeys: [] },
);

test('any event comes back as it was written, and the generated code reads the same', () => {
  fc.assert(
    fc.property(events, extras, (event, extra) => {
      const read = createTweetEventFields();
      const bytes = encodeTweetEvent(event, extra);
      readTweetEvent(bytes, 0, bytes.length, read);
      assert.deepEqual(read, event);
      const enveloped = encodeEventEnvelope(event, extra);
      readEventEnvelope(enveloped, 0, enveloped.length, read);
      assert.deepEqual(read, event);
      const plain = plainFromFields(event);
      const seen = JSON.stringify(readWithGeneratedCode(bytes, 'tweet-event', false));
      assert.deepEqual(
        JSON.parse(seen),
        JSON.parse(
          JSON.stringify(plain, (key, value: unknown) =>
            key === 'media' ? { ...Object(value), kind: knownKind(event.tweet) } : value,
          ),
        ),
      );
      assert.deepEqual(readWithGeneratedCode(enveloped, 'event', false), JSON.parse(seen));
    }),
    { numRuns: 500 },
  );
});

/** The generated code does not know a member that the schema does not have. */
function knownKind(tweet: TweetFields): string {
  return tweet.firstMediaKind === 'other' ? 'none' : tweet.firstMediaKind;
}
