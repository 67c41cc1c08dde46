/**
 * What the status says of what was seen, and when it is written.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import { busyFiguresMs, quietFiguresMs } from '#operator/limits.ts';
import { newPodOf, podOf, reportOf, startMs } from '#operator/rollout/rollout-fixture.suite.ts';
import { computeStatus } from './compute-status.ts';
import { roundFigure, roundSeconds } from './figures.ts';
import { factsOf, inState, invalid } from './fleet-facts.suite.ts';
import type { FleetFacts } from './fleet-facts.ts';
import { kafkaViewOf } from './kafka-view.ts';
import { figuresWaitMs, looksBusy, mergeStatus } from './merge-status.ts';
import { toReason } from './messages.ts';
import { podEvents } from './pod-events.ts';

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

  it('of figures is due as what is stored tells, without a pass', () => {
    const later = startMs + 2_000;
    const quiet = stored();
    const [first, ...others] = quiet.pods ?? [];
    assert.ok(first !== undefined);
    assert.equal(figuresWaitMs(quiet, looksBusy(quiet), later), quietFiguresMs - 2_000);
    const unready = { ...quiet, pods: [{ ...first, ready: false }, ...others] };
    assert.equal(figuresWaitMs(unready, looksBusy(unready), later), busyFiguresMs - 2_000);
    const halted = { ...quiet, rollout: { ...quiet.rollout, state: 'halted' as const } };
    assert.equal(figuresWaitMs(halted, looksBusy(halted), later), busyFiguresMs - 2_000);
    assert.equal(figuresWaitMs({}, false, later), 0);
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
