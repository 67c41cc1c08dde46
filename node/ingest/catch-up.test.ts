/**
 * The catch-up machine against a model log: what it may never say, in any interleaving, and what it
 * says in each case that has a name.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { CatchUp, type CatchUpOptions } from './catch-up.ts';
import type { PartitionBounds } from './event-source.ts';

const defaults: CatchUpOptions = { readyLagEvents: 1_000, readyLagMs: 1_000, maxStalenessMs: null };

function bounds(...ranges: readonly (readonly [start: number, end: number])[]): PartitionBounds[] {
  return ranges.map(([start, end], partition) => ({ partition, start, end }));
}

/** Opened at time 0 over these ranges. */
function opened(
  ranges: readonly (readonly [start: number, end: number])[],
  options: Partial<CatchUpOptions> = {},
): CatchUp {
  const catchUp = new CatchUp({ ...defaults, ...options });
  catchUp.opened(bounds(...ranges), 0, 0);
  return catchUp;
}

/** Asks for the bounds and answers at once. */
function look(
  catchUp: CatchUp,
  nowMs: number,
  ...ranges: readonly (readonly [start: number, end: number])[]
): void {
  catchUp.asked(nowMs);
  catchUp.answered(bounds(...ranges), nowMs);
}

function resetKind(catchUp: CatchUp): string | null {
  return catchUp.reset?.kind ?? null;
}

/** Ready since 10 ms over one partition of ten records. */
function ready(options: Partial<CatchUpOptions> = {}): CatchUp {
  const catchUp = opened([[0, 10]], options);
  catchUp.applied(0, 10, 5);
  look(catchUp, 10, [0, 10]);
  assert.equal(catchUp.ready, true);
  return catchUp;
}

