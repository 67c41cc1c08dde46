/**
 * How long does a query take, without a transport? Every store answers the same requests about the
 * same posts, and before anything is timed the answers have to be equal to the last byte.
 */
import type { QueryContext } from '#node/query/query-engine.ts';
import type { RequestFields } from '#proto/wire/request-fields.ts';
import { integer, list } from '#runtime/settings/setting.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import { type Bench, type BenchIo, postsSetting, roundsSetting, seedSetting } from './bench.ts';
import {
  collectRequests,
  type Dataset,
  type DatasetOptions,
  generateDataset,
  nowOf,
  type RequestOptions,
} from './dataset.ts';
import { interleave, mean, median, percentile } from './harness.ts';
import { type BenchRow, type Metric, toRow } from './report.ts';
import { applierTo, createStore, type FilledStore, referenceStore, storeKinds } from './stores.ts';

const videoResults = 600;
const millisecondsMean: Metric = { name: 'mean', unit: 'ms', better: 'lower' };
const millisecondsP50: Metric = { name: 'p50', unit: 'ms', better: 'lower' };
const millisecondsP99: Metric = { name: 'p99', unit: 'ms', better: 'lower' };
const postsFound: Metric = { name: 'posts', unit: 'posts/answer', better: 'higher' };

const settings = defineSettings({
  seed: seedSetting(),
  rounds: roundsSetting(7),
  posts: postsSetting(200_000),
  authors: integer({
    min: 1,
    max: 10_000_000,
    optional: true,
    description: 'Accounts that post; without it one for five posts.',
  }),
  following: list({
    itemPattern: /^[1-9]\d{0,4}$/,
    allowed: 'numbers of followed accounts separated by commas',
    default: ['200', '1000', '5000'],
    description: 'Followed accounts (F), one case each; the middle one also asks for videos.',
  }),
  excluded: integer({
    min: 0,
    max: 10_000,
    default: 500,
    description: 'Excluded ids in a request.',
  }),
  results: integer({
    min: 1,
    max: 5_000,
    default: 1_200,
    description: 'Posts asked for (K).',
  }),
  queries: integer({
    min: 1,
    max: 100_000,
    default: 50,
    description: 'Different requests in a turn.',
  }),
});

export const queryBench: Bench<(typeof settings)['settings']> = {
  name: 'query',
  question: 'How long does a query take, without a transport?',
  settings,
  async run({ seed, rounds, posts, authors, following, excluded, results, queries }, io) {
    const stores = storeKinds.map((kind) => ({ name: kind.name, ...createStore(kind, posts) }));
    io.progress(`filling ${stores.map((store) => store.name).join(', ')} with ${posts} posts`);
    const data = { seed, count: posts, counted: 'posts', format: 'protobuf', authors } as const;
    const dataset = fill(stores, data);
    const shared = { seed: seed + 1, requests: queries, excluded };
    const counts = following.map(Number);
    const videoFollowing = counts[Math.floor(counts.length / 2)] ?? 0;
    const cases: readonly { name: string; options: RequestOptions }[] = [
      ...counts.map((count) => ({
        name: `F=${count} N=${posts} K=${results}`,
        options: { ...shared, following: count, maxResults: results },
      })),
      {
        name: `F=${videoFollowing} N=${posts} K=${videoResults} video`,
        options: { ...shared, following: videoFollowing, maxResults: videoResults, isVideo: true },
      },
    ];
    const rows: BenchRow[] = [];
    for (const { name, options } of cases) {
      io.progress(name);
      const requests = collectRequests(dataset, options);
      rows.push(...(await measureCase(name, stores, requests, { now: dataset.now, rounds, io })));
    }
    return rows;
  },
};

interface NamedStore extends FilledStore {
  readonly name: string;
}

/** All of them with the same records. Throws when one does not hold every post. */
function fill(stores: readonly NamedStore[], data: DatasetOptions): Dataset {
  const appliers = stores.map(({ store }) => applierTo(store, nowOf(data)));
  const dataset = generateDataset(data, (record) => {
    for (const apply of appliers) apply(record);
  });
  for (const { name, store } of stores) {
    const held = store.stats(dataset.now).posts;
    if (held !== data.count) throw new Error(`${name} holds ${held} of ${data.count} posts`);
  }
  return dataset;
}

async function measureCase(
  caseName: string,
  stores: readonly NamedStore[],
  requests: readonly RequestFields[],
  options: { readonly now: number; readonly rounds: number; readonly io: BenchIo },
): Promise<BenchRow[]> {
  const context = { now: options.now, shouldStop: () => false, wantStatistics: false };
  const found = assertEqualAnswers(caseName, stores, requests, context);
  const turns = Object.fromEntries(
    stores.map(({ name, engine }) => [
      name,
      () =>
        requests.map((request) => {
          const startedMs = performance.now();
          engine.answer(request, context);
          return performance.now() - startedMs;
        }),
    ]),
  );
  const rounds = await interleave(turns, options.rounds, options.io);
  const measured = stores.map(({ name }) => ({ name, ...summarize(rounds[name] ?? []) }));
  const reference = measured.find(({ name }) => name === referenceStore.name);
  const candidates = measured.filter((store) => store !== reference);
  const rows = (candidates.length === 0 ? measured : candidates).flatMap((store) => {
    // With one candidate the case says it all; its baseline is the store that reads like the rules.
    const name = candidates.length > 1 ? `${caseName} store=${store.name}` : caseName;
    const against = (value: number | undefined) =>
      store === reference || value === undefined ? undefined : { name: referenceStore.name, value };
    return [
      toRow(name, millisecondsMean, store.mean, against(reference?.mean)),
      toRow(name, millisecondsP50, store.p50, against(reference?.p50)),
      toRow(name, millisecondsP99, store.p99, against(reference?.p99)),
    ];
  });
  return [...rows, toRow(caseName, postsFound, found)];
}

/** Answers how many posts there are in an answer on average. */
function assertEqualAnswers(
  caseName: string,
  stores: readonly NamedStore[],
  requests: readonly RequestFields[],
  context: QueryContext,
): number {
  let posts = 0;
  for (const [index, request] of requests.entries()) {
    const answers = stores.map(({ engine }) => engine.answer(request, context));
    const [first, ...others] = answers.map(({ body }) => Buffer.from(body));
    if (first === undefined || others.some((body) => !body.equals(first))) {
      throw new Error(`${caseName}: the stores answer request ${index} differently`);
    }
    posts += answers[0]?.posts ?? 0;
  }
  return posts / requests.length;
}

/** The mean is the median of the rounds' means; percentiles are over the queries of all rounds. */
function summarize(rounds: readonly (readonly number[])[]): {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
} {
  const all = rounds.flat();
  return {
    mean: median(rounds.map(mean)),
    p50: percentile(all, 0.5),
    p99: percentile(all, 0.99),
  };
}
