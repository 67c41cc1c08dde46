/** What users are told, and how often. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFleet } from '#operator/fleet/fleet.ts';
import { storedFleet } from '#operator/fleet/fleet-fixture.suite.ts';
import { eventsOf } from './reconcile-events.ts';
import { startMs } from './rollout/rollout-fixture.suite.ts';
import { computeStatus } from './status/compute-status.ts';
import type { FleetFacts } from './status/fleet-facts.ts';

describe('events of a pass', () => {
  it('criterion 14: warn of a single replica once for each spec', () => {
    const facts = factsOf(1);
    const status = computeStatus(facts, undefined);
    const reasons = eventsOf(facts, undefined, status).map(({ reason }) => reason);
    assert.deepEqual(reasons, ['SingleReplica']);
    assert.deepEqual(eventsOf(facts, status, computeStatus(facts, status)), []);
  });

  it('are none for a fleet to which nothing has happened', () => {
    const facts = factsOf(2);
    assert.deepEqual(eventsOf(facts, undefined, computeStatus(facts, undefined)), []);
  });
});

function factsOf(replicas: number): FleetFacts {
  const parsed = parseFleet(storedFleet({ serving: { replicas } }));
  assert.ok(parsed.ok);
  return {
    ...{ nowMs: startMs, identity: parsed.fleet, parsed, rollout: null, target: null },
    ...{ lastGood: null, applied: null, updateAvailable: false, missingInputs: [] },
    ...{ pods: [], transformers: [] },
    kafka: { isReachable: null, detail: '', sinceMs: 0, hasTopic: null },
  };
}