describe('L1', () => {
  test('L1: not ready before every applied position has reached its target and the ends were asked for again', () => {
    const catchUp = opened([
      [0, 5_000],
      [10, 20],
    ]);
    assert.equal(catchUp.stage, 'replaying');
    catchUp.applied(0, 5_000, 100);
    look(catchUp, 150, [0, 5_000], [10, 20]);
    assert.equal(catchUp.ready, false);
    assert.equal(catchUp.wantsBounds, false);
    catchUp.applied(1, 20, 200);
    assert.equal(catchUp.ready, false);
    assert.equal(catchUp.wantsBounds, true);
    look(catchUp, 250, [0, 5_000], [10, 20]);
    assert.equal(catchUp.stage, 'ready');
    assert.equal(catchUp.wantsBounds, false);
  });

  test('L1: ends asked for before the targets were reached do not decide', () => {
    const catchUp = opened([[0, 10]]);
    catchUp.asked(50);
    catchUp.applied(0, 10, 60);
    catchUp.answered(bounds([0, 10]), 70);
    assert.equal(catchUp.ready, false);
    assert.equal(catchUp.wantsBounds, true);
  });

  test('L1: ready with no more than the ready lag missing, and not with one more', () => {
    for (const [missing, ready] of [
      [1_000, true],
      [1_001, false],
    ] as const) {
      const catchUp = opened([
        [0, 100],
        [0, 100],
      ]);
      catchUp.applied(0, 100, 5_000);
      catchUp.applied(1, 100, 5_000);
      look(catchUp, 5_000, [0, 600], [0, 200 + missing - 600]);
      assert.equal(catchUp.status(5_000).lagEvents, missing);
      assert.equal(catchUp.ready, ready);
    }
  });

  test('L1: a loud log is ready when what is missing is younger than the ready lag’s time', () => {
    for (const [reachedAtMs, ready] of [
      [1_000, true],
      [1_001, false],
    ] as const) {
      const catchUp = opened([[0, 100_000]]);
      catchUp.applied(0, 100_000, reachedAtMs);
      look(catchUp, reachedAtMs, [0, 200_000]);
      assert.equal(catchUp.ready, ready);
      assert.equal(catchUp.status(reachedAtMs).lagEvents, 100_000);
    }
  });

  test('L1: when the second look finds more, it sets the targets of the next round', () => {
    const catchUp = opened([[0, 100]]);
    catchUp.applied(0, 100, 5_000);
    look(catchUp, 5_000, [0, 50_000]);
    assert.equal(catchUp.status(5_000).partitions[0]?.target, 50_000);
    catchUp.applied(0, 49_999, 6_000);
    assert.equal(catchUp.wantsBounds, false);
    catchUp.applied(0, 50_000, 6_000);
    look(catchUp, 6_000, [0, 50_100]);
    assert.equal(catchUp.ready, true);
  });

  test('L1: no partitions, empty partitions and one-record topics are ready after one more look', () => {
    for (const ranges of [
      [],
      [[0, 0]],
      [[7, 7]],
      [
        [0, 0],
        [9, 9],
        [0, 0],
      ],
    ] as [number, number][][]) {
      const catchUp = opened(ranges);
      assert.equal(catchUp.wantsBounds, true);
      look(catchUp, 10, ...ranges);
      assert.equal(catchUp.ready, true);
      assert.equal(catchUp.status(10).progress, 1);
      assert.equal(catchUp.stalenessMs(30), 20);
    }
    const one = opened([[0, 1]]);
    assert.equal(one.wantsBounds, false);
    one.applied(0, 1, 5);
    look(one, 10, [0, 1]);
    assert.equal(one.ready, true);
  });

  test('L1: a log that ends in control records is caught up by the position past them', () => {
    const catchUp = opened([[0, 12]]);
    catchUp.applied(0, 10, 5);
    assert.equal(catchUp.wantsBounds, false);
    catchUp.applied(0, 12, 6);
    look(catchUp, 10, [0, 12]);
    assert.equal(catchUp.ready, true);
  });

  test('L1: a log whose old end was dropped before it was read is still caught up with', () => {
    const catchUp = opened([[0, 100]]);
    for (const nowMs of [10, 20, 30]) look(catchUp, nowMs, [100, 100]);
    assert.equal(catchUp.ready, true);
    assert.equal(catchUp.passedByEvents, 100);
    assert.equal(resetKind(catchUp), null);
  });

  test('L1: a partition found while replaying has to be caught up with too', () => {
    const catchUp = opened([[0, 10]]);
    catchUp.applied(0, 10, 5);
    look(catchUp, 2_000, [0, 10], [0, 5_000]);
    assert.equal(catchUp.ready, false);
    assert.equal(catchUp.positionOf(1), 0);
    catchUp.applied(1, 5_000, 2_500);
    look(catchUp, 2_600, [0, 10], [0, 5_000]);
    assert.equal(catchUp.ready, true);
  });

  test('L1: a partition delivered before it was listed begins where it was delivered', () => {
    const catchUp = opened([[0, 10]]);
    catchUp.applied(0, 10, 5);
    catchUp.discovered(1, 3);
    catchUp.applied(1, 8, 6);
    assert.equal(catchUp.wantsBounds, true);
    look(catchUp, 2_000, [0, 10], [3, 9_000]);
    assert.equal(catchUp.ready, false);
    catchUp.applied(1, 9_000, 2_500);
    look(catchUp, 2_600, [0, 10], [3, 9_000]);
    assert.equal(catchUp.ready, true);
  });

  test('L1: a partition without a leader keeps the node from becoming ready, and is named', () => {
    const catchUp = opened([
      [0, 10],
      [0, 10],
    ]);
    catchUp.applied(0, 10, 5);
    catchUp.applied(1, 10, 5);
    look(catchUp, 10, [0, 10]);
    assert.equal(catchUp.ready, false);
    assert.equal(catchUp.status(10).partitions[1]?.state, 'offline');
    assert.match(catchUp.status(10).reason, /without a leader: 1/);
    assert.equal(catchUp.wantsBounds, false, 'not asked for again before it is time');
    look(catchUp, 20, [0, 10], [0, 10]);
    assert.equal(catchUp.ready, true);
  });
});

