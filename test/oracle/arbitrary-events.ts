/**
 * Random events and requests in a world so small that ids collide, parents and sources exist, and
 * times lie on both sides of every edge of the rules.
 */
import * as fc from 'fast-check';
import {
  createEvent,
  deleteEvent,
  type PlainCreate,
  type PlainDelete,
  type PlainEvent,
  type PlainPost,
  type PlainRequest,
} from './plain-events.ts';

export const smallWorld: {
  readonly now: number;
  readonly retentionSeconds: number;
  readonly maxFutureSkewSeconds: number;
  readonly authors: readonly bigint[];
  readonly posts: readonly bigint[];
} = {
  now: 1_700_000_000,
  retentionSeconds: 1_000,
  maxFutureSkewSeconds: 300,
  authors: [1n, 2n, 3n, 2n ** 53n + 1n, 2n ** 63n + 1n],
  posts: [
    1n,
    2n,
    3n,
    4n,
    5n,
    6n,
    7n,
    8n,
    9n,
    2n ** 53n + 1n,
    2n ** 53n + 2n,
    2n ** 63n + 1n,
    2n ** 63n + 2n,
    2n ** 64n - 1n,
  ],
};

const { now, retentionSeconds, maxFutureSkewSeconds, authors, posts } = smallWorld;

const around = (...times: readonly number[]) =>
  fc
    .tuple(fc.constantFrom(...times), fc.integer({ min: -2, max: 2 }))
    .map(([time, offset]) => time + offset);

const authorId = fc.constantFrom(...authors);
const postId = fc.constantFrom(...posts);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });

/** Seconds: mostly live, else about the edges of S2 and of what reclaim leaves. */
const createdAt = fc.oneof(
  { weight: 3, arbitrary: around(now, now - 10, now - retentionSeconds / 2) },
  {
    weight: 2,
    arbitrary: around(
      now - retentionSeconds,
      now + maxFutureSkewSeconds,
      now - retentionSeconds - 3_600,
      now - 86_400 - retentionSeconds,
    ),
  },
);

/** Seconds: about the edges of E5. */
const deletedAt = around(now, now - retentionSeconds - 86_400, now - retentionSeconds - 90_000);

const create: fc.Arbitrary<PlainCreate> = fc
  .record({
    postId,
    authorId,
    createdAt,
    shape: fc.constantFrom('original', 'original', 'reply', 'retweet', 'both'),
    inReplyToPostId: maybe(postId),
    inReplyToUserId: maybe(authorId),
    isReply: fc.boolean(),
    sourcePostId: maybe(postId),
    sourceUserId: maybe(authorId),
    hasVideo: fc.boolean(),
    conversationId: maybe(postId),
  })
  .map(({ shape, inReplyToPostId, inReplyToUserId, isReply, ...rest }) =>
    createEvent({
      ...rest,
      isRetweet: shape === 'retweet' || shape === 'both',
      ...(shape === 'reply' || shape === 'both'
        ? { inReplyToPostId, inReplyToUserId, isReply }
        : {}),
    }),
  );

const remove: fc.Arbitrary<PlainDelete> = fc
  .tuple(postId, deletedAt)
  .map(([id, time]) => deleteEvent(id, time));

/** Any events: also two different creates of one id, where the first stays. */
export const arbitraryEvents: fc.Arbitrary<PlainEvent[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: create }, { weight: 1, arbitrary: remove }),
  { maxLength: 30 },
);

/** Events of an honest producer: one create per id at most, any number of deletes. */
export const honestEvents: fc.Arbitrary<PlainEvent[]> = fc
  .tuple(
    fc.uniqueArray(create, { selector: (event) => event.post.postId, maxLength: posts.length }),
    fc.array(remove, { maxLength: 8 }),
  )
  .map(([creates, deletes]) => [...creates, ...deletes]);

/** The same events again, in another order and with some of them repeated. */
export function reordered(events: readonly PlainEvent[]): fc.Arbitrary<PlainEvent[]> {
  if (events.length === 0) {
    return fc.constant([]);
  }
  return fc.array(fc.constantFrom(...events), { maxLength: events.length }).chain((repeated) => {
    const all = [...events, ...repeated];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });
}

export const arbitraryRequest: fc.Arbitrary<PlainRequest> = fc.record({
  userId: fc.constantFrom(0n, ...authors),
  following: fc.array(fc.constantFrom(0n, 77n, ...authors, ...authors), { maxLength: 12 }),
  excluded: fc.array(postId, { maxLength: 4 }),
  maxResults: fc.constantFrom(0, 0, 1, 3, 7, 8, 9, 0xffff_ffff),
  algorithm: fc.constantFrom('', 'recent', 'default', 'latest'),
  isVideoRequest: fc.boolean(),
});

/** Moments to ask at: now, about it, and a little later. */
export const arbitraryNow: fc.Arbitrary<number> = around(now, now, now + 1, now + 600);

/** What the posts of a loud author are, in rows: each kind meets another filter or timeline. */
const rowKinds: readonly Partial<PlainPost>[] = [
  {},
  { hasVideo: true },
  { isRetweet: true, sourceUserId: 2n },
  { isRetweet: true, sourceUserId: 1n },
  { isRetweet: true, sourcePostId: 5_000n },
  { inReplyToPostId: 6_000n },
  { inReplyToPostId: 5_000n },
];

/**
 * One author (1) with rows of up to 520 posts of a kind, so that caps and scan budgets are met, some
 * of them deleted; and post 5000 of author 2, a video and a parent.
 */
export const loudEvents: fc.Arbitrary<PlainEvent[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...rowKinds),
      count: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 480, max: 520 })),
      createdAt: fc.constantFrom(now, now - 100, now - 200, now - retentionSeconds + 50),
      deletedEvery: fc.constantFrom(0, 0, 1, 2, 7),
    }),
    { maxLength: 5 },
  )
  .map((rows) => [
    createEvent({ postId: 5_000n, authorId: 2n, createdAt: now - 300, hasVideo: true }),
    ...rows.flatMap(({ kind, count, createdAt, deletedEvery }, row) =>
      Array.from({ length: count }, (_, index): PlainEvent[] => {
        const id = BigInt(10_000 * (row + 1) + index);
        const created = createEvent({
          postId: id,
          authorId: 1n,
          createdAt: createdAt - Math.floor(index / 3),
          ...kind,
        });
        const isDeleted = deletedEvery > 0 && index % deletedEvery === 0;
        return isDeleted ? [deleteEvent(id, now), created] : [created];
      }).flat(),
    ),
  ]);
