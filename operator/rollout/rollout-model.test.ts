/**
 * Our decisions against a model of Kubernetes' controllers: whatever users edit and whatever dies,
 * caught-up pods stay, and in the end the last edit is what runs (I7, criteria 1 to 3).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { stepsOf } from '#operator/desired/deployments.ts';
import type { Revision } from '#operator/desired/revision.ts';
import { applyVerdicts, lastGoodOf } from './apply-verdicts.ts';
import { type PodFacts, readyMark } from './pod-facts.ts';
import type { RolloutFacts } from './rollout-facts.ts';
import { factsOf, podOf, startMs } from './rollout-fixture.suite.ts';
import { fromReport, type RolloutState, toReport } from './rollout-state.ts';
import { SimulatedDeployment, type SimulatedPod } from './simulated-deployment.suite.ts';
import { stepRollout } from './step-rollout.ts';

/** What becomes of pods of a revision. */
type Fate = 'good' | 'slow' | 'crash' | 'stuck' | 'late-crash';
const fates: readonly Fate[] = ['good', 'slow', 'crash', 'stuck', 'late-crash'];
const revisions: Readonly<Record<string, Fate>> = {
  a: 'good',
  b: 'good',
  c: 'slow',
  d: 'crash',
  e: 'stuck',
  f: 'late-crash',
};
const tickMs = 5_000;
const deadlineMs = 60_000;

interface Spec {
  revision: string;
  replicas: number;
  maxSurge: number;
  maxUnavailable: number;
  autoRollback: boolean;
  holdMs: number | null;
  isPaused: boolean;
  continueRequest: string | null;
}

type Chaos =
  | { readonly kind: 'none' }
  | { readonly kind: 'edit'; readonly changes: Partial<Spec> }
  | { readonly kind: 'kill'; readonly pod: number }
  | { readonly kind: 'forget' };

const edit = fc.record(
  {
    revision: fc.constantFrom(...Object.keys(revisions)),
    replicas: fc.nat(6),
    autoRollback: fc.boolean(),
    holdMs: fc.constantFrom(null, 20_000, 200_000),
    isPaused: fc.boolean(),
    continueRequest: fc.constantFrom('1', '2'),
  },
  { requiredKeys: [] },
);
const chaos: fc.Arbitrary<Chaos> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Chaos>({ kind: 'none' }) },
  { weight: 3, arbitrary: edit.map((changes): Chaos => ({ kind: 'edit', changes })) },
  { weight: 1, arbitrary: fc.nat(20).map((pod): Chaos => ({ kind: 'kill', pod })) },
  { weight: 1, arbitrary: fc.constant<Chaos>({ kind: 'forget' }) },
);
const steps = fc.record({
  maxSurge: fc.nat(2),
  maxUnavailable: fc.nat(2),
  isStale: fc.boolean(),
  chaos: fc.array(chaos, { maxLength: 120, size: 'max' }),
});

/** One fleet, its operator and its cluster. */
class World {
  nowMs = startMs;
  readonly spec: Spec;
  readonly cluster: SimulatedDeployment;
  state: RolloutState = { kind: 'idle', sinceMs: startMs };
  #revisions: Revision[] = [];
  /** What the operator sees; where it is stale, a tick old. */
  #seen: { readonly applied: RolloutFacts['applied']; readonly pods: readonly PodFacts[] };

  readonly #isStale: boolean;

