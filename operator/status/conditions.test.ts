/**
 * What the conditions say of what was seen.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Condition } from '#crds/gen/thunder-fleet.ts';
import { validate } from '#crds/schema/validate.ts';
import { conditionTypes, thunderFleetStatus } from '#crds/thunder-fleet/status.ts';
import {
  appliedOf,
  newPodOf,
  podOf,
  reportOf,
  startMs,
} from '#operator/rollout/rollout-fixture.suite.ts';
import { decodeFailureWords } from '#runtime/node-status.ts';
import { computeStatus } from './compute-status.ts';
import {
  factsOf,
  idle,
  inState,
  invalid,
  outcomeOf,
  states,
  stop,
  threePods,
} from './fleet-facts.suite.ts';
import type { FleetFacts } from './fleet-facts.ts';

function conditionOf(facts: FleetFacts, type: Condition['type']): string {
  const found = computeStatus(facts, undefined).conditions?.find((each) => each.type === type);
  return `${found?.status} ${found?.reason}`;
}

function messageOf(facts: FleetFacts, type: Condition['type']): string {
  const { conditions } = computeStatus(facts, undefined);
  return conditions?.find((each) => each.type === type)?.message ?? '';
}

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
  'fewer records than a pod warns of cannot be read': {
    facts: factsOf({
      pods: ['1', '2', '3'].map((name) =>
        podOf(name, 'a', { report: reportOf({ counters: { malformed: 2, created: 98 } }) }),
      ),
    }),
    Degraded: 'False AsExpected',
  },
  'a node warns of records that cannot be read, among few that its counters show': {
    facts: factsOf({
      pods: ['1', '2', '3'].map((name) =>
        podOf(name, 'a', {
          report: reportOf({
            counters: { malformed: 1, created: 1_000 },
            warnings: [`50 % ${decodeFailureWords} (…), more than --decode-failure-max 10`],
          }),
        }),
      ),
    }),
    Degraded: 'True DecodeFailureRate',
  },
  'the topic has records without a value': {
    facts: factsOf({
      pods: ['1', '2', '3'].map((name) =>
        podOf(name, 'a', { report: reportOf({ counters: { no_value: 50, created: 50 } }) }),
      ),
    }),
    Degraded: 'False AsExpected',
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
    Degraded: 'True NodeWarning',
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
