/**
 * Whose word counts when the operator and the pods see Kafka differently.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { staleMs } from '#operator/limits.ts';
import { newPodOf, podOf, reportOf, startMs } from '#operator/rollout/rollout-fixture.suite.ts';
import { isKafkaAway } from './kafka-view.ts';

const following = [podOf('1', 'a'), newPodOf('2', 'b')];
const lost = [podOf('1', 'a', { report: reportOf({ stalenessMs: staleMs + 1 }) })];
const silent = [podOf('1', 'a', { report: null })];
const unreachable = { isReachable: false, sinceMs: startMs };
const reachable = { isReachable: true, sinceMs: startMs };
const early = startMs + 2 * staleMs - 1;
const late = startMs + 2 * staleMs;

it('Kafka that ready pods have lost is away', () => {
  for (const facts of [unreachable, reachable]) assert.equal(isKafkaAway(lost, facts, late), true);
});

it('Kafka that the operator cannot reach is away, until pods that follow it say otherwise for long enough', () => {
  assert.equal(isKafkaAway(following, unreachable, early), true);
  assert.equal(isKafkaAway(following, unreachable, late), false);
  for (const pods of [silent, []]) assert.equal(isKafkaAway(pods, unreachable, late), true);
});

it('Kafka that is reached, or that nobody has looked for, is there', () => {
  const notAsked = { isReachable: null, sinceMs: 0 };
  for (const pods of [following, silent, []]) {
    for (const facts of [reachable, notAsked]) assert.equal(isKafkaAway(pods, facts, late), false);
  }
});
