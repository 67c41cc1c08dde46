/**
 * Facts for tests of rollouts, with everything as it is when nothing is going on.
 */
import type { NodeStatus } from '#runtime/node-status.ts';
import type { PodFacts } from './pod-facts.ts';
import { readyMark } from './pod-facts.ts';
import type { AppliedDeployment, RolloutFacts } from './rollout-facts.ts';

export const startMs = Date.parse('2026-11-20T12:00:00Z');

export function reportOf(changes: Partial<NodeStatus> = {}): NodeStatus {
  return {
    version: '0.1.0',
    role: 'serve',
    node: 'pod-1',
    fleet: 'home-feed',
    stage: 'ready',
    ready: true,
    reason: '',
    progress: 1,
    etaSeconds: 0,
    startedAt: '2026-11-20T11:00:00Z',
    readyAt: '2026-11-20T11:01:00Z',
    posts: 1_234_567,
    authors: 1_000,
    tombstones: 10,
    bytes: { used: 100_000_000, bound: 200_000_000, byArena: {} },
    effectiveRetentionSeconds: 172_800,
    lagEvents: 3,
    stalenessMs: 40,
    partitions: [],
    warmStart: null,
    donating: 0,
    requests: { inFlight: 0, perSecond: 0, p50Ms: 0, p99Ms: 0, rejected: 0 },
    resets: [],
    warnings: [],
    counters: {},
    ...changes,
  } as NodeStatus;
}

/** A pod that is ready and well. */
export function podOf(name: string, revision: string, changes: Partial<PodFacts> = {}): PodFacts {
  return {
    name,
    uid: `uid-${name}`,
    revision,
    isTerminating: false,
    isReady: true,
    problem: null,
    mark: readyMark,
    report: reportOf({ node: name }),
    deletionCost: null,
    ...changes,
  };
}

/** One that replays the log. */
export function newPodOf(
  name: string,
  revision: string,
  changes: Partial<PodFacts> = {},
): PodFacts {
  return podOf(name, revision, {
    isReady: false,
    mark: 4,
    report: reportOf({
      node: name,
      stage: 'replaying',
      ready: false,
      progress: 0,
      etaSeconds: 60,
      stalenessMs: null,
    }),
    ...changes,
  });
}

export function appliedOf(
  revision: string,
  changes: Partial<AppliedDeployment> = {},
): AppliedDeployment {
  return {
    revision,
    replicas: 3,
    isHeld: false,
    isPaused: false,
    available: 3,
    replicaSets: [{ revision, replicas: 3, available: 0, size: 3, sizedFor: 3 }],
    isObserved: true,
    createFailure: null,
    ...changes,
  };
}

/** Three pods of revision `a`, and nothing to do. */
export function factsOf(changes: Partial<RolloutFacts> = {}): RolloutFacts {
  return {
    nowMs: startMs,
    replicas: 3,
    maxSurge: 1,
    maxUnavailable: 0,
    progressDeadlineMs: 600_000,
    autoRollback: false,
    holdMs: null,
    isPaused: false,
    continueRequest: null,
    target: { id: 'a', isRefused: false, updateSeen: null },
    isMissingInputs: false,
    lastGood: 'a',
    applied: appliedOf('a'),
    pods: ['1', '2', '3'].map((name) => podOf(name, 'a')),
    mayStart: true,
    isKafkaAway: false,
    ...changes,
  };
}
