/**
 * What the status says of what was seen, and when it is written.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Condition, ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import type { JsonObject } from '#crds/schema/json.ts';
import { validate } from '#crds/schema/validate.ts';
import { conditionTypes, thunderFleetStatus } from '#crds/thunder-fleet/status.ts';
import { parseFleet } from '#operator/fleet/fleet.ts';
import { fleetOf, storedFleet } from '#operator/fleet/fleet-fixture.suite.ts';
import { busyFiguresMs, quietFiguresMs } from '#operator/limits.ts';
import type { RolloutOutcome } from '#operator/rollout/rollout-facts.ts';
import {
  appliedOf,
  newPodOf,
  podOf,
  reportOf,
  factsOf as rolloutFactsOf,
  startMs,
} from '#operator/rollout/rollout-fixture.suite.ts';
import type { RolloutState } from '#operator/rollout/rollout-state.ts';
import { stepRollout } from '#operator/rollout/step-rollout.ts';
import { computeStatus } from './compute-status.ts';
import { roundFigure, roundSeconds } from './figures.ts';
import type { FleetFacts } from './fleet-facts.ts';
import { kafkaViewOf } from './kafka-view.ts';
import { mergeStatus } from './merge-status.ts';
import { toReason } from './messages.ts';
import { podEvents } from './pod-events.ts';

const idle: RolloutState = { kind: 'idle', sinceMs: startMs };
const threePods = { serving: { replicas: 3 } };

function outcomeOf(changes: Partial<RolloutOutcome> = {}): RolloutOutcome {
  return { ...stepRollout(idle, rolloutFactsOf()), ...changes };
}

/** Three pods, all well. */
function factsOf(changes: Partial<FleetFacts> = {}, spec: JsonObject = threePods): FleetFacts {
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

function conditionOf(facts: FleetFacts, type: Condition['type']): string {
  const found = computeStatus(facts, undefined).conditions?.find((each) => each.type === type);
  return `${found?.status} ${found?.reason}`;
}

function messageOf(facts: FleetFacts, type: Condition['type']): string {
  const { conditions } = computeStatus(facts, undefined);
  return conditions?.find((each) => each.type === type)?.message ?? '';
}

const stop = { pod: 'p4', cause: 'ImagePullBackOff', message: 'no such image' };
const progress = { mark: 0, markAtMs: startMs };
const states: Readonly<Record<string, RolloutState>> = {
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
const inState = (name: string): Partial<FleetFacts> => ({
  rollout: outcomeOf({ state: states[name] ?? idle }),
});
const invalid = parseFleet(storedFleet({ serving: { replicas: -1 } }));

/** Facts to what conditions say then. */
const table: Readonly<
  Record<string, { readonly facts: FleetFacts } & Partial<Record<Condition['type'], string>>>
> = {
  'all is well': {
    facts: factsOf(),
    Ready: 'True AllPodsReady',
    Available: 'True EnoughPods',
    Progressing: 'False Complete',
    CaughtUp: 'True AtTheEnd',
    KafkaReachable: 'True Reachable',
    Degraded: 'False AsExpected',
    Paused: 'False NotPaused',
    UpdateAvailable: 'False UpToDate',
  },
  'the spec is invalid': {
    facts: factsOf({ parsed: invalid, rollout: null }),
    Ready: 'False InvalidSpec',
    Available: 'True EnoughPods',
    Progressing: 'False InvalidSpec',
    Paused: 'Unknown InvalidSpec',
  },
  'nothing is there yet': {
    facts: factsOf({ rollout: null, applied: null, pods: [] }),
    Ready: 'Unknown Pending',
    Available: 'False TooFewPods',
    Progressing: 'Unknown Pending',
    CaughtUp: 'Unknown NoPods',
  },
  'a Secret is missing': {
    facts: factsOf({ missingInputs: ['Secret kafka-user'] }),
    Ready: 'False SecretMissing',
    Progressing: 'False SecretMissing',
    Available: 'True EnoughPods',
  },
  'no pods are wanted': {
    facts: factsOf(
      { pods: [], applied: appliedOf('a', { replicas: 0 }) },
      { serving: { replicas: 0 } },
    ),
    Ready: 'True ScaledToZero',
    Available: 'True ScaledToZero',
    CaughtUp: 'Unknown NoPods',
  },
  'a pod catches up': {
    facts: factsOf({
      ...inState('settling'),
      pods: [podOf('1', 'a'), podOf('2', 'a'), newPodOf('3', 'a')],
    }),
    Ready: 'False PodsNotReady',
    Available: 'False TooFewPods',
    Progressing: 'True CatchingUp',
    CaughtUp: 'False Replaying',
  },
  'a pod does not come up': {
    facts: factsOf({
      rollout: outcomeOf({ state: states['settling'] ?? idle, trouble: stop }),
      pods: [podOf('1', 'a'), podOf('2', 'a'), newPodOf('p4', 'a')],
    }),
    Ready: 'False PodsNotReady',
    Progressing: 'False ImagePullBackOff',
    Degraded: 'True ImagePullBackOff',
  },
  'other fleets roll': {
    facts: factsOf(inState('waiting')),
    Ready: 'False WaitingForOthers',
    Progressing: 'True WaitingForOthers',
    Available: 'True EnoughPods',
  },
  'it rolls': {
    facts: factsOf(inState('rolling')),
    Ready: 'False RollingOut',
    Progressing: 'True RollingOut',
  },
  'it waits for a look': {
    facts: factsOf(inState('holding')),
    Ready: 'False HoldAfterFirst',
    Progressing: 'True HoldAfterFirst',
  },
  'it has halted': {
    facts: factsOf(inState('halted')),
    Ready: 'False RolloutHalted',
    Progressing: 'False ImagePullBackOff',
    Degraded: 'True ImagePullBackOff',
    Available: 'True EnoughPods',
  },
  'it went back': {
    facts: factsOf(inState('rolledBack')),
    Ready: 'False RolledBack',
    Progressing: 'False RolledBack',
    Degraded: 'False AsExpected',
  },
  'it is paused, and nothing waits': {
    facts: factsOf({}, { ...threePods, paused: true }),
    Ready: 'True AllPodsReady',
    Paused: 'True PausedBySpec',
  },
  'it is paused, and changes wait': {
    facts: factsOf(
      { rollout: outcomeOf({ blockedBy: 'Paused' }), target: 'b' },
      { ...threePods, paused: true },
    ),
    Ready: 'False Paused',
    Progressing: 'False Paused',
  },
  'the pods are about to be given a template': {
    facts: factsOf({ target: 'b' }),
    Ready: 'False Applying',
  },
  'a scale waits for the last caught-up pod': {
    facts: factsOf({}, { serving: { replicas: 1 } }),
    Ready: 'False PodsNotReady',
  },
  'a transformer is behind': {
    facts: factsOf({
      transformers: [
        { name: 't', replicas: 2, ready: 1, isUpdated: true, lagEvents: 5, trouble: null },
      ],
    }),
    Ready: 'False TransformersNotReady',
    Available: 'True EnoughPods',
  },
  'Kafka is away': {
    facts: factsOf({
      kafka: { isReachable: false, detail: 'connection refused', sinceMs: startMs, hasTopic: null },
      pods: ['1', '2', '3'].map((name) =>
        podOf(name, 'a', { report: reportOf({ stalenessMs: 300_000 }) }),
      ),
    }),
    Ready: 'True AllPodsReady',
    KafkaReachable: 'False Unreachable',
    CaughtUp: 'False Stale',
  },
  'pods have lost Kafka, which the operator has not': {
    facts: factsOf({
      kafka: { isReachable: null, detail: '', sinceMs: startMs, hasTopic: null },
      pods: ['1', '2', '3'].map((name) =>
        podOf(name, 'a', { report: reportOf({ stalenessMs: 300_000 }) }),
      ),
    }),
    KafkaReachable: 'False PodsLostKafka',
  },
  'the topic is gone': {
    facts: factsOf({
      kafka: { isReachable: true, detail: '', sinceMs: startMs, hasTopic: false },
    }),
    KafkaReachable: 'False TopicMissing',
    Degraded: 'True TopicMissing',
    Ready: 'True AllPodsReady',
  },
  'the log was reset': {
    facts: factsOf({
      pods: [
        podOf('1', 'a', {
          report: reportOf({
            partitions: [
              { topic: 't', partition: 0, position: 9, target: 9, end: 1, lag: 0, state: 'reset' },
            ],
          }),
        }),
        podOf('2', 'a'),
        podOf('3', 'a'),
      ],
    }),
    CaughtUp: 'False LogReset',
    Degraded: 'True LogReset',
  },
  'a pod lags': {
    facts: factsOf({
      pods: [
        podOf('1', 'a', { report: reportOf({ lagEvents: 20_000 }) }),
        podOf('2', 'a'),
        podOf('3', 'a'),
      ],
    }),
    CaughtUp: 'False Lagging',
  },
  'the admin ports do not answer': {
    facts: factsOf({ pods: ['1', '2', '3'].map((name) => podOf(name, 'a', { report: null })) }),
    Ready: 'True AllPodsReady',
    CaughtUp: 'Unknown NoReport',
  },
  'records cannot be read': {
    facts: factsOf({
      pods: ['1', '2', '3'].map((name) =>
        podOf(name, 'a', { report: reportOf({ counters: { malformed: 2, created: 98 } }) }),
      ),
    }),
    Degraded: 'True DecodeFailureRate',
  },
  'memory is full': {
    facts: factsOf({
      pods: ['1', '2', '3'].map((name) =>
        podOf(name, 'a', { report: reportOf({ effectiveRetentionSeconds: 86_400 }) }),
      ),
    }),
    Degraded: 'True StoreFull',
  },
  'a node advises something': {
    facts: factsOf({
      pods: ['1', '2', '3'].map((name) =>
        podOf(name, 'a', { report: reportOf({ warnings: ['retention.ms is too short'] }) }),
      ),
    }),
    Degraded: 'True Settings',
  },
  'the operator is newer': {
    facts: factsOf({ updateAvailable: true }),
    UpdateAvailable: 'True OperatorIsNewer',
    Ready: 'True AllPodsReady',
  },
  'all pods went unready': {
    facts: factsOf({
      ...inState('settling'),
      pods: ['1', '2', '3'].map((name) => newPodOf(name, 'a')),
    }),
    Ready: 'False PodsNotReady',
    Available: 'False TooFewPods',
  },
};

describe('conditions', () => {
  for (const [name, { facts, ...expected }] of Object.entries(table)) {
    it(`when ${name}`, () => {
      for (const type of conditionTypes) {
        const wanted = expected[type];
        if (wanted !== undefined) assert.equal(conditionOf(facts, type), wanted, type);
      }
      const status = computeStatus(facts, undefined);
      assert.deepEqual(validate(thunderFleetStatus, status, 'status'), []);
      assert.deepEqual(
        status.conditions?.map(({ type }) => type),
        conditionTypes,
      );
    });
  }

  it('name the pod, the cause and the next step', () => {
    const halted = factsOf(inState('halted'));
    assert.match(messageOf(halted, 'Progressing'), /p4.*ImagePullBackOff.*no such image/);
    assert.match(messageOf(halted, 'Ready'), /correct the spec/);
    const broken = factsOf({ parsed: invalid, rollout: null });
    assert.match(messageOf(broken, 'Ready'), /^spec\.serving\.replicas: must be a whole number/);
    const away = factsOf({
      kafka: { isReachable: false, detail: 'refused', sinceMs: startMs - 60_000, hasTopic: null },
    });
    assert.match(messageOf(away, 'KafkaReachable'), /since 2026-11-20T11:59:00Z: refused/);
  });

  it('keep the time of their last change, and know their generation', () => {
    const first = computeStatus(factsOf(), undefined);
    const later = factsOf({
      nowMs: startMs + 60_000,
      pods: [newPodOf('1', 'a')],
      ...inState('settling'),
    });
    const second = computeStatus(later, first);
    for (const { type, status, lastTransitionTime, observedGeneration } of second.conditions ??
      []) {
      const before = first.conditions?.find((each) => each.type === type);
      assert.equal(
        lastTransitionTime === before?.lastTransitionTime,
        status === before?.status,
        type,
      );
      assert.equal(observedGeneration, 3);
    }
  });
});

describe('a status', () => {
  it('counts pods, and lists them by name', () => {
    const pods = [
      newPodOf('z', 'b', { problem: { cause: 'X', message: 'it ends' } }),
      podOf('a', 'a'),
      podOf('gone', 'a', { isTerminating: true }),
    ];
    const status = computeStatus(factsOf({ pods, target: 'b', ...inState('rolling') }), undefined);
    assert.deepEqual([status.replicas, status.readyReplicas, status.updatedReplicas], [2, 1, 1]);
    assert.equal(status.selector, 'thunder.dev/fleet=home-feed,thunder.dev/component=serving');
    assert.deepEqual(status.revisions, { current: 'a', updating: 'b' });
    assert.deepEqual([status.posts, status.lag, status.starts], [1_200_000, 3, '0 warm, 1 cold']);
    assert.deepEqual(
      status.pods?.map(({ name, ready, message }) => [name, ready, message]),
      [
        ['a', true, undefined],
        ['z', false, 'it ends'],
      ],
    );
  });

  it('of a fleet of a thousand pods stays small', () => {
    const pods = Array.from({ length: 1_000 }, (_, at) => podOf(`pod-${at}`, 'a'));
    const status = computeStatus(factsOf({ pods }, { serving: { replicas: 1_000 } }), undefined);
    assert.equal(status.readyReplicas, 1_000);
    assert.equal(status.pods?.length, 100);
    assert.ok(JSON.stringify(status).length < 100_000);
  });

  it('keeps what a rollout was doing while its spec is invalid', () => {
    const before = computeStatus(factsOf(inState('rolling')), undefined);
    const status = computeStatus(factsOf({ parsed: invalid, rollout: null }), before);
    assert.deepEqual(status.rollout, { ...before.rollout, blockedBy: 'InvalidSpec' });
  });
});

describe('a write', () => {
  const stored = (): ThunderFleetStatus => {
    const { status } = mergeStatus(undefined, computeStatus(factsOf(), undefined), false, startMs);
    assert.ok(status !== null);
    return status;
  };
  const next = (changes: Partial<FleetFacts>): ThunderFleetStatus =>
    computeStatus(factsOf(changes), stored());
  const lagging = (nowMs: number): ThunderFleetStatus =>
    next({
      nowMs,
      pods: ['1', '2', '3'].map((name) =>
        podOf(name, 'a', { report: reportOf({ lagEvents: 77 }) }),
      ),
    });

  it('is not made when nothing has changed, however often and late (I8)', () => {
    for (const later of [0, 1, 10_000, 600_000, 1e9]) {
      const nowMs = startMs + later;
      const write = mergeStatus(stored(), next({ nowMs }), true, nowMs);
      assert.deepEqual(write, { status: null, requeueAfterMs: null }, String(later));
    }
  });

  it('is made at once for what matters', () => {
    const nowMs = startMs + 1;
    const pods = [podOf('1', 'a'), podOf('2', 'a'), newPodOf('3', 'a')];
    const { status } = mergeStatus(
      stored(),
      next({ nowMs, pods, ...inState('settling') }),
      false,
      nowMs,
    );
    assert.equal(status?.readyReplicas, 2);
  });

  it('of figures alone waits its time', () => {
    for (const [isBusy, interval] of [
      [true, busyFiguresMs],
      [false, quietFiguresMs],
    ] as const) {
      const early = startMs + interval - 1_000;
      assert.deepEqual(mergeStatus(stored(), lagging(early), isBusy, early), {
        status: null,
        requeueAfterMs: 1_000,
      });
      const due = startMs + interval;
      assert.equal(mergeStatus(stored(), lagging(due), isBusy, due).status?.lag, 77);
    }
  });

  it('of figures is not put off for ever by a clock that was set back', () => {
    const nowMs = startMs - 3_600_000;
    assert.equal(mergeStatus(stored(), lagging(nowMs), false, nowMs).status?.lag, 77);
  });
});

describe('figures and words', () => {
  it('are rounded to what means something, and rounding again changes nothing', () => {
    assert.deepEqual([0, 99, 101, 1_234_567].map(roundFigure), [0, 99, 100, 1_200_000]);
    assert.deepEqual([12.4, 61, 1_000].map(roundSeconds), [12, 60, 1_020]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (value) => {
        const rounded = roundFigure(value);
        assert.equal(roundFigure(rounded), rounded);
        assert.ok(Math.abs(rounded - value) <= Math.max(0.5, value * 0.051));
      }),
    );
  });

  it('of reasons are what Kubernetes takes', () => {
    fc.assert(
      fc.property(fc.string(), (word) => {
        assert.match(toReason(word), /^[A-Za-z][A-Za-z0-9]{0,63}$/);
      }),
    );
    assert.equal(toReason('Error: 137'), 'Error137');
    assert.equal(toReason('x'.repeat(99)).length, 64);
  });

  it('of Kafka come from ready pods only', () => {
    const stale = reportOf({ stalenessMs: 60_000 });
    assert.equal(kafkaViewOf([]), 'unknown');
    assert.equal(kafkaViewOf([newPodOf('1', 'a', { report: stale })]), 'unknown');
    assert.equal(kafkaViewOf([podOf('1', 'a', { report: stale })]), 'lost');
    assert.equal(kafkaViewOf([podOf('1', 'a', { report: stale }), podOf('2', 'a')]), 'followed');
  });
});

describe('events of pods', () => {
  const ready = { name: 'p', revision: 'a', ready: true, stage: 'ready' } as const;
  const starting = { ...ready, ready: false, stage: 'replaying' } as const;

  it('say once how each pod started', () => {
    assert.deepEqual(podEvents(undefined, [ready]), []);
    assert.deepEqual(podEvents([ready], [ready]), []);
    assert.deepEqual(
      podEvents([starting], [ready]).map(({ reason }) => reason),
      ['ColdStart'],
    );
    const warm = { ...ready, warmStart: { from: 'q', bytes: 2e9, seconds: 1 } };
    const [event] = podEvents([], [warm]);
    assert.equal(event?.reason, 'WarmStarted');
    assert.match(event?.message ?? '', /2000 MB from q in 1 second/);
    // Ready before its admin port has answered: how it started is not known yet.
    const { stage: _, ...silent } = ready;
    assert.deepEqual(podEvents([], [silent]), []);
    assert.equal(podEvents([silent], [ready]).length, 1);
  });
});