describe('L2', () => {
  test('L2: an outage makes a ready node stale, not unready', () => {
    const catchUp = ready();
    for (const nowMs of [100, 10_000, 86_400_000]) {
      catchUp.asked(nowMs);
      catchUp.unanswered();
      catchUp.tick(nowMs);
      assert.equal(catchUp.ready, true);
      assert.equal(catchUp.stalenessMs(nowMs), nowMs - 10);
    }
  });

  test('L2: falling behind, and a partition found later, end nothing', () => {
    const catchUp = ready();
    look(catchUp, 100, [0, 1_000_000], [0, 1_000_000]);
    catchUp.tick(200);
    assert.equal(catchUp.ready, true);
    assert.equal(catchUp.positionOf(1), 0);
    assert.equal(catchUp.status(200).partitions[1]?.state, 'replaying');
    assert.equal(catchUp.stalenessMs(5_000), 4_990);
    catchUp.applied(1, 1_000_000, 6_000);
    assert.equal(catchUp.stalenessMs(6_000), 5_990, 'the other partition is the worst');
  });

  test('L2: max staleness ends readiness, and catching up brings it back', () => {
    const catchUp = ready({ maxStalenessMs: 5_000 });
    catchUp.tick(5_010);
    assert.equal(catchUp.ready, true);
    catchUp.tick(5_011);
    assert.equal(catchUp.stage, 'replaying');
    assert.match(catchUp.status(5_011).reason, /staler than the limit/);
    look(catchUp, 6_000, [0, 9_000]);
    assert.equal(catchUp.ready, false);
    catchUp.applied(0, 9_000, 6_500);
    look(catchUp, 6_600, [0, 9_000]);
    assert.equal(catchUp.stage, 'ready');
    catchUp.tick(6_601);
    assert.equal(catchUp.ready, true);
  });

  test('L2: few events missing for longer than max staleness do not make a node ready', () => {
    const catchUp = ready({ maxStalenessMs: 5_000 });
    look(catchUp, 20, [0, 11]);
    catchUp.tick(6_000);
    assert.equal(catchUp.ready, false);
    look(catchUp, 6_100, [0, 11]);
    catchUp.tick(6_200);
    assert.equal(catchUp.ready, false);
    catchUp.applied(0, 11, 6_300);
    look(catchUp, 6_400, [0, 11]);
    assert.equal(catchUp.ready, true);
  });

  test('L2: a log that ends before what was applied is a reset: applied is nothing more, staleness grows', () => {
    const catchUp = ready();
    look(catchUp, 100, [0, 3]);
    assert.equal(resetKind(catchUp), 'log_shrank');
    assert.equal(catchUp.ready, true);
    catchUp.applied(0, 50, 200);
    assert.equal(catchUp.positionOf(0), 10);
    look(catchUp, 5_000, [0, 60]);
    assert.equal(catchUp.stalenessMs(6_000), 5_990);
    const status = catchUp.status(6_000);
    assert.equal(status.partitions[0]?.state, 'reset');
    assert.match(status.reason, /reset of partition 0: the log ends at 3 and ended at 10/);
  });

  test('L2: a log whose start moves back is a reset; one skipped to its end starts before that', () => {
    const catchUp = opened([[10, 10]]);
    for (const start of [4, 6, 0]) look(catchUp, 20, [start, 10]);
    assert.match(catchUp.status(30).reason, /starts at 0 and started at 6: re-created/);
  });

  test('L2: what was applied while the answer was on its way is no reset', () => {
    const catchUp = ready();
    catchUp.asked(100);
    catchUp.applied(0, 25, 110);
    catchUp.answered(bounds([0, 20]), 120);
    assert.equal(resetKind(catchUp), null);
    assert.equal(catchUp.positionOf(0), 25);
    assert.equal(catchUp.status(120).lagEvents, 0);
  });

  test('L2: records lost to a ready node are a reset, records on their way are not', () => {
    const lost = ready();
    look(lost, 100, [30, 40]);
    assert.equal(resetKind(lost), null);
    look(lost, 200, [30, 40]);
    assert.equal(resetKind(lost), 'records_lost');

    const late = ready();
    look(late, 100, [30, 40]);
    late.applied(0, 20, 150);
    look(late, 200, [30, 40]);
    late.applied(0, 40, 250);
    look(late, 300, [30, 40]);
    assert.equal(resetKind(late), null);
  });

  test('L2: draining ends readiness for good', () => {
    const catchUp = ready();
    catchUp.drain();
    look(catchUp, 100, [0, 10]);
    assert.equal(catchUp.stage, 'draining');
    assert.equal(catchUp.ready, false);
  });
});

