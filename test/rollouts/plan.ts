/**
 * What happens to one fleet, drawn from a seed alone: its settings, how long its pods warm up, and
 * what users, pods, the network and operators do to it, in which order. A plan draws first which
 * kinds of things happen at all: what only some plans have does not hide what only others show.
 */
import { Random } from '#cli/generator/random.ts';

/** Pods of these become ready. */
export const goodImages = ['thunder:a', 'thunder:b', 'thunder:c'] as const;
/** Pods of these do not, or do not stay so. */
export const badImages = [
  'thunder:crashes',
  'thunder:absent',
  'thunder:stuck',
  'thunder:dies-later',
] as const;

export const handEdits = [
  'deployment image',
  'deployment pause',
  'service',
  'budget',
  'label',
] as const;

export type Action =
  // Users.
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'scale'; readonly replicas: number }
  | { readonly kind: 'pause'; readonly paused: boolean }
  | { readonly kind: 'rollback'; readonly autoRollback: boolean }
  | { readonly kind: 'ask'; readonly annotation: 'update' | 'continue' }
  | { readonly kind: 'hand'; readonly edit: (typeof handEdits)[number] }
  // Pods.
  | {
      readonly kind: 'lose';
      readonly how: 'delete' | 'crash' | 'unready';
      /** Which of the ready ones, as a share of them. */
      readonly which: number;
    }
  | { readonly kind: 'mend' }
  // The API server and the way to it.
  | { readonly kind: 'errors'; readonly requests: number; readonly seed: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'double'; readonly on: boolean }
  | { readonly kind: 'away'; readonly ms: number }
  // The operator.
  | {
      readonly kind: 'kill';
      /** Writes that still get through. */
      readonly afterWrites: number;
      /** Whether the server acts on the last one. */
      readonly isLastDone: boolean;
      /** How many operators die like this, one after the other. */
      readonly times: number;
    }
  | { readonly kind: 'restart' }
  // Nobody, until all is well again or it has taken long enough.
  | { readonly kind: 'rest' };

export interface Step {
  readonly action: Action;
  readonly pauseMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly replicas: number;
  readonly rollout: {
    readonly maxSurge: number;
    readonly maxUnavailable: number;
    readonly autoRollback: boolean;
    readonly progressDeadline: string;
    readonly holdAfterFirst?: string;
  };
  /** Of the first pod, the second, …, and again from the start. */
  readonly warmUpMs: readonly number[];
  readonly steps: readonly Step[];
  readonly last: { readonly image: string; readonly replicas: number };
}

const stepsMin = 3;
const stepsMax = 8;
const pauseMsMax = 2_000;
const warmUpMsMax = 3_000;
const warmUps = 16;
const replicasMax = 4;
const awayMsMax = 1_500;
const killsMax = 3;
/** Surge and unavailability; never both 0. */
const rollSteps = [
  [1, 0],
  [1, 0],
  [2, 0],
  [1, 1],
  [0, 1],
  [2, 1],
] as const;

type Draw = (random: Random) => Action;

/** What happens in every plan, and what only in those that drew it. */
const always: readonly Draw[] = [
  (random) => ({ kind: 'image', image: pick(random, goodImages) }),
  (random) => ({ kind: 'image', image: pick(random, goodImages) }),
  () => ({ kind: 'rest' }),
];
const sometimes: readonly (readonly Draw[])[] = [
  [
    (random) => ({ kind: 'image', image: pick(random, badImages) }),
    (random) => ({ kind: 'image', image: pick(random, badImages) }),
    (random) => ({ kind: 'ask', annotation: random.chance(0.5) ? 'update' : 'continue' }),
    (random) => ({ kind: 'rollback', autoRollback: random.chance(0.5) }),
  ],
  [
    (random) => ({ kind: 'scale', replicas: random.between(1, replicasMax) }),
    (random) => ({
      kind: 'scale',
      replicas: random.chance(0.2) ? 0 : random.between(1, replicasMax),
    }),
  ],
  [(random) => ({ kind: 'pause', paused: random.chance(0.5) })],
  [(random) => ({ kind: 'hand', edit: pick(random, handEdits) })],
  [
    (random) => ({
      kind: 'lose',
      how: pick(random, ['delete', 'crash', 'unready'] as const),
      which: random.fraction(),
    }),
    () => ({ kind: 'mend' }),
  ],
  [
    (random) => ({ kind: 'errors', requests: random.between(1, 12), seed: random.next32() }),
    () => ({ kind: 'cut' }),
    (random) => ({ kind: 'double', on: random.chance(0.5) }),
    (random) => ({ kind: 'away', ms: random.between(100, awayMsMax) }),
  ],
  [
    (random) => ({
      kind: 'kill',
      afterWrites: random.below(8),
      isLastDone: random.chance(0.5),
      times: random.between(1, killsMax),
    }),
    () => ({ kind: 'restart' }),
  ],
];

export function drawPlan(seed: number): Plan {
  const random = new Random(seed);
  const [maxSurge, maxUnavailable] = pick(random, rollSteps);
  const draws = [always, ...sometimes.filter(() => random.chance(0.5))];
  const steps = Array.from({ length: random.between(stepsMin, stepsMax) }, () => ({
    action: pick(random, pick(random, draws))(random),
    pauseMs: random.below(pauseMsMax),
  }));
  return {
    seed,
    replicas: random.between(1, replicasMax - 1),
    rollout: {
      maxSurge,
      maxUnavailable,
      autoRollback: random.chance(0.5),
      progressDeadline: '10s',
      ...(random.chance(0.25) ? { holdAfterFirst: '2s' } : {}),
    },
    warmUpMs: Array.from({ length: warmUps }, () => random.below(warmUpMsMax)),
    steps,
    last: { image: pick(random, goodImages), replicas: random.between(1, replicasMax - 1) },
  };
}

/** One line: `image thunder:a`. */
export function describeAction({ kind, ...details }: Action): string {
  return [kind, ...Object.values(details).map(String)].join(' ');
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** How the operator of a group is run, by the seed of its first fleet. */
export function drawOperator(seed: number): {
  readonly leaderElect: boolean;
  readonly maxRollouts: number;
} {
  const random = new Random(seed).fork();
  return { leaderElect: random.chance(0.5), maxRollouts: random.chance(0.3) ? 3 : 1_000 };
}
