/**
 * A store with an engine over it, as the suites of this folder fill and ask it.
 */

import { smallWorld } from '#test/oracle/arbitrary-events.ts';
import {
  applyEvents,
  createEvent,
  idsInBody,
  type PlainCreate,
  type PlainEvent,
  type PlainPost,
  type PlainRequest,
  plainRequest,
  toRequestFields,
} from '#test/oracle/plain-events.ts';
import type { PostStore, StoreOptions } from '../store/post-store.ts';
import type { PlanOptions } from './plan-request.ts';
import { defaultQueryLimits, type QueryAnswer, type QueryEngine } from './query-engine.ts';

export interface Subject {
  readonly store: PostStore;
  readonly engine: QueryEngine;
}

export type SubjectFactory = (store: StoreOptions, query: PlanOptions) => Subject;

const { now, retentionSeconds, maxFutureSkewSeconds } = smallWorld;

/** Room for all that these suites put in. */
export const roomy: StoreOptions = {
  retentionSeconds,
  maxFutureSkewSeconds,
  postsMax: 10_000,
  tombstonesMax: 10_000,
};

/** A subject that holds these events. */
export function subjectOf(
  createSubject: SubjectFactory,
  events: readonly PlainEvent[],
  options: Partial<PlanOptions> = {},
  store: StoreOptions = roomy,
): Subject {
  const made = createSubject(store, {
    limits: defaultQueryLimits,
    blockedAuthors: () => new Set(),
    strictLimits: false,
    ...options,
  });
  applyEvents(made.store, events);
  return made;
}

export function ask(
  { engine }: Subject,
  request: Partial<PlainRequest>,
  moment = now,
  wantStatistics = false,
): QueryAnswer {
  return engine.answer(toRequestFields(plainRequest(request)), {
    now: moment,
    shouldStop: () => false,
    wantStatistics,
  });
}

/** The ids that follow from these events when user 9 follows author 1, or what the request says. */
export function answeredBy(
  createSubject: SubjectFactory,
): (events: readonly PlainEvent[], request?: Partial<PlainRequest>) => bigint[] {
  return (events, request = {}) => {
    const subject = subjectOf(createSubject, events);
    return idsInBody(ask(subject, { userId: 9n, following: [1n], ...request }).body);
  };
}

/** An original of author 1 at `now`, unless told otherwise. */
export function post(postId: bigint, given: Partial<PlainPost> = {}): PlainCreate {
  return createEvent({ postId, authorId: 1n, createdAt: now, ...given });
}

/** `count` posts with the ids from `first`, each a second older than the one before. */
export function run(first: bigint, count: number, given: Partial<PlainPost> = {}): PlainCreate[] {
  const newest = given.createdAt ?? now;
  return ids(first, count).map((id, index) => post(id, { ...given, createdAt: newest - index }));
}

/** `count` ids from `first`. */
export function ids(first: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => first + BigInt(index));
}

/** For comparing what is a set. */
export function sorted(some: readonly bigint[]): bigint[] {
  return some.toSorted((one, other) => (one < other ? -1 : 1));
}
