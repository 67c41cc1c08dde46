/**
 * The interleavings of a few fleets that share an operator, from their seeds to their judgement: each
 * fleet lives through its plan, then it is quiet, and each has to be what its last spec says, at no
 * further write.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { annotationKeys } from '#operator/desired/names.ts';
import { statusOf } from '#operator/fleet/fleet.ts';
import { namespaces } from '#operator/kube/types.ts';
import { messageOf } from '#runtime/errors.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { differencesOf } from './differences.ts';
import type { Host } from './host.ts';
import { drawOperator, drawPlan, type Plan } from './plan.ts';
import { SharedOperator } from './shared-operator.ts';
import { World } from './world.ts';

/** Generous: a machine may have other things to do. */
const readyMsMax = 180_000;
/** No write for so long, and it is quiet: longer than status figures and Events are held back. */
const quietMs = 11_000;
const quietMsMax = 120_000;
/** A resync of everything, and watches that were cut; while it got quiet there were others. */
const watchedMs = 5_000;

/** What became of one interleaving. */
export interface Outcome {
  readonly seed: number;
  /** Empty: all was well. */
  readonly violations: readonly string[];
  readonly history: readonly string[];
  readonly events: Readonly<Record<string, number>>;
  /** Ready pods that were removed, and how many of them nothing was allowed for. */
  readonly removals: number;
  readonly strictRemovals: number;
}

export interface GroupOutcome {
  readonly interleavings: readonly Outcome[];
  readonly events: Readonly<Record<string, number>>;
}

/** A fleet that lives through its plan. */
interface Life {
  readonly plan: Plan;
  readonly world: World;
  readonly events: Record<string, number>;
  readonly violations: string[];
}

export async function runGroup(host: Host, seeds: readonly number[]): Promise<GroupOutcome> {
  const [first = 0] = seeds;
  const namespace = `run-${first}`;
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const metadata = { name: namespace, labels };
  await host.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
  const lives: Life[] = [];
  const operator = new SharedOperator({
    ...{ host, namespace, ...drawOperator(first) },
    say: (what) => {
      for (const { world } of lives) world.say(what);
    },
  });
  try {
    for (const seed of seeds) {
      const plan = drawPlan(seed);
      const world = await World.create({ host, plan, namespace, operator });
      lives.push({ plan, world, events: {}, violations: [] });
    }
    await Promise.all(lives.map((life) => guarded(life, () => live(life))));
    operator.heal();
    await Promise.all(lives.map((life) => guarded(life, () => settle(life, host))));
    await watchQuiet(operator, lives);
  } finally {
    for (const { world } of lives) world.stop();
    await operator.stop();
  }
  return {
    interleavings: lives.map(outcomeOf),
    events: {
      'operators killed': operator.kills,
      'operators that ended by themselves': operator.ends,
      'requests spoilt': operator.spoilt,
      'operator writes': operator.writes.length,
    },
  };
}

/** What goes wrong with one is no reason to leave the others. */
async function guarded({ violations }: Life, part: () => Promise<void>): Promise<void> {
  if (violations.length > 0) return;
  try {
    await part();
  } catch (error) {
    violations.push(messageOf(error));
  }
}

async function live({ plan, world, events }: Life): Promise<void> {
  world.say(JSON.stringify({ ...plan.rollout, replicas: plan.replicas }));
  await world.waitUntilWhole(readyMsMax);
  for (const { action, pauseMs } of plan.steps) {
    events[action.kind] = (events[action.kind] ?? 0) + 1;
    await world.act(action);
    await pause(pauseMs);
    await world.look();
  }
}

/** The last edit, until the fleet says that it is so, and whether it is. */
async function settle({ plan, world, violations }: Life, host: Host): Promise<void> {
  const { image, replicas } = plan.last;
  world.mendPods();
  world.say(`* last: ${image}, ${replicas} replicas`);
  // A machine that is slow is no reason to refuse a revision.
  const rollout = { progressDeadline: '10m' };
  await world.scale(replicas, { image, paused: false, rollout });
  // What was refused earlier is tried again when it is asked for.
  await world.annotate({ [annotationKeys.update]: 'last' });
  let last = '';
  await waitFor(
    'Ready=True of the last generation',
    () => {
      const fleet = host.fleet(world.ref);
      const status = fleet && statusOf(fleet);
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      last = JSON.stringify(ready);
      return (
        fleet?.metadata.generation === world.generation &&
        ready?.status === 'True' &&
        ready.observedGeneration === world.generation
      );
    },
    { withinMs: readyMsMax, pollMs: 100 },
  ).catch((error: unknown) => {
    throw new Error(`${messageOf(error)}; last: ${last}`);
  });
  world.say('Ready');
  await world.waitUntilWhole(readyMsMax);
  violations.push(...(await differencesOf(host.client, world, plan.last)));
}

/** Criterion 6. Figures that moved by themselves may be due, once a minute. */
async function watchQuiet(operator: SharedOperator, lives: readonly Life[]): Promise<void> {
  let seen = -1;
  let sinceMs = performance.now();
  await waitFor(
    'the operator writes nothing',
    () => {
      const { length } = operator.writes;
      if (length !== seen) sinceMs = performance.now();
      seen = length;
      return performance.now() - sinceMs >= quietMs;
    },
    { withinMs: quietMsMax, pollMs: 100 },
  ).catch((error: unknown) => {
    const latest = operator.writes.slice(-lives.length).join(', ');
    for (const { violations } of lives) {
      violations.push(`criterion 6: ${messageOf(error)}; latest: ${latest}`);
    }
  });
  for (const { world } of lives) world.say('quiet');
  operator.cutWatches();
  await pause(watchedMs);
  const written = operator.writes.slice(seen);
  for (const { world, violations } of lives) {
    const own = written.filter((write) => write.split('/').some((part) => isOf(part, world.name)));
    const others = own.filter((write) => !write.endsWith(`/${world.name}/status`));
    if (others.length > 0 || own.length > 1) {
      violations.push(`criterion 6: written in quiet: ${own.join(', ')}`);
    }
  }
  // What is of no fleet by its name: an Event that was made.
  const nobodys = written.filter(
    (write) => !lives.some(({ world }) => write.split('/').some((part) => isOf(part, world.name))),
  );
  if (nobodys.length > 0) {
    lives[0]?.violations.push(`criterion 6: written in quiet: ${nobodys.join(', ')}`);
  }
}

function isOf(part: string, fleet: string): boolean {
  return part === fleet || part.startsWith(`${fleet}-`) || part.startsWith(`${fleet}.`);
}

function outcomeOf({ plan, world, events, violations }: Life): Outcome {
  const { removals, strictRemovals } = world.judge;
  return {
    seed: plan.seed,
    violations: [...world.judge.violations, ...violations],
    ...{ events, removals, strictRemovals, history: world.history },
  };
}
