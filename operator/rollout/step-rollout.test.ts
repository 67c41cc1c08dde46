/**
 * Single steps of a rollout: what is decided on which facts.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { readyMark } from './pod-facts.ts';
import { appliedOf, factsOf, newPodOf, podOf, startMs } from './rollout-fixture.suite.ts';
import { fromReport, type RolloutState, toReport } from './rollout-state.ts';
import { stepRollout } from './step-rollout.ts';

const idle: RolloutState = { kind: 'idle', sinceMs: startMs };
const toB = { id: 'b', isRefused: false, updateSeen: null };
const old = ['1', '2', '3'].map((name) => podOf(name, 'a'));
const rolling: RolloutState = {
  kind: 'rolling',
  sinceMs: startMs,
  revision: 'b',
  progress: { mark: 5, markAtMs: startMs },
  continueSeen: null,
  isReleased: true,
};
/** One new pod of `b` beside the old ones. */
const duringRoll = (pod = newPodOf('4', 'b')) => ({
  target: toB,
  applied: appliedOf('b', {
    replicaSets: [
      { revision: 'a', replicas: 3, available: 3, size: 3, sizedFor: 3 },
      { revision: 'b', replicas: 1, available: 0, size: 1, sizedFor: 3 },
    ],
  }),
  pods: [...old, pod],
});

