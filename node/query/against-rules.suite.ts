/**
 * All rules at once: random events and requests against the naive rules, which know nothing of
 * stores, and in any order (P1).
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  arbitraryEvents,
  arbitraryNow,
  arbitraryRequest,
  honestEvents,
  loudEvents,
  reordered,
  smallWorld,
} from '#test/oracle/arbitrary-events.ts';
import { naiveAnswer } from '#test/oracle/naive-rules.ts';
import {
  applyEvents,
  encodeBody,
  idsInBody,
  type PlainEvent,
  type PlainRequest,
} from '#test/oracle/plain-events.ts';
import type { StoreOptions } from '../store/post-store.ts';
import type { PlanOptions } from './plan-request.ts';
import { defaultQueryLimits, type QueryLimits } from './query-engine.ts';
import { ask, roomy, type SubjectFactory, subjectOf } from './subject.suite.ts';

const { now } = smallWorld;
/** Low enough that requests of the small world go beyond them. */
const lowLimits: QueryLimits = {
  followingMax: 3,
  excludedMax: 2,
  defaultResults: 6,
  defaultVideoResults: 4,
  resultsMax: 8,
};

const arbitraryBlocked = fc.subarray([...smallWorld.authors, 0n], { maxLength: 2 });

export function againstRulesSuite(name: string, createSubject: SubjectFactory): void {
  const subject = (
    events: readonly PlainEvent[],
    options: Partial<PlanOptions> = {},
    store: StoreOptions = roomy,
  ) => subjectOf(createSubject, events, options, store);

  describe(`${name} against the rules`, () => {
    test('S1, S2, S3, Q1, Q2, Q4, Q5, Q6, Q11: any events and any request, as the rules have it', () => {
      fc.assert(
        fc.property(
          fc.oneof(arbitraryEvents, honestEvents),
          arbitraryRequest,
          arbitraryNow,
          fc.constantFrom(defaultQueryLimits, lowLimits),
          arbitraryBlocked,
          (events, request, moment, limits, blocked) =>
            checkAgainstRules(createSubject, events, request, moment, limits, blocked),
        ),
        { numRuns: 1_000 },
      );
    });

    test('Q3: loud authors, as the rules have it', () => {
      fc.assert(
        fc.property(loudEvents, arbitraryRequest, (events, request) => {
          checkAgainstRules(createSubject, events, request, now, defaultQueryLimits, []);
        }),
        { numRuns: 60 },
      );
    });

    test('P1: any order and any repetition of the events gives byte-equal answers', () => {
      fc.assert(
        fc.property(
          honestEvents.chain((events) => fc.tuple(fc.constant(events), reordered(events))),
          arbitraryRequest,
          arbitraryNow,
          ([events, again], request, moment) => {
            const one = subject(events, { limits: lowLimits });
            const other = subject(again, { limits: lowLimits });
            assert.deepEqual(ask(one, request, moment, true), ask(other, request, moment, true));
            assert.equal(one.store.stateHash(moment), other.store.stateHash(moment));
          },
        ),
        { numRuns: 500 },
      );
    });

    test('P1: asking and reclaiming in between change no answer', () => {
      fc.assert(
        fc.property(
          honestEvents,
          arbitraryRequest,
          arbitraryNow,
          fc.array(fc.integer({ min: -100_000, max: 3_600 }), { maxLength: 4 }),
          (events, request, moment, passes) => {
            const plain = subject(events);
            const busy = subject(events.slice(0, events.length / 2));
            for (const pass of passes) {
              ask(busy, request, moment + pass);
              busy.store.reclaim(moment + pass);
            }
            applyEvents(busy.store, events);
            for (const pass of passes) {
              busy.store.reclaim(moment + pass);
            }
            assert.deepEqual(ask(busy, request, moment, true), ask(plain, request, moment, true));
          },
        ),
        { numRuns: 300 },
      );
    });
  });
}

/** Asks the subject and the naive rules the same, and compares all of the answer. */
function checkAgainstRules(
  createSubject: SubjectFactory,
  events: readonly PlainEvent[],
  request: PlainRequest,
  moment: number,
  limits: QueryLimits,
  blocked: readonly bigint[],
): void {
  const one = subjectOf(createSubject, events, { limits, blockedAuthors: () => new Set(blocked) });
  const actual = ask(one, request, moment, true);
  const expected = naiveAnswer(events, request, moment, { ...roomy, limits, blocked });
  assert.deepEqual(
    idsInBody(actual.body),
    expected.posts.map(({ postId }) => postId),
  );
  assert.deepEqual(Buffer.from(actual.body), Buffer.from(encodeBody(expected.posts)));
  assert.equal(actual.posts, expected.posts.length);
  assert.deepEqual(actual.truncations, expected.truncations);
  assert.equal(actual.partial, null);
  assert.equal(actual.deletedFiltered, expected.deletedFiltered);
  assert.deepEqual(actual.statistics, {
    retrieved: expected.retrieved,
    scored: expected.scored,
  });
}
