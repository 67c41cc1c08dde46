/**
 * What does it cost to decode and apply an event, to hold a post, to collect garbage around many, and
 * to let go of old ones? Beside the store that serves stand the simple one, while its posts fit into
 * a JavaScript heap, and a target that keeps nothing, which is what ingest itself costs.
 */
import { integer } from '#runtime/settings/setting.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import {
  type Bench,
  type BenchIo,
  dataDirectorySetting,
  postsSetting,
  roundsSetting,
  seedSetting,
} from './bench.ts';
import { rowsBySize } from './by-size.ts';
import { type Child, startChild } from './child.ts';
import type { DataFile } from './data-file.ts';
import { interleave, median } from './harness.ts';
import { type BenchRow, type Metric, toRow, withoutBaseline } from './report.ts';
import type { RateAnswer, RateQuestion } from './store-rate.ts';
import type { StateAnswer, StateQuestion } from './store-state.ts';
import { columnarStore, referencePostsMax, referenceStore } from './stores.ts';

const outOfOrderShare = 0.05;
const outOfOrderName = `${outOfOrderShare * 100} % out of order`;
const noOpName = 'no-op target';
const eventsPerSecond: Metric = { name: 'perSecond', unit: 'events/s', better: 'higher' };
const eventsPerCpuSecond: Metric = {
  name: 'perCpuSecond',
  unit: 'events/CPU s',
  better: 'higher',
};
const memoryMetrics: readonly (readonly [Metric, (answer: StateAnswer) => number])[] = [
  [
    { name: 'rssBytesPerPost', unit: 'B resident', better: 'lower' },
    (answer) => answer.residentBytes,
  ],
  [
    { name: 'bytesPerPost', unit: 'B by its own count', better: 'lower' },
    (answer) => answer.accountedBytes,
  ],
  [
    { name: 'heapBytesPerPost', unit: 'B heap and buffers', better: 'lower' },
    (answer) => answer.heapBytes,
  ],
];
const pauseP50: Metric = { name: 'p50', unit: 'ms', better: 'lower' };
const pauseMax: Metric = { name: 'max', unit: 'ms', better: 'lower' };

const settings = defineSettings({
  seed: seedSetting(),
  rounds: roundsSetting(3),
  posts: postsSetting('2M'),
  collections: integer({
    min: 1,
    max: 1_000,
    default: 11,
    description: 'Full garbage collections that are timed.',
  }),
  reclaimPasses: integer({
    min: 1,
    max: 1_000,
    default: 60,
    description: 'Reclaiming passes that are timed, two minutes of posts each.',
  }),
  dataDirectory: dataDirectorySetting(),
});

type StoreSettings = Parameters<Bench<(typeof settings)['settings']>['run']>[0];

export const storeBench: Bench<(typeof settings)['settings']> = {
  name: 'store',
  question: 'What does it cost to apply an event, to hold a post, and to let go of it?',
  settings,
  run: (values, io) =>
    rowsBySize(values, io, async (data) => [
      ...(await measureRates(data, values, io)),
      ...(await measureState(data, values, io)),
    ]),
};

/** The store that reads like the rules, or why it is not there. */
function referenceFor(posts: number): { readonly name: string } | { readonly missing: string } {
  return posts <= referencePostsMax
    ? { name: referenceStore.name }
    : { missing: `${referenceStore.name} holds ${referencePostsMax} posts at most` };
}

const orders = [
  { name: 'in order', outOfOrder: 0 },
  { name: outOfOrderName, outOfOrder: outOfOrderShare },
] as const;

/**
 * In a turn every record is applied to a new store, each kind and order in a process of its own; the
 * orders are held against each other, so they take turns too.
 */