describe('a step', () => {
  it('changes nothing when nothing has to be', () => {
    const outcome = stepRollout(idle, factsOf());
    assert.equal(outcome.state, idle);
    assert.deepEqual(outcome.plan, { revision: 'a', replicas: 3, isHeld: false, isPaused: false });
    assert.deepEqual(
      [outcome.events, outcome.verdicts, outcome.blockedBy, outcome.requeueAfterMs],
      [[], [], null, null],
    );
  });

  it('makes no pods before what they need is there, and takes none when it goes', () => {
    const none = stepRollout(idle, factsOf({ target: null, applied: null, pods: [] }));
    assert.deepEqual([none.plan, none.blockedBy], [null, 'SecretMissing']);
    const gone = stepRollout(idle, factsOf({ isMissingInputs: true }));
    assert.deepEqual([gone.plan?.revision, gone.blockedBy], ['a', 'SecretMissing']);
  });

  it('makes the first pods of a fleet without waiting for a place', () => {
    const made = stepRollout(
      idle,
      factsOf({ applied: null, pods: [], lastGood: null, mayStart: false }),
    );
    assert.equal(made.state.kind, 'settling');
    assert.equal(made.plan?.revision, 'a');
  });

  it('says of a new fleet’s pod what is wrong, and stops nothing', () => {
    const problem = { cause: 'ImagePullBackOff', message: 'no such image' };
    const facts = factsOf({ lastGood: null, pods: [newPodOf('1', 'a', { problem })] });
    const outcome = stepRollout(
      { kind: 'settling', sinceMs: startMs, progress: { mark: 0, markAtMs: startMs } },
      facts,
    );
    assert.equal(outcome.state.kind, 'settling');
    assert.deepEqual(outcome.trouble, { pod: '1', ...problem });
    assert.equal(outcome.plan?.isPaused, false);
  });

  it('waits for a place among the fleets that roll, then begins, once', () => {
    const waiting = stepRollout(idle, factsOf({ target: toB, mayStart: false }));
    assert.equal(waiting.state.kind, 'waiting');
    assert.deepEqual([waiting.plan?.revision, waiting.blockedBy], ['a', 'MaxRollouts']);
    const later = { nowMs: startMs + 60_000, target: toB };
    const still = stepRollout(waiting.state, factsOf({ ...later, mayStart: false }));
    assert.equal(still.state, waiting.state);
    const begun = stepRollout(still.state, factsOf(later));
    assert.equal(begun.plan?.revision, 'b');
    assert.deepEqual(
      begun.events.map(({ reason }) => reason),
      ['RolloutStarted'],
    );
    // The Deployment as the cache has it may still be the old one.
    const again = stepRollout(begun.state, factsOf(later));
    assert.equal(again.state, begun.state);
    assert.deepEqual([again.plan, again.events], [begun.plan, []]);
  });

  it('goes back without waiting, also from what somebody wrote into the Deployment', () => {
    for (const revision of ['b', '']) {
      const facts = factsOf({ applied: appliedOf(revision), mayStart: false });
      const back = stepRollout(idle, facts);
      assert.deepEqual([back.plan?.revision, back.blockedBy], ['a', null]);
    }
  });

  it('scales while it waits', () => {
    const { plan } = stepRollout(idle, factsOf({ target: toB, mayStart: false, replicas: 5 }));
    assert.deepEqual([plan?.revision, plan?.replicas], ['a', 5]);
  });

  it('leaves everything alone while paused, and lets no deadline pass', () => {
    const facts = factsOf({ target: toB, isPaused: true, replicas: 7, nowMs: startMs + 1e9 });
    const outcome = stepRollout(rolling, facts);
    assert.deepEqual([outcome.plan?.revision, outcome.plan?.replicas], ['a', 3]);
    assert.equal(outcome.blockedBy, 'Paused');
    assert.ok(outcome.state.kind === 'rolling');
    assert.equal(outcome.state.progress.markAtMs, facts.nowMs);
    assert.equal(stepRollout(idle, factsOf({ isPaused: true })).blockedBy, null);
  });

  it('halts at a pod that has a problem, and names it', () => {
    const problem = { cause: 'CrashLoopBackOff', message: 'the process ends again and again' };
    const facts = factsOf(duringRoll(newPodOf('4', 'b', { problem })));
    const outcome = stepRollout(rolling, facts);
    assert.ok(outcome.state.kind === 'halted');
    assert.deepEqual(outcome.state.stop, { pod: '4', ...problem });
    assert.deepEqual([outcome.plan?.revision, outcome.plan?.isPaused], ['b', true]);
    assert.equal(outcome.blockedBy, 'RolloutHalted');
    assert.deepEqual(
      outcome.events.map(({ type, reason }) => [type, reason]),
      [['Warning', 'RolloutHalted']],
    );
    const again = stepRollout(outcome.state, facts);
    assert.deepEqual([again.state, again.events], [outcome.state, []]);
  });

  it('halts when there is no progress within the deadline, whatever the whole takes', () => {
    const step = (state: RolloutState, afterMs: number, mark: number) =>
      stepRollout(
        state,
        factsOf({ ...duringRoll(newPodOf('4', 'b', { mark })), nowMs: startMs + afterMs }),
      );
    const moved = step(rolling, 590_000, 10);
    assert.equal(moved.state.kind, 'rolling');
    assert.equal(moved.requeueAfterMs, 600_000);
    const slow = step(moved.state, 1_180_000, 10);
    assert.equal(slow.requeueAfterMs, 10_000);
    const stalled = step(slow.state, 1_190_000, 10);
    assert.ok(stalled.state.kind === 'halted');
    assert.equal(stalled.state.stop.cause, 'NoProgress');
    const mended = step(stalled.state, 1_200_000, 11);
    assert.equal(mended.state.kind, 'rolling');
    assert.equal(mended.plan?.isPaused, false);
  });

  it('does not count a stall while every ready pod has lost Kafka, too', () => {
    const facts = { ...duringRoll(newPodOf('4', 'b', { mark: 4 })), nowMs: startMs + 1e9 };
    assert.equal(
      stepRollout(rolling, factsOf({ ...facts, isKafkaAway: true })).state.kind,
      'rolling',
    );
    assert.equal(stepRollout(rolling, factsOf(facts)).state.kind, 'halted');
  });

  it('says why no pod was made', () => {
    const facts = factsOf({ ...duringRoll(), nowMs: startMs + 1e9, pods: old });
    const applied = appliedOf('b', { createFailure: 'exceeded quota' });
    const { state, plan } = stepRollout(rolling, { ...facts, applied });
    assert.ok(state.kind === 'halted');
    assert.deepEqual([state.stop.cause, state.stop.message], ['NoPod', 'exceeded quota']);
    // Paused, the Deployment would never get one; with one it goes on by itself.
    assert.equal(plan?.isPaused, false);
    const mended = stepRollout(state, { ...facts, applied, pods: [...old, newPodOf('4', 'b')] });
    assert.deepEqual([mended.state.kind, mended.plan?.isPaused], ['rolling', false]);
  });

  it('does not count a stall before Kubernetes has seen the template', () => {
    const facts = factsOf({ ...duringRoll(), nowMs: startMs + 1e9, pods: old });
    const unseen = { ...facts, applied: appliedOf('b', { isObserved: false }) };
    assert.equal(stepRollout(rolling, unseen).state.kind, 'rolling');
    assert.equal(stepRollout(rolling, { ...facts, applied: appliedOf('b') }).state.kind, 'halted');
  });

  it('goes back where it may, and does not fall for what it has just refused', () => {
    const problem = { cause: 'CrashLoopBackOff', message: 'it ends' };
    const facts = factsOf({ ...duringRoll(newPodOf('4', 'b', { problem })), autoRollback: true });
    const back = stepRollout(rolling, facts);
    assert.equal(back.state.kind, 'rolledBack');
    assert.deepEqual(back.plan, { revision: 'a', replicas: 3, isHeld: false, isPaused: false });
    assert.deepEqual(back.verdicts, [{ revision: 'b', verdict: 'bad' }]);
    // Neither the verdict nor the Deployment can be read back yet.
    const stale = stepRollout(back.state, facts);
    assert.deepEqual([stale.state, stale.plan, stale.events], [back.state, back.plan, []]);
    const asked = stepRollout(back.state, factsOf({ target: { ...toB, updateSeen: 'again' } }));
    assert.equal(asked.plan?.revision, 'b');
  });

  it('still is a rollout without old pods, until the revision has proved good', () => {
    const problem = { cause: 'CrashLoopBackOff', message: 'it ends' };
    const pods = [podOf('4', 'b'), podOf('5', 'b'), newPodOf('6', 'b', { problem })];
    const facts = factsOf({ target: toB, applied: appliedOf('b'), pods });
    assert.equal(stepRollout(rolling, facts).state.kind, 'halted');
    const back = stepRollout(rolling, { ...facts, autoRollback: true });
    assert.deepEqual([back.state.kind, back.plan?.revision], ['rolledBack', 'a']);
    assert.equal(stepRollout(rolling, { ...facts, lastGood: 'b' }).state.kind, 'settling');
  });

  it('has nothing to go back to before a revision was good', () => {
    const problem = { cause: 'CrashLoopBackOff', message: 'it ends' };
    const facts = { ...duringRoll(newPodOf('4', 'b', { problem })), autoRollback: true };
    assert.equal(stepRollout(rolling, factsOf({ ...facts, lastGood: null })).state.kind, 'halted');
  });

  it('calls a revision good once all pods run it, caught up', () => {
    const pods = ['4', '5', '6'].map((name) => podOf(name, 'b'));
    const facts = factsOf({ target: toB, applied: appliedOf('b'), pods });
    const outcome = stepRollout(rolling, facts);
    assert.equal(outcome.state.kind, 'idle');
    assert.deepEqual(outcome.verdicts, [{ revision: 'b', verdict: 'good' }]);
    assert.deepEqual(
      outcome.events.map(({ reason }) => reason),
      ['CaughtUp'],
    );
    const unobserved = { ...facts, applied: appliedOf('b', { isObserved: false }) };
    assert.deepEqual(stepRollout(rolling, unobserved).verdicts, []);
  });

  it('lets held pods count again before it leaves their template', () => {
    const held = factsOf({
      ...duringRoll(podOf('4', 'b')),
      target: { ...toB, id: 'c' },
      applied: appliedOf('b', { isHeld: true, available: 3 }),
    });
    const first = stepRollout(rolling, held);
    assert.deepEqual(first.plan, { revision: 'b', replicas: 3, isHeld: false, isPaused: true });
    const applied = appliedOf('b', { isPaused: true, available: 3 });
    assert.equal(stepRollout(first.state, { ...held, applied }).plan?.revision, 'b');
    const counted = { ...applied, available: 4 };
    assert.equal(stepRollout(first.state, { ...held, applied: counted }).plan?.revision, 'c');
  });

  it('leaves no template while Kubernetes counts on pods that are gone', () => {
    // Back to `a`, whose pods have just been removed: for them Kubernetes would give up those of `b`.
    const applied = (available: number) =>
      appliedOf('b', {
        replicas: 2,
        available: 2 + available,
        replicaSets: [
          { revision: 'a', replicas: 2, available, size: 2, sizedFor: 3 },
          { revision: 'b', replicas: 2, available: 2, size: 2, sizedFor: 3 },
        ],
      });
    const pods = [podOf('4', 'b'), podOf('5', 'b')];
    const facts = factsOf({ replicas: 2, lastGood: 'a', pods, applied: applied(2) });
    const waits = stepRollout(rolling, facts);
    assert.deepEqual([waits.plan?.revision, waits.plan?.isPaused], ['b', true]);
    const seen = stepRollout(waits.state, { ...facts, applied: applied(0) });
    assert.deepEqual([seen.plan?.revision, seen.plan?.isPaused], ['a', false]);
    // Also when those that are counted make up for those that are not yet.
    const both = stepRollout(rolling, { ...facts, applied: { ...applied(2), available: 2 } });
    assert.deepEqual([both.plan?.revision, both.plan?.isPaused], ['b', true]);
  });

  it('leaves no template while Kubernetes takes the pods of others away, and it would still count on them', () => {
    const own = { revision: 'b', replicas: 2, available: 2, size: 2, sizedFor: 2 };
    const other = { revision: 'a', replicas: 1, available: 1, size: 1, sizedFor: 2 };
    const applied = appliedOf('b', { replicas: 2, available: 3, replicaSets: [other, own] });
    const pods = [podOf('1', 'a'), podOf('4', 'b'), podOf('5', 'b')];
    const facts = factsOf({ replicas: 2, lastGood: 'a', pods, applied });
    const waits = stepRollout(rolling, facts);
    assert.deepEqual([waits.plan?.revision, waits.plan?.isPaused], ['b', true]);
    const gone = { ...applied, available: 2, replicaSets: [own] };
    const goes = stepRollout(waits.state, { ...facts, pods: pods.slice(1), applied: gone });
    assert.deepEqual([goes.plan?.revision, goes.plan?.isPaused], ['a', false]);
    // One that is not whole yet leaves them alone.
    const part = { ...own, available: 1 };
    const half = { ...applied, available: 2, replicaSets: [other, part] };
    const may = stepRollout(rolling, { ...facts, pods: pods.slice(0, 2), applied: half });
    assert.deepEqual([may.plan?.revision, may.plan?.isPaused], ['a', false]);
  });

  it('a held revision that somebody took back in the Deployment is put there again', () => {
    const holding: RolloutState = {
      kind: 'holding',
      sinceMs: startMs,
      revision: 'b',
      continueSeen: null,
    };
    const pods = [...factsOf().pods, podOf('4', 'b')];
    const facts = factsOf({ target: toB, pods, applied: appliedOf('a'), holdMs: 600_000 });
    const { plan, state } = stepRollout(holding, facts);
    assert.deepEqual([plan?.revision, plan?.isHeld, plan?.isPaused], ['b', true, false]);
    assert.equal(state.kind, 'holding');
  });

  it('removes no last caught-up pod by a scale in the middle of a rollout', () => {
    const pods = [podOf('1', 'a'), ...['4', '5', '6'].map((name) => newPodOf(name, 'b'))];
    const replicaSets = [
      { revision: 'a', replicas: 1, available: 1, size: 1, sizedFor: 3 },
      { revision: 'b', replicas: 3, available: 0, size: 3, sizedFor: 3 },
    ];
    const applied = appliedOf('b', { replicas: 3, replicaSets });
    const facts = factsOf({ target: toB, applied, pods, replicas: 1 });
    const outcome = stepRollout(rolling, facts);
    assert.deepEqual([outcome.plan?.replicas, outcome.blockedBy], [3, 'LastCaughtUpPod']);
    const nothing = stepRollout(rolling, { ...facts, replicas: 0 });
    assert.deepEqual([nothing.plan?.replicas, nothing.blockedBy], [0, null]);
  });

  it('does not scale to where Kubernetes would not notice it, and then never roll again', () => {
    // One of two is made, and one is wanted now: of the only ReplicaSet nothing would change.
    const sets = (size: number, sizedFor = 2) => [
      { revision: 'b', replicas: size, available: 1, size, sizedFor },
    ];
    const halfway = appliedOf('b', { replicas: 2, available: 1, replicaSets: sets(1) });
    const facts = factsOf({ target: toB, replicas: 1, applied: halfway, pods: [podOf('4', 'b')] });
    assert.equal(stepRollout(rolling, facts).plan?.replicas, 2);
    const made = { ...halfway, replicaSets: sets(2) };
    assert.equal(stepRollout(rolling, { ...facts, applied: made }).plan?.replicas, 1);
    // The ReplicaSet shrank while we wrote: it gets back what it was sized for, and is noticed then.
    const stuck = { ...halfway, replicas: 1 };
    assert.equal(stepRollout(rolling, { ...facts, applied: stuck }).plan?.replicas, 2);
    // What somebody else has scaled is put right at once.
    const byHand = { ...halfway, replicas: 5, replicaSets: sets(1, 1) };
    assert.equal(stepRollout(rolling, { ...facts, applied: byHand }).plan?.replicas, 1);
  });

  it('decides the same on the same facts', () => {
    const states = fc.constantFrom<RolloutState>(
      idle,
      rolling,
      { kind: 'settling', sinceMs: startMs, progress: { mark: 0, markAtMs: startMs } },
      { kind: 'waiting', sinceMs: startMs, revision: 'b' },
      { kind: 'holding', sinceMs: startMs, revision: 'b', continueSeen: null },
    );
    const pods = fc.array(
      fc.record({ isReady: fc.boolean(), revision: fc.constantFrom('a', 'b') }),
      { maxLength: 5 },
    );
    const facts = fc.record({
      pods,
      isNew: fc.boolean(),
      replicas: fc.nat(4),
      mayStart: fc.boolean(),
      isPaused: fc.boolean(),
      holdMs: fc.constantFrom(null, 60_000),
    });
    fc.assert(
      fc.property(states, facts, (state, { pods: made, isNew, ...rest }) => {
        const all = factsOf({
          ...rest,
          target: toB,
          applied: appliedOf(isNew ? 'b' : 'a'),
          pods: made.map((pod, at) =>
            podOf(String(at), pod.revision, { isReady: pod.isReady, mark: readyMark }),
          ),
        });
        const first = stepRollout(state, all);
        const second = stepRollout(first.state, all);
        assert.deepEqual(second.plan, first.plan);
        assert.deepEqual(toReport(second.state), toReport(first.state));
        assert.deepEqual(second.events, []);
        assert.deepEqual(fromReport(toReport(first.state), startMs), first.state);
      }),
    );
  });
});
