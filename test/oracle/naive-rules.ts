/**
 * The rules of store and query once more, from the plain list of events to the answer: arrays,
 * filter and sort, quadratic and declarative. It judges the simple store, which judges the others.
 */
import type { QueryLimits, StageStatistics, Truncation } from '#node/query/query-engine.ts';
import type { PlainEvent, PlainPost, PlainRequest } from './plain-events.ts';

export interface NaiveOptions {
  readonly retentionSeconds: number;
  readonly maxFutureSkewSeconds: number;
  readonly limits: QueryLimits;
  readonly blocked: readonly bigint[];
}

export interface NaiveAnswer {
  readonly posts: readonly PlainPost[];
  readonly truncations: readonly Truncation[];
  readonly deletedFiltered: number;
  readonly retrieved: StageStatistics;
  readonly scored: StageStatistics;
}

const day = 86_400;

const newestFirst = (one: PlainPost, other: PlainPost) =>
  other.createdAt - one.createdAt || Number(other.postId > one.postId) * 2 - 1;

/** The creates of a list of events, the first of each id. */
export function storedPosts(events: readonly PlainEvent[]): PlainPost[] {
  const created = events.flatMap((event) => (event.kind === 'create' ? [event.post] : []));
  return created.filter(
    (post, index) => created.findIndex((other) => other.postId === post.postId) === index,
  );
}

export function naiveAnswer(
  events: readonly PlainEvent[],
  request: PlainRequest,
  now: number,
  options: NaiveOptions,
): NaiveAnswer {
  const { limits, retentionSeconds, maxFutureSkewSeconds } = options;

  const inTime = storedPosts(events).filter(
    (post) =>
      post.createdAt >= now - retentionSeconds && post.createdAt <= now + maxFutureSkewSeconds,
  );
  const isDeleted = (post: PlainPost) =>
    events.some(
      (event) =>
        event.kind === 'delete' &&
        event.postId === post.postId &&
        now <= event.deletedAt + retentionSeconds + day,
    );
  const live = inTime.filter((post) => !isDeleted(post));
  const liveById = (postId: bigint | undefined) => live.find((post) => post.postId === postId);

  const unblocked = request.following.filter((id) => id !== 0n && !options.blocked.includes(id));
  const distinct = unblocked.filter((id, index) => unblocked.indexOf(id) === index);
  const following = distinct.slice(0, limits.followingMax);
  const excluded = request.excluded.slice(0, limits.excludedMax);
  const asked =
    request.maxResults ||
    Math.min(
      request.isVideoRequest ? limits.defaultVideoResults : limits.defaultResults,
      limits.resultsMax,
    );
  const wanted = Math.min(asked, limits.resultsMax);
  const truncations = [
    { field: 'following' as const, given: distinct.length, used: following.length },
    { field: 'exclude' as const, given: request.excluded.length, used: excluded.length },
    { field: 'max_results' as const, given: asked, used: wanted },
  ].filter(({ given, used }) => given > used);

  const isOwn = (post: PlainPost) => post.isRetweet && post.sourceUserId === request.userId;
  const passesReplyRule = (post: PlainPost) => {
    if (post.inReplyToPostId === undefined) {
      return true;
    }
    const parent = liveById(post.inReplyToPostId);
    return (
      parent !== undefined &&
      ((!parent.isRetweet && !parent.isReply) ||
        (post.conversationId !== undefined &&
          post.conversationId === parent.inReplyToPostId &&
          following.some((id) => id === post.inReplyToUserId)))
    );
  };
  const isVideo = (post: PlainPost) => {
    const source = liveById(post.sourcePostId);
    return (
      !post.isReply &&
      (post.hasVideo ||
        (post.isRetweet && source !== undefined && source.hasVideo && !source.isReply))
    );
  };

  /** The timelines of a request: who may be an entry, who if it were not deleted, who passes, how many. */
  const timelines = request.isVideoRequest
    ? [
        {
          isEntry: isVideo,
          couldBeEntry: (post: PlainPost) => !post.isReply && (post.hasVideo || post.isRetweet),
          passes: (post: PlainPost) => !isOwn(post),
          cap: 100,
        },
      ]
    : [
        {
          isEntry: (post: PlainPost) => !post.isReply && !post.isRetweet,
          couldBeEntry: (post: PlainPost) => !post.isReply && !post.isRetweet,
          passes: (post: PlainPost) => !isOwn(post),
          cap: 50,
        },
        {
          isEntry: (post: PlainPost) => post.isReply || post.isRetweet,
          couldBeEntry: (post: PlainPost) => post.isReply || post.isRetweet,
          passes: (post: PlainPost) => !isOwn(post) && passesReplyRule(post),
          cap: 30,
        },
      ];

  const scans = following.flatMap((authorId) => {
    const mine = (post: PlainPost) => post.authorId === authorId && !excluded.includes(post.postId);
    return timelines.map(({ isEntry, couldBeEntry, passes, cap }) => {
      const scanned = live.filter(mine).filter(isEntry).toSorted(newestFirst).slice(0, 500);
      const passed = scanned.filter(passes).slice(0, cap);
      const last =
        passed.length === cap ? passed.at(-1) : scanned.length === 500 ? scanned.at(-1) : undefined;
      const hidden = inTime
        .filter(mine)
        .filter(isDeleted)
        .filter(couldBeEntry)
        .filter((post) => last === undefined || newestFirst(post, last) < 0);
      return { passed, hidden };
    });
  });
  const retrieved = scans.flatMap(({ passed }) => passed).toSorted(newestFirst);
  const posts = retrieved.slice(0, wanted);
  return {
    posts,
    truncations,
    deletedFiltered: scans.flatMap(({ hidden }) => hidden).length,
    retrieved: naiveStatistics(retrieved, now),
    scored: naiveStatistics(posts, now),
  };
}

function naiveStatistics(posts: readonly PlainPost[], now: number): StageStatistics {
  const newest = posts.at(0);
  const oldest = posts.at(-1);
  if (newest === undefined || oldest === undefined) {
    return {
      posts: 0,
      freshnessSeconds: 0,
      timeRangeSeconds: 0,
      replyRatio: 0,
      uniqueAuthors: 0,
      postsPerAuthor: 0,
    };
  }
  const uniqueAuthors = new Set(posts.map((post) => post.authorId)).size;
  return {
    posts: posts.length,
    freshnessSeconds: Math.max(0, now - newest.createdAt),
    timeRangeSeconds: newest.createdAt - oldest.createdAt,
    replyRatio: posts.filter((post) => post.isReply).length / posts.length,
    uniqueAuthors,
    postsPerAuthor: posts.length / uniqueAuthors,
  };
}
