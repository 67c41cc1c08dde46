/**
 * The query of rules Q1 to Q6, Q8 and Q11 over the simple store: it reads like the rules and is the
 * oracle of any faster engine.
 */

import { type PlanOptions, planRequest, type QueryPlan } from '#node/query/plan-request.ts';
import type { QueryAnswer, QueryContext, QueryEngine } from '#node/query/query-engine.ts';
import {
  authorsPerStopCheck,
  originalsPerAuthor,
  scannedPerTimeline,
  secondariesPerAuthor,
  videosPerAuthor,
} from '#node/query/scan-limits.ts';
import { stageStatistics } from '#node/query/stage-statistics.ts';
import type { RequestFields } from '#proto/wire/request-fields.ts';
import { encodeResponse } from './response-body.ts';
import type { SimpleStore } from './simple-store.ts';
import { newestFirst, olderFirst, type StoredPost } from './stored-post.ts';

export function createSimpleQuery(store: SimpleStore, options: PlanOptions): QueryEngine {
  return {
    answer: (request: RequestFields, context: QueryContext): QueryAnswer => {
      const plan = planRequest(request, options);
      const scan = new Scan(store, plan, context.now);
      const authors = plan.following.size;
      let authorsScanned = 0;
      let stopped = false;
      for (const authorId of plan.following) {
        // Q8: what was found so far is the answer.
        if (authorsScanned % authorsPerStopCheck === 0 && context.shouldStop()) {
          stopped = true;
          break;
        }
        scan.author(authorId);
        authorsScanned += 1;
      }
      // Q6: the newest of all that passed.
      const retrieved = scan.passed.toSorted((one, other) => olderFirst(other, one));
      const scored = retrieved.slice(0, plan.maxResults);
      return {
        body: encodeResponse(scored),
        posts: scored.length,
        truncations: plan.truncations,
        partial: stopped ? { authorsScanned, authors } : null,
        deletedFiltered: scan.deletedFiltered,
        statistics: context.wantStatistics
          ? {
              retrieved: stageStatistics(retrieved, context.now),
              scored: stageStatistics(scored, context.now),
            }
          : null,
      };
    },
  };
}

/** One request on its way through the authors. */
class Scan {
  readonly passed: StoredPost[] = [];
  deletedFiltered = 0;
  readonly #store: SimpleStore;
  readonly #plan: QueryPlan;
  readonly #now: number;

  constructor(store: SimpleStore, plan: QueryPlan, now: number) {
    this.#store = store;
    this.#plan = plan;
    this.#now = now;
  }

  /** Q3: the newest of each timeline that the request is about. */
  author(authorId: bigint): void {
    const timelines = this.#store.timelines(authorId);
    if (timelines === undefined) {
      return;
    }
    if (this.#plan.isVideoRequest) {
      this.#timeline(timelines.videoCandidates, videosPerAuthor);
    } else {
      this.#timeline(timelines.originals, originalsPerAuthor);
      this.#timeline(timelines.secondaries, secondariesPerAuthor);
    }
  }

  #timeline(timeline: readonly StoredPost[], passedMax: number): void {
    let scanned = 0;
    let passed = 0;
    for (const post of newestFirst(timeline)) {
      if (!this.#isEntry(post)) {
        continue;
      }
      scanned += 1;
      if (this.#passes(post)) {
        this.passed.push(post);
        passed += 1;
      }
      if (passed === passedMax || scanned === scannedPerTimeline) {
        break;
      }
    }
  }

  /** Q4, the filters that do not use up the scan budget: excluded, then live; and S3 for videos. */
  #isEntry(post: StoredPost): boolean {
    if (this.#plan.excluded.has(post.postId) || !this.#store.isInTime(post, this.#now)) {
      return false;
    }
    if (this.#store.isDeleted(post.postId, this.#now)) {
      this.deletedFiltered += 1;
      return false;
    }
    return !this.#plan.isVideoRequest || this.#store.isVideoEntry(post, this.#now);
  }

  /** Q4, the filters that do: the user's own posts coming back, then Q5. */
  #passes(post: StoredPost): boolean {
    if (post.isRetweet && post.sourceUserId === this.#plan.userId) {
      return false;
    }
    return this.#plan.isVideoRequest || this.#passesReplyRule(post);
  }

  /** Q5. An original has no `in_reply_to_post_id`, so it always passes. */
  #passesReplyRule(post: StoredPost): boolean {
    if (post.inReplyToPostId === undefined) {
      return true;
    }
    const parent = this.#store.post(post.inReplyToPostId);
    if (parent === undefined || !this.#store.isLive(parent, this.#now)) {
      return false;
    }
    if (!parent.isRetweet && !parent.isReply) {
      return true;
    }
    return (
      post.conversationId !== undefined &&
      parent.inReplyToPostId === post.conversationId &&
      post.inReplyToUserId !== undefined &&
      this.#plan.following.has(post.inReplyToUserId)
    );
  }
}