describe('L3', () => {
  test('L3: before the log is open there is a stage and nothing to measure', () => {
    const status = new CatchUp(defaults).status(0);
    assert.equal(status.stage, 'connecting');
    assert.equal(status.progress, null);
    assert.equal(status.etaSeconds, null);
    assert.equal(status.stalenessMs, null);
  });

  test('L3: progress, rate and time left are those of the offsets, from the first second on', () => {
    const catchUp = opened([
      [100, 20_100],
      [0, 20_000],
    ]);
    assert.equal(catchUp.status(0).progress, 0);
    assert.equal(catchUp.status(0).etaSeconds, null);
    for (let step = 1; step <= 100; step += 1) {
      catchUp.applied(0, 100 + step * 100, step * 10);
    }
    const status = catchUp.status(1_000);
    assert.equal(status.applied, 10_000);
    assert.equal(status.target, 40_000);
    assert.equal(status.progress, 0.25);
    assert.ok(Math.abs(status.ratePerSecond - 10_000) < 100, `${status.ratePerSecond}/s`);
    assert.ok(Math.abs((status.etaSeconds ?? 0) - 3) < 0.05, `${status.etaSeconds} s`);
    assert.equal(status.lagEvents, 30_000);
    assert.deepEqual(status.partitions[0], {
      partition: 0,
      position: 10_100,
      target: 20_100,
      end: 20_100,
      lag: 10_000,
      state: 'replaying',
    });
  });
});

/** The true log of one partition, with its past. */
interface ModelPartition {
  end: number;
  position: number;
  readonly ends: [atMs: number, end: number][];
}

function endAt(partition: ModelPartition, atMs: number): number {
  return partition.ends.findLast(([since]) => since <= atMs)?.[1] ?? 0;
}

const step = (kind: string, amount: fc.Arbitrary<number> = fc.constant(0)) =>
  fc.record({ kind: fc.constant(kind), at: fc.nat(5), amount });

const command = fc.oneof(
  { weight: 3, arbitrary: step('append', fc.constantFrom(1, 10, 900, 1_100, 3_000)) },
  { weight: 3, arbitrary: step('apply', fc.constantFrom(1, 10, 1_000, 10_000)) },
  { weight: 3, arbitrary: step('applyAll') },
  { weight: 1, arbitrary: step('redeliver', fc.nat(100)) },
  { weight: 4, arbitrary: step('ask') },
  { weight: 4, arbitrary: step('answer') },
  { weight: 1, arbitrary: step('fail') },
  { weight: 3, arbitrary: step('wait', fc.constantFrom(1, 100, 700, 1_500)) },
  { weight: 1, arbitrary: step('grow', fc.nat(2_000)) },
);

const model = fc.record({
  first: fc.array(fc.nat(5_000), { maxLength: 3 }),
  commands: fc.array(command, { maxLength: 60, size: 'max' }),
});

