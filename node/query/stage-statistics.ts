/**
 * What rule Q11 says about the posts of one stage of a query.
 */
import type { StageStatistics } from './query-engine.ts';

interface Counted {
  readonly authorId: bigint;
  readonly createdAt: number;
  readonly isReply: boolean;
}

export function stageStatistics(posts: readonly Counted[], now: number): StageStatistics {
  if (posts.length === 0) {
    return {
      posts: 0,
      freshnessSeconds: 0,
      timeRangeSeconds: 0,
      replyRatio: 0,
      uniqueAuthors: 0,
      postsPerAuthor: 0,
    };
  }
  let newest = Number.NEGATIVE_INFINITY;
  let oldest = Number.POSITIVE_INFINITY;
  let replies = 0;
  const authors = new Set<bigint>();
  for (const post of posts) {
    newest = Math.max(newest, post.createdAt);
    oldest = Math.min(oldest, post.createdAt);
    replies += post.isReply ? 1 : 0;
    authors.add(post.authorId);
  }
  return {
    posts: posts.length,
    freshnessSeconds: Math.max(0, now - newest),
    timeRangeSeconds: newest - oldest,
    replyRatio: replies / posts.length,
    uniqueAuthors: authors.size,
    postsPerAuthor: posts.length / authors.size,
  };
}