async function measureRates(
  data: DataFile,
  { rounds }: StoreSettings,
  io: BenchIo,
): Promise<BenchRow[]> {
  const reference = referenceFor(data.posts);
  const names = [
    columnarStore.name,
    ...('name' in reference ? [reference.name] : []),
    noOpName,
  ] as const;
  const children: Child<RateQuestion, RateAnswer>[] = [];
  try {
    const turns: Record<string, () => Promise<RateAnswer>> = {};
    for (const name of names) {
      for (const { name: order, outOfOrder } of orders) {
        const child = startChild<RateQuestion, RateAnswer>('store-rate.ts');
        children.push(child);
        const question = { data, store: name === noOpName ? null : name, outOfOrder };
        turns[`${name} ${order}`] = () => child.ask(question);
      }
    }
    io.progress(`N=${data.posts}: applying in order and ${outOfOrderName}`);
    const results = await interleave<string, RateAnswer>(turns, rounds, io);
    const ratesOf = (name: string, order: string): Rates =>
      ratesFrom(results[`${name} ${order}`] ?? []);
    const suffix = `N=${data.posts}`;
    const rowsOf = (order: string): BenchRow[] => {
      const against = (metric: Metric, valueOf: (rates: Rates) => number): BenchRow => {
        const ours = valueOf(ratesOf(columnarStore.name, order));
        const row = toRow(
          `${order} ${suffix}`,
          metric,
          ours,
          'name' in reference
            ? { name: reference.name, value: valueOf(ratesOf(reference.name, order)) }
            : undefined,
        );
        return 'name' in reference ? row : withoutBaseline(row, reference.missing);
      };
      return [
        against(eventsPerSecond, (rates) => rates.perSecond),
        against(eventsPerCpuSecond, (rates) => rates.perCpuSecond),
        toRow(
          `${noOpName} ${order} ${suffix}`,
          eventsPerSecond,
          ratesOf(noOpName, order).perSecond,
        ),
      ];
    };
    const [inOrder, disordered] = orders.map(({ name }) => ratesOf(columnarStore.name, name));
    const between = (metric: Metric, valueOf: (rates: Rates) => number): BenchRow =>
      toRow(`${outOfOrderName} ${suffix}`, metric, valueOf(disordered!), {
        name: 'in order',
        value: valueOf(inOrder!),
      });
    return [
      ...orders.flatMap(({ name }) => rowsOf(name)),
      between(eventsPerSecond, (rates) => rates.perSecond),
      between(eventsPerCpuSecond, (rates) => rates.perCpuSecond),
    ];
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

interface Rates {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

function ratesFrom(answers: readonly RateAnswer[]): Rates {
  return {
    perSecond: median(answers.map(({ records, tookMs }) => (records / tookMs) * 1_000)),
    perCpuSecond: median(answers.map(({ records, cpuMs }) => (records / cpuMs) * 1_000)),
  };
}

/** Memory, collections and reclaiming, each store in a process that holds nothing else. */
async function measureState(
  data: DataFile,
  { collections, reclaimPasses }: StoreSettings,
  io: BenchIo,
): Promise<BenchRow[]> {
  const ask = async (store: string): Promise<StateAnswer> => {
    io.progress(`N=${data.posts}: memory, collections and reclaiming of ${store}`);
    io.signal.throwIfAborted();
    const child = startChild<StateQuestion, StateAnswer>('store-state.ts');
    try {
      return await child.ask({ data, store, collections, reclaimPasses });
    } finally {
      await child.stop();
    }
  };
  const reference = referenceFor(data.posts);
  const ours = await ask(columnarStore.name);
  const theirs = 'name' in reference ? await ask(reference.name) : undefined;
  const row = (
    caseName: string,
    metric: Metric,
    valueOf: (answer: StateAnswer) => number,
  ): BenchRow => {
    const made = toRow(
      `${caseName} N=${data.posts}`,
      metric,
      valueOf(ours),
      theirs && { name: referenceStore.name, value: valueOf(theirs) },
    );
    return 'missing' in reference ? withoutBaseline(made, reference.missing) : made;
  };
  return [
    ...memoryMetrics.map(([metric, bytesOf]) =>
      row('memory', metric, (answer) => bytesOf(answer) / data.posts),
    ),
    row('full GC', pauseP50, ({ collectionsMs }) => median(collectionsMs)),
    toRow(`full GC N=${data.posts}`, pauseP50, median(ours.collectionsMs), {
      name: 'empty',
      value: median(ours.emptyCollectionsMs),
    }),
    row('full GC', pauseMax, ({ collectionsMs }) => Math.max(...collectionsMs)),
    row('reclaim pass', pauseP50, ({ reclaimMs }) => median(reclaimMs)),
    row('reclaim pass', pauseMax, ({ reclaimMs }) => Math.max(...reclaimMs)),
  ];
}