/** A model log, the machine over it, and the checks that hold after every step. */
function createRun(first: readonly number[]) {
  let nowMs = 1;
  const partitions: ModelPartition[] = [];
  const add = (end: number) => partitions.push({ end, position: 0, ends: [[nowMs, end]] });
  for (const end of first) add(end);
  const answer = () => bounds(...partitions.map(({ end }) => [0, end] as const));
  const firstTargets = partitions.map(({ end }) => end);
  const catchUp = new CatchUp(defaults);
  catchUp.opened(answer(), nowMs, nowMs);
  let asked: PartitionBounds[] | null = null;
  let before = catchUp.status(nowMs);

  const steps: Record<string, (at: number, amount: number) => void> = {
    append(at, amount) {
      const partition = partitions[at % Math.max(1, partitions.length)];
      if (partition === undefined) return;
      partition.end += amount;
      partition.ends.push([nowMs, partition.end]);
    },
    apply(at, amount) {
      const index = at % Math.max(1, partitions.length);
      const partition = partitions[index];
      if (partition === undefined) return;
      const position = Math.min(partition.end, partition.position + amount);
      if (position > partition.position && catchUp.positionOf(index) === null) {
        catchUp.discovered(index, 0);
      }
      partition.position = position;
      catchUp.applied(index, position, nowMs);
    },
    applyAll() {
      for (const at of partitions.keys()) steps['apply']?.(at, Infinity);
    },
    redeliver(at, amount) {
      const index = at % Math.max(1, partitions.length);
      catchUp.applied(index, Math.max(0, (catchUp.positionOf(index) ?? 0) - amount), nowMs);
    },
    ask() {
      if (asked !== null) return;
      catchUp.asked(nowMs);
      asked = answer();
    },
    answer() {
      if (asked === null) return;
      catchUp.answered(asked, nowMs);
      asked = null;
    },
    fail() {
      if (asked === null) return;
      catchUp.unanswered();
      asked = null;
    },
    wait(_at, amount) {
      nowMs += amount;
    },
    grow(_at, amount) {
      add(amount);
    },
  };

  function checkStep(): void {
    const status = catchUp.status(nowMs);
    assert.equal(resetKind(catchUp), null);
    assert.ok(status.progress !== null && status.progress >= 0 && status.progress <= 1);
    if (status.target === before.target) assert.ok(status.progress >= (before.progress ?? 0));
    assert.ok(status.applied >= before.applied, 'positions never go back');
    if (before.ready) assert.ok(status.ready, 'readiness is latched');
    if (status.ready && !before.ready) checkReady(status.lagEvents);
    if (status.stalenessMs !== null) {
      const knownAtMs = nowMs - status.stalenessMs;
      for (const partition of partitions) {
        const missed = partition.position < endAt(partition, knownAtMs - 1);
        assert.ok(!missed, 'staleness is never understated');
      }
    }
    before = status;
  }

  function checkReady(lagEvents: number): void {
    for (const [index, target] of firstTargets.entries()) {
      assert.ok((partitions[index]?.position ?? 0) >= target, 'the first targets are applied');
    }
    const nearInTime = partitions.every(
      (partition) => partition.position >= endAt(partition, nowMs - defaults.readyLagMs - 1),
    );
    assert.ok(lagEvents <= defaults.readyLagEvents || nearInTime, 'within the ready lag');
  }

  return { catchUp, steps, checkStep };
}

test('L1, L2, L3: in any interleaving ready is true and latched, positions and progress only grow, staleness is not understated', () => {
  fc.assert(
    fc.property(model, ({ first, commands }) => {
      const { steps, checkStep } = createRun(first);
      for (const { kind, at, amount } of commands) {
        steps[kind]?.(at, amount);
        checkStep();
      }
    }),
    { numRuns: 400 },
  );
});

test('L1: from any state, a log that rests and is applied makes the node ready within two looks', () => {
  fc.assert(
    fc.property(model, ({ first, commands }) => {
      const { catchUp, steps, checkStep } = createRun(first);
      for (const { kind, at, amount } of commands) steps[kind]?.(at, amount);
      steps['fail']?.(0, 0);
      for (const look of [1, 2]) {
        for (const kind of ['applyAll', 'ask', 'answer']) steps[kind]?.(0, look);
      }
      checkStep();
      assert.equal(catchUp.ready, true);
      assert.equal(catchUp.status(0).lagEvents, 0);
    }),
    { numRuns: 200 },
  );
});