  constructor(isStale: boolean, spec: Spec) {
    this.#isStale = isStale;
    this.spec = spec;
    this.#seen = { applied: null, pods: [] };
    this.cluster = new SimulatedDeployment(2, (removal, wasReady) => {
      const made = this.cluster.spec;
      if (!wasReady || made === null || made.replicas === 0) return;
      const left = this.ready();
      // Criterion 2, and while rolling criterion 1: of the pods that had been there once.
      const floor = removal === 'roll' ? Math.max(1, this.#reached - made.maxUnavailable) : 1;
      // Who scales while a pod dies unseen takes what may be the last: Kubernetes has no such check.
      if (removal === 'scale' && isStale) return;
      assert.ok(left >= floor, `${left} ready pods left, ${floor} have to stay (${removal})`);
    });
  }

  ready(): number {
    return this.cluster.live().filter((pod) => pod.isReady).length;
  }

  get good(): string | null {
    return lastGoodOf(this.#revisions);
  }

  tick(): void {
    this.nowMs += tickMs;
    this.cluster.tick();
    for (const pod of this.cluster.live()) live(pod);
    if (!this.#isStale) this.#seen = this.#look();
    this.#operate();
    this.#seen = this.#look();
    const wanted = this.cluster.spec?.replicas ?? 0;
    const available = this.cluster.available();
    this.#reached = available >= wanted ? wanted : Math.min(this.#reached, available);
    this.cluster.reconcile();
    const made = this.cluster.spec;
    if (made !== null) {
      const total = this.cluster.live().length;
      const most = Math.max(made.replicas, this.#replicasBefore) + made.maxSurge;
      assert.ok(total <= most, `${total} pods, at most ${most}`);
    }
  }

  #replicasBefore = 0;
  /** Pods wanted when last there were as many, the one that is held aside; less what died since. */
  #reached = 0;

  kill(pod: SimulatedPod): void {
    this.cluster.kill(pod);
    this.#reached = Math.min(this.#reached, this.cluster.available());
  }

  /** A new operator, which knows only what the status says. */
  forget(): void {
    this.state = fromReport(toReport(this.state), this.nowMs);
  }

  #look(): { readonly applied: RolloutFacts['applied']; readonly pods: readonly PodFacts[] } {
    const made = this.cluster.spec;
    return {
      applied:
        made === null
          ? null
          : {
              ...made,
              available: this.cluster.available(),
              replicaSets: this.cluster.sets,
              isObserved: this.cluster.isObserved,
              createFailure: null,
            },
      pods: this.cluster.pods.map(toFacts),
    };
  }

  #operate(): void {
    const { revision, ...spec } = this.spec;
    if (!this.#revisions.some((each) => each.id === revision)) {
      this.#revisions.push(revisionOf(revision, this.#revisions.length + 1));
    }
    const refused = this.#revisions.some((each) => each.id === revision && each.verdict === 'bad');
    const made = this.cluster.spec;
    const outcome = stepRollout(this.state, {
      ...factsOf(),
      ...spec,
      nowMs: this.nowMs,
      progressDeadlineMs: deadlineMs,
      target: { id: revision, isRefused: refused, updateSeen: null },
      lastGood: this.good,
      applied:
        made === null || this.#seen.applied === null
          ? null
          : {
              ...this.#seen.applied,
              ...made,
              isObserved: this.#seen.applied.isObserved && this.cluster.isObserved,
            },
      pods: this.#seen.pods,
    });
    this.state = outcome.state;
    this.#revisions = applyVerdicts(this.#revisions, outcome.verdicts);
    if (outcome.plan !== null) {
      this.#replicasBefore = made?.replicas ?? 0;
      this.cluster.apply({ ...outcome.plan, ...stepsOf(spec, outcome.plan.replicas) });
    }
  }
}

const readyAge: Readonly<Record<Fate, number>> = {
  good: 2,
  slow: 30,
  crash: Infinity,
  stuck: Infinity,
  'late-crash': 2,
};
const crashAge = 4;

function live(pod: SimulatedPod): void {
  const fate = revisions[pod.revision] ?? 'good';
  const hasCrashed = fate === 'late-crash' && pod.age >= crashAge;
  pod.isReady = pod.age >= readyAge[fate] && !hasCrashed;
}

function toFacts(pod: SimulatedPod): PodFacts {
  const fate = revisions[pod.revision] ?? 'good';
  const crashes = fate === 'crash' || (fate === 'late-crash' && pod.age >= crashAge);
  const mark = pod.isReady ? readyMark : fate === 'stuck' ? 3 : 4 + Math.min(900, pod.age * 30);
  return podOf(pod.name, pod.revision, {
    isReady: pod.isReady,
    isTerminating: pod.terminating >= 0,
    mark,
    problem: crashes ? { cause: 'CrashLoopBackOff', message: 'it crashes' } : null,
  });
}

function revisionOf(id: string, number: number): Revision {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the template is not looked at here
  const base = {} as Revision['base'];
  const stamps = { inputs: '', resetAt: null };
  return { id, number, base, stamps, shape: {}, verdict: 'untested', updateSeen: null };
}

function start(changes: Partial<Spec> = {}, isStale = true): World {
  const world = new World(isStale, {
    revision: 'a',
    replicas: 3,
    maxSurge: 1,
    maxUnavailable: 0,
    autoRollback: false,
    holdMs: null,
    isPaused: false,
    continueRequest: null,
    ...changes,
  });
  run(world, 10);
  assert.equal(kindOf(world), 'idle');
  return world;
}

/** Not one that was good until it crashed. */
function isLasting(revision: string | null): boolean {
  const fate = revisions[revision ?? ''];
  return fate === 'good' || fate === 'slow';
}

/** What the types cannot know to have changed. */
function kindOf(world: World): RolloutState['kind'] {
  return world.state.kind;
}

function run(world: World, ticks: number): void {
  for (let left = ticks; left > 0; left -= 1) world.tick();
}

describe('a rollout in the model', () => {
  it('never takes the last caught-up pod, and ends with the last edit (I7)', () => {
    fc.assert(
      fc.property(steps, ({ maxSurge, maxUnavailable, isStale, chaos }) => {
        fc.pre(maxSurge + maxUnavailable > 0);
        const world = start({ maxSurge, maxUnavailable }, isStale);
        for (const each of chaos) {
          if (each.kind === 'edit') Object.assign(world.spec, each.changes);
          if (each.kind === 'forget') world.forget();
          if (each.kind === 'kill') {
            const pods = world.cluster.live();
            const pod = pods[each.pod % Math.max(1, pods.length)];
            if (pod !== undefined) world.kill(pod);
          }
          world.tick();
        }
        // Faults end; whatever was asked for last has to come true.
        Object.assign(world.spec, { isPaused: false, holdMs: null });
        run(world, 60 + 60 * 8);
        const { revision, replicas } = world.spec;
        const fate = revisions[revision] ?? 'good';
        const pods = world.cluster.live();
        const runs = new Set(pods.map((pod) => pod.revision));
        if (fate === 'good' || fate === 'slow') {
          assert.equal(kindOf(world), 'idle');
          assert.deepEqual([...runs], replicas === 0 ? [] : [revision]);
          assert.equal(world.ready(), replicas);
        } else if (world.state.kind === 'rolledBack' && isLasting(world.good)) {
          assert.deepEqual([...runs], replicas === 0 ? [] : [world.good]);
        }
      }),
      { numRuns: 300 },
    );
  });

  for (const fate of fates.filter((each) => each !== 'good' && each !== 'slow')) {
    const bad = Object.entries(revisions).find(([, each]) => each === fate)?.[0] ?? '';

    it(`halts at the first pod that is ${fate}, and a better spec goes on by itself`, () => {
      // A single pod that crashes later has been good by then.
      for (const replicas of fate === 'late-crash' ? [3, 5] : [1, 3, 5]) {
        const world = start({ replicas });
        world.spec.revision = bad;
        run(world, 60);
        assert.equal(kindOf(world), 'halted');
        const pods = world.cluster.live();
        if (fate !== 'late-crash') {
          assert.equal(pods.filter((pod) => pod.revision === bad).length, 1);
          assert.equal(world.ready(), replicas);
        }
        world.spec.revision = 'b';
        run(world, 10 * replicas + 20);
        assert.equal(kindOf(world), 'idle');
        assert.ok(world.cluster.live().every((pod) => pod.revision === 'b'));
      }
    });

    it(`goes back by itself from pods that are ${fate}, and does not try again`, () => {
      const world = start({ autoRollback: true });
      world.spec.revision = bad;
      run(world, 60);
      assert.equal(kindOf(world), 'rolledBack');
      assert.equal(world.ready(), 3);
      assert.ok(world.cluster.live().every((pod) => pod.revision === 'a'));
      const before = toReport(world.state);
      world.forget();
      run(world, 60);
      assert.deepEqual(toReport(world.state), before);
    });
  }

  it('lets five edits in the middle end with the last, and leaves right pods alone', () => {
    const world = start({ replicas: 4 });
    for (const revision of ['b', 'c', 'b', 'a', 'b']) {
      world.spec.revision = revision;
      run(world, 3);
    }
    run(world, 60);
    assert.equal(kindOf(world), 'idle');
    const names = world.cluster.live().map((pod) => pod.name);
    world.spec.replicas = 5;
    run(world, 10);
    const after = world.cluster.live().map((pod) => pod.name);
    assert.deepEqual(
      names.filter((name) => !after.includes(name)),
      [],
    );
  });

  it('waits after the first pod for a look, then goes on', () => {
    const world = start({ holdMs: 100_000 });
    world.spec.revision = 'b';
    run(world, 12);
    assert.equal(kindOf(world), 'holding');
    assert.equal(world.cluster.live().filter((pod) => pod.revision === 'b').length, 1);
    assert.equal(world.ready(), 4);
    world.spec.continueRequest = 'now';
    run(world, 20);
    assert.equal(kindOf(world), 'idle');
    world.spec.revision = 'a';
    run(world, 12);
    assert.equal(kindOf(world), 'holding', 'an old word to go on is no new one');
    run(world, 40);
    assert.equal(kindOf(world), 'idle', 'the wait is over');
  });

  it('scales from nothing to pods and back', () => {
    const world = start({ replicas: 0 });
    assert.equal(world.cluster.live().length, 0);
    world.spec.replicas = 4;
    run(world, 10);
    assert.deepEqual([kindOf(world), world.ready()], ['idle', 4]);
    world.spec.replicas = 0;
    run(world, 10);
    assert.deepEqual([kindOf(world), world.cluster.live().length], ['idle', 0]);
  });
});
