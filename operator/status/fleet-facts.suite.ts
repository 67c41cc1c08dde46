/**
 * Facts for tests of the status.
 */
import type { JsonObject } from '#crds/schema/json.ts';
import { parseFleet } from '#operator/fleet/fleet.ts';
import { fleetOf, storedFleet } from '#operator/fleet/fleet-fixture.suite.ts';
import type { RolloutOutcome } from '#operator/rollout/rollout-facts.ts';
import {
  appliedOf,
  podOf,
  factsOf as rolloutFactsOf,
  startMs,
} from '#operator/rollout/rollout-fixture.suite.ts';
import type { RolloutState } from '#operator/rollout/rollout-state.ts';
import { stepRollout } from '#operator/rollout/step-rollout.ts';
import type { FleetFacts } from './fleet-facts.ts';

export const idle: RolloutState = { kind: 'idle', sinceMs: startMs };
export const threePods = { serving: { replicas: 3 } };

export function outcomeOf(changes: Partial<RolloutOutcome> = {}): RolloutOutcome {
  return { ...stepRollout(idle, rolloutFactsOf()), ...changes };
}

/** Three pods, all well. */
export function factsOf(
  changes: Partial<FleetFacts> = {},
  spec: JsonObject = threePods,
): FleetFacts {
  const { name, namespace, uid, generation, annotations, isDeleting } = fleetOf(spec);
  return {
    nowMs: startMs,
    identity: { name, namespace, uid, generation, annotations, isDeleting },
    parsed: { ok: true, fleet: fleetOf(spec) },
    rollout: outcomeOf(),
    target: 'a',
    lastGood: 'a',
    applied: appliedOf('a'),
    updateAvailable: false,
    missingInputs: [],
    pods: ['1', '2', '3'].map((each) => podOf(each, 'a')),
    transformers: [],
    kafka: { isReachable: true, detail: '', sinceMs: startMs, hasTopic: true },
    ...changes,
  };
}

export const stop = { pod: 'p4', cause: 'ImagePullBackOff', message: 'no such image' };
const progress = { mark: 0, markAtMs: startMs };
export const states: Readonly<Record<string, RolloutState>> = {
  settling: { kind: 'settling', sinceMs: startMs, progress },
  waiting: { kind: 'waiting', sinceMs: startMs, revision: 'b' },
  rolling: {
    kind: 'rolling',
    sinceMs: startMs,
    revision: 'b',
    progress,
    continueSeen: null,
    isReleased: true,
  },
  holding: { kind: 'holding', sinceMs: startMs, revision: 'b', continueSeen: null },
  halted: {
    kind: 'halted',
    sinceMs: startMs,
    revision: 'b',
    progress,
    stop,
    continueSeen: null,
    isReleased: true,
  },
  rolledBack: { kind: 'rolledBack', sinceMs: startMs, revision: 'b', stop, updateSeen: null },
};
export const inState = (name: string): Partial<FleetFacts> => ({
  rollout: outcomeOf({ state: states[name] ?? idle }),
});
export const invalid = parseFleet(storedFleet({ serving: { replicas: -1 } }));
