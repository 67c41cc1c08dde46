/**
 * What a deadline that is over asks for: nothing but news.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appliedOf, factsOf, newPodOf, podOf, startMs } from './rollout-fixture.suite.ts';
import { stepRollout } from './step-rollout.ts';

describe('following a rollout past its deadline', () => {
  it('names a pod that stalls where nothing rolls, Kafka or not, and then waits for news', () => {
    const pods = [newPodOf('1', 'a', { mark: 3 })];
    const facts = factsOf({ pods, replicas: 1, isKafkaAway: true });
    const first = stepRollout({ kind: 'idle', sinceMs: startMs }, facts);
    assert.deepEqual([first.trouble, first.requeueAfterMs], [null, facts.progressDeadlineMs]);
    const late = { ...facts, nowMs: startMs + facts.progressDeadlineMs };
    const second = stepRollout(first.state, late);
    assert.deepEqual([second.trouble?.cause, second.requeueAfterMs], ['NoProgress', null]);
  });

  it('waits for news, too, where ready pods wait for others longer than the deadline', () => {
    const facts = {
      target: { id: 'b', isRefused: false, updateSeen: null },
      applied: appliedOf('b'),
      pods: [podOf('1', 'a'), podOf('2', 'a'), podOf('4', 'b')],
    };
    const known = stepRollout({ kind: 'idle', sinceMs: startMs }, factsOf(facts));
    const late = stepRollout(known.state, factsOf({ ...facts, nowMs: startMs + 1e9 }));
    assert.deepEqual([late.state.kind, late.requeueAfterMs], ['rolling', null]);
  });
});
