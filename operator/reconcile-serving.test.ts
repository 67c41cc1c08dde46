/** Decisions about serving pods that no single part of them shows. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fleetOf } from '#operator/fleet/fleet-fixture.suite.ts';
import { decideServing, type ServingView } from './reconcile-serving.ts';
import { appliedOf, podOf, reportOf, startMs } from './rollout/rollout-fixture.suite.ts';

const fleet = fleetOf({ serving: { replicas: 2 } });

describe('a decision about serving pods', () => {
  it('makes a first revision and its Deployment together', () => {
    const { deployment, revisions, choice } = decideServing(viewOf({ applied: null }));
    assert.equal(revisions.length, 1);
    const labels = deployment?.spec.template.metadata.labels ?? {};
    assert.equal(labels['thunder.dev/revision'], choice.target?.id);
    assert.equal(deployment?.spec.replicas, 2);
  });

  it('keeps one stamp for a reset that waits for its place, however often it is looked at', () => {
    const first = decideServing(viewOf({ applied: null }));
    const id = first.choice.target?.id ?? '';
    const partition = {
      ...{ topic: 't', partition: 0, position: 1, target: 1, end: 1, lag: 0 },
      state: 'reset' as const,
    };
    const report = reportOf({ partitions: [partition] });
    const pods = ['1', '2'].map((name) => podOf(name, id, { report }));
    const waiting = (revisions: ServingView['revisions'], nowMs: number) =>
      decideServing(
        viewOf({
          ...{ revisions, pods, nowMs, mayStart: () => false },
          applied: appliedOf(id, { replicas: 2, available: 2 }),
        }),
      );
    const second = waiting(first.revisions, startMs + 60_000);
    assert.equal(second.outcome.blockedBy, 'MaxRollouts');
    const third = waiting(second.revisions, startMs + 120_000);
    assert.equal(third.choice.target?.id, second.choice.target?.id);
    assert.equal(third.revisions.length, 2);
  });

  it('leaves a Deployment alone whose template nobody knows, while the fleet is paused', () => {
    const paused = fleetOf({ paused: true });
    const { deployment, outcome } = decideServing(
      viewOf({ fleet: paused, applied: appliedOf('', { replicas: 2 }) }),
    );
    assert.equal(deployment, null);
    assert.equal(outcome.blockedBy, 'Paused');
  });
});

function viewOf(changes: Partial<ServingView>): ServingView {
  return {
    ...{ nowMs: startMs, fleet, defaultImage: 'thunder:1', applied: null, revisions: [], pods: [] },
    state: { kind: 'idle', sinceMs: startMs },
    isKafkaAway: false,
    hash: () => ({ hash: 'h', missing: [] }),
    mayStart: () => true,
    ...changes,
  };
}
