/**
 * The parts of a rollout: what is made of pods, who may roll, who goes first, what a reset does.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Revision } from '#operator/desired/revision.ts';
import { resetRollIntervalMs, unschedulableMs } from '#operator/limits.ts';
import { applyVerdicts, lastGoodOf } from './apply-verdicts.ts';
import { deletionCosts } from './deletion-costs.ts';
import { grantPlaces } from './pacing.ts';
import { type PodObject, readyMark, toPodFacts } from './pod-facts.ts';
import { resetRoll } from './reset-roll.ts';
import { newPodOf, podOf, reportOf, startMs } from './rollout-fixture.suite.ts';
import { fromReport, type RolloutState, toTime } from './rollout-state.ts';

type Status = NonNullable<PodObject['status']>;

function podObject(status: Status, metadata: Partial<PodObject['metadata']> = {}): PodObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', uid: 'u', labels: { 'thunder.dev/revision': 'a' }, ...metadata },
    spec: { nodeName: 'n1' },
    status,
  };
}

const running = { containerStatuses: [{ state: { running: {} } }] };
const ago = (ms: number): string => toTime(startMs - ms);
const readyFor = (ms: number) => [{ type: 'Ready', status: 'True', lastTransitionTime: ago(ms) }];

describe('a pod', () => {
  it('gets further step by step, and ready is furthest', () => {
    const marks = [
      toPodFacts({ ...podObject({}), spec: {} }, null, startMs),
      toPodFacts(podObject({}), null, startMs),
      toPodFacts(podObject(running), null, startMs),
      toPodFacts(podObject(running), reportOf({ stage: 'connecting', progress: null }), startMs),
      toPodFacts(podObject(running), reportOf({ stage: 'replaying', progress: 0 }), startMs),
      toPodFacts(podObject(running), reportOf({ stage: 'replaying', progress: 0.5 }), startMs),
      toPodFacts(podObject({ ...running, conditions: readyFor(0) }), null, startMs),
    ].map(({ mark }) => mark);
    assert.deepEqual(
      marks,
      marks.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(marks).size, marks.length);
    assert.equal(marks.at(-1), readyMark);
  });

  it('is out of the way once it goes or has ended', () => {
    for (const pod of [
      podObject({ conditions: readyFor(0) }, { deletionTimestamp: ago(1) }),
      podObject({ phase: 'Failed', conditions: readyFor(0) }),
      podObject({ phase: 'Succeeded' }),
    ]) {
      const facts = toPodFacts(pod, null, startMs);
      assert.deepEqual([facts.isTerminating, facts.isReady, facts.problem], [true, false, null]);
    }
  });

  it('has a problem that waiting does not mend, or none', () => {
    const causeOf = (status: Status): string | undefined =>
      toPodFacts(podObject(status), null, startMs).problem?.cause;
    const waiting = (reason: string): Status => ({
      containerStatuses: [{ state: { waiting: { reason } } }],
    });
    const unscheduled = (forMs: number): Status => ({
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available',
          lastTransitionTime: ago(forMs),
        },
      ],
    });
    const restarted = (restartCount: number, readyMs?: number): Status => ({
      containerStatuses: [{ restartCount, state: { running: {} } }],
      ...(readyMs === undefined ? {} : { conditions: readyFor(readyMs) }),
    });
    assert.equal(causeOf(waiting('ImagePullBackOff')), 'ImagePullBackOff');
    assert.equal(causeOf(waiting('ContainerCreating')), undefined);
    assert.equal(causeOf(waiting('constructor')), undefined);
    assert.equal(causeOf(unscheduled(unschedulableMs - 1_000)), undefined);
    assert.equal(causeOf(unscheduled(unschedulableMs)), 'Unschedulable');
    assert.equal(causeOf(restarted(2)), undefined);
    assert.equal(causeOf(restarted(3)), 'CrashLoopBackOff');
    assert.equal(causeOf(restarted(3, 59_000)), 'CrashLoopBackOff');
    assert.equal(causeOf(restarted(3, 60_000)), undefined);
  });
});

describe('places for rollouts', () => {
  const candidate = (key: string, state: RolloutState, wantsToRoll = true) => ({
    key,
    state,
    wantsToRoll,
  });
  const stateOf = (state: 'rolling' | 'holding' | 'halted' | 'waiting', sinceMs = startMs) =>
    fromReport({ state, since: toTime(sinceMs), revision: 'b' }, startMs);

  it('stay with who has one, and go to who waits longest', () => {
    const all = [
      candidate('a', { kind: 'idle', sinceMs: 0 }),
      candidate('b', stateOf('waiting', startMs - 1_000)),
      candidate('c', stateOf('waiting', startMs - 9_000)),
      candidate('d', stateOf('rolling')),
      candidate('e', { kind: 'idle', sinceMs: 0 }, false),
    ];
    assert.deepEqual([...grantPlaces(all, 1)], ['d']);
    assert.deepEqual([...grantPlaces(all, 2)], ['d', 'c']);
    assert.deepEqual([...grantPlaces(all, 9)], ['d', 'c', 'b', 'a']);
  });

  it('are given up by a fleet that halted, and kept by one that waits for a look', () => {
    const next = candidate('next', stateOf('waiting'));
    assert.ok(grantPlaces([candidate('x', stateOf('halted'), false), next], 1).has('next'));
    assert.ok(!grantPlaces([candidate('x', stateOf('holding'), false), next], 1).has('next'));
  });
});

describe('the hint which pod to remove first', () => {
  it('is written only where a pod has changed its class', () => {
    const pods = [
      podOf('ordinary', 'a'),
      newPodOf('unready', 'a'),
      podOf('donor', 'a', { report: reportOf({ donating: 1 }) }),
      podOf('behind', 'a', { report: reportOf({ lagEvents: 50_000 }) }),
      podOf('was-donor', 'a', { deletionCost: '100' }),
      podOf('still-donor', 'a', { report: reportOf({ donating: 2 }), deletionCost: '100' }),
      newPodOf('gone', 'a', { isTerminating: true }),
    ];
    assert.deepEqual(deletionCosts(pods), [
      { pod: 'unready', cost: '-100' },
      { pod: 'donor', cost: '100' },
      { pod: 'behind', cost: '-50' },
      { pod: 'was-donor', cost: '0' },
    ]);
  });
});

describe('a reset of the log', () => {
  const partition = { topic: 't', partition: 0, position: 5, target: 5, end: 1, lag: 0 };
  const hit = podOf('1', 'a', {
    report: reportOf({
      partitions: [{ ...partition, state: 'reset' }],
      resets: [{ at: ago(5_000), partition: 0, kind: 'truncated', detail: 'it ends at 1' }],
    }),
  });

  it('rolls the fleet once, and again only after a while (L2)', () => {
    const first = resetRoll([hit, podOf('2', 'a')], { revision: 'a', resetAt: null }, startMs);
    assert.equal(first.resetAt, toTime(startMs));
    assert.match(first.reason ?? '', /Pod 1: it ends at 1/);
    // The same pods, on their way out: their revision is the one before.
    const during = resetRoll([hit], { revision: 'b', resetAt: first.resetAt }, startMs + 1_000);
    assert.deepEqual(during, { resetAt: first.resetAt, reason: null, requeueAfterMs: null });
    const soon = resetRoll([hit], { revision: 'a', resetAt: first.resetAt }, startMs + 1_000);
    assert.deepEqual(soon, {
      resetAt: first.resetAt,
      reason: null,
      requeueAfterMs: resetRollIntervalMs - 1_000,
    });
    const later = startMs + resetRollIntervalMs;
    const second = resetRoll([hit], { revision: 'a', resetAt: first.resetAt }, later);
    assert.equal(second.resetAt, toTime(later));
  });

  it('that a pod has mended by itself rolls nothing', () => {
    const mended = podOf('1', 'a', { report: reportOf({ resets: hit.report?.resets ?? [] }) });
    const roll = resetRoll([mended], { revision: 'a', resetAt: null }, startMs);
    assert.deepEqual(roll, { resetAt: null, reason: null, requeueAfterMs: null });
  });
});

describe('verdicts', () => {
  const revisionOf = (id: string, number: number, verdict: Revision['verdict']): Revision => {
    // oxlint-disable-next-line no-unsafe-type-assertion -- the template is not looked at here
    const base = {} as Revision['base'];
    return {
      id,
      number,
      base,
      stamps: { inputs: '', resetAt: null },
      shape: {},
      verdict,
      updateSeen: null,
    };
  };

  it('make what ran last the one to go back to', () => {
    const before = [
      revisionOf('a', 1, 'good'),
      revisionOf('b', 2, 'good'),
      revisionOf('c', 3, 'bad'),
    ];
    assert.equal(lastGoodOf(before), 'b');
    const after = applyVerdicts(before, [{ revision: 'a', verdict: 'good' }]);
    assert.equal(lastGoodOf(after), 'a');
    assert.equal(lastGoodOf(applyVerdicts(after, [{ revision: 'a', verdict: 'bad' }])), 'b');
    assert.deepEqual(applyVerdicts(before, []), before);
    assert.equal(lastGoodOf([]), null);
  });
});
