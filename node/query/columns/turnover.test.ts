/**
 * A store that lives: over many turnovers, and when it is given more than it can hold.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '#cli/generator/random.ts';
import {
  applyEvents,
  idsInBody,
  plainRequest,
  toRequestFields,
} from '#test/oracle/plain-events.ts';
import {
  eventsOf,
  passSeconds,
  runTurnovers,
  turnoverOptions,
  turnoverPlan,
  turnoverSeconds,
  turnoverStart,
} from '#test/oracle/turnover.ts';
import { seedOf } from '#test/seed-of.ts';
import { ColumnarStore } from '../../store/columns/columnar-store.ts';
import { createColumnarQuery } from './columnar-query.ts';

test('S2, S4: over ten turnovers memory stays as large as after the first, and answers as they should be', (context) => {
  const compared = runTurnovers(seedOf(context), 11);
  assert.ok(compared > 50, `${compared} comparisons`);
});

for (const [bound, options] of Object.entries({
  posts: { postsMax: 500 },
  bytes: { slabBytes: 16_000 },
  authors: { authorsMax: 20 },
})) {
  test(`S4: with as many ${bound} as it can hold a store gives up what came first, and serves on`, (context) => {
    const store = new ColumnarStore({
      ...turnoverOptions,
      postsMax: 8_000,
      tombstonesMax: 100,
      ...options,
    });
    const engine = createColumnarQuery(store, turnoverPlan);
    const random = new Random(seedOf(context));
    for (let second = 0; second < turnoverSeconds * 2; second += 1) {
      const now = turnoverStart + second;
      const events = eventsOf(random, now, 0);
      const [outcome] = applyEvents(store, events, now);
      const [event] = events;
      if (event?.kind === 'create' && event.post.createdAt === now) {
        assert.equal(outcome, 'stored', 'the newest is never refused');
        const { hasVideo, isReply, authorId } = event.post;
        const request = { following: [authorId], isVideoRequest: hasVideo };
        const answer = engine.answer(toRequestFields(plainRequest(request)), {
          now,
          shouldStop: () => false,
          wantStatistics: false,
        });
        if (!isReply && events.length === 1) {
          assert.ok(idsInBody(answer.body).includes(event.post.postId));
        }
      }
      if (second % passSeconds === 0) store.reclaim(now);
    }
    const now = turnoverStart + turnoverSeconds * 2;
    const stats = store.stats(now);
    assert.ok(stats.evictedPosts > 0);
    assert.ok(stats.effectiveRetentionSeconds < turnoverOptions.retentionSeconds);
    assert.ok(stats.bytesUsed <= stats.bytesBound);
  });
}
