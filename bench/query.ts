/**
 * How long does a query take, without a transport? Every contestant has a process of its own with the
 * same posts and answers the same requests: the store that serves, the simple one, and a client with
 * a Redis. Before anything is timed the two stores have to give the same answers to the last byte.
 */
import { boolean, integer, list } from '#runtime/settings/setting.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import {
  type Bench,
  type BenchIo,
  dataDirectorySetting,
  excludedSetting,
  postsSetting,
  roundsSetting,
  seedSetting,
  sizesOf,
} from './bench.ts';
import { startChild } from './child.ts';
import { type DataFile, openDataFile } from './data-file.ts';
import { authorsFor } from './dataset.ts';
import { interleave, mean, median, percentile } from './harness.ts';
import { type QueryCase, queryCases } from './query-cases.ts';
import type { ContestantAnswer, ContestantQuestion } from './query-contestant.ts';
import type { RedisFill } from './query-redis.ts';
import type { StoreFill } from './query-store.ts';
import { hasRedis, type RedisServer, redisHint, startRedis } from './redis-server.ts';
import { type BenchRow, type Metric, toRow, withoutBaseline } from './report.ts';
import { assertCanFollow } from './requests.ts';
import { columnarStore, referencePostsMax, referenceStore } from './stores.ts';

const redisName = 'redis';
/** Answers that are held against the simple store's, for each case. */
const comparedAnswers = 20;
const times = ['mean', 'p50', 'p99'] as const;
const cpuMean: Metric = { name: 'cpuMean', unit: 'ms of CPU', better: 'lower' };
const postsFound: Metric = { name: 'posts', unit: 'posts/answer', better: 'higher' };

const settings = defineSettings({
  seed: seedSetting(),
  rounds: roundsSetting(5),
  posts: postsSetting('2M'),
  following: list({
    itemPattern: /^[1-9]\d{0,4}$/,
    allowed: 'numbers of followed accounts separated by commas',
    default: ['200', '1000', '5000'],
    description:
      'Followed accounts (F), one case each; the middle one also asks for videos and for what is worst.',
  }),
  excluded: excludedSetting(),
  results: integer({
    min: 1,
    max: 5_000,
    default: 1_200,
    description: 'Posts asked for (K).',
  }),
  queries: integer({
    min: 1,
    max: 100_000,
    default: 400,
    description: 'Different requests, all of them asked in a turn that is long enough.',
  }),
  turnMs: integer({
    min: 1,
    max: 60_000,
    unit: 'milliseconds',
    default: 1_000,
    description: 'Length of a turn; the next one goes on with the requests that follow.',
  }),
  redis: boolean({
    default: true,
    description: 'Measure a Redis too. Filling it takes minutes for tens of millions of posts.',
  }),
  dataDirectory: dataDirectorySetting(),
});

type QuerySettings = Parameters<Bench<(typeof settings)['settings']>['run']>[0];

export const queryBench: Bench<(typeof settings)['settings']> = {
  name: 'query',
  question: 'How long does a query take, without a transport?',
  settings,
  async run(values, io) {
    const sizes = sizesOf(values.posts);
    for (const count of sizes) {
      assertCanFollow(Math.max(...followingOf(values)), authorsFor({ count }));
    }
    const isWithRedis = values.redis && hasRedis();
    if (values.redis && !isWithRedis) io.progress(`no baseline ${redisName}: ${redisHint}`);
    const means = new Map<string, number>();
    const rows: BenchRow[] = [];
    for (const posts of sizes) {
      const { seed, dataDirectory: directory } = values;
      const data = await openDataFile({ seed, posts, directory }, io);
      const redis = isWithRedis ? await startRedis() : null;
      const contestants: Contestant[] = [];
      try {
        await startContestants(contestants, data, redis, io);
        rows.push(...(await measureCases(contestants, data, values, means, io)));
      } finally {
        await Promise.all(contestants.map((contestant) => contestant.stop()));
        await redis?.stop();
      }
    }
    return [...rows, ...growthRows(values, means)];
  },
};

interface Contestant {
  readonly name: string;
  ask(question: ContestantQuestion<never>): Promise<ContestantAnswer>;
  stop(): Promise<void>;
}

/** Adds each before it is filled, so that whatever happens it is stopped. */
async function startContestants(
  contestants: Contestant[],
  data: DataFile,
  redis: RedisServer | null,
  io: BenchIo,
): Promise<void> {
  const start = async (
    name: string,
    fileName: string,
    fill: StoreFill | RedisFill,
  ): Promise<void> => {
    io.progress(`N=${data.posts}: filling ${name}`);
    io.signal.throwIfAborted();
    const child = startChild<ContestantQuestion<StoreFill | RedisFill>, ContestantAnswer>(fileName);
    contestants.push({ name, ask: (question) => child.ask(question), stop: () => child.stop() });
    await child.ask({ kind: 'fill', fill });
  };
  const startStore = (store: string): Promise<void> =>
    start(store, 'query-store.ts', { data, store });
  await startStore(columnarStore.name);
  if (data.posts <= referencePostsMax) await startStore(referenceStore.name);
  if (redis !== null) {
    await start(redisName, 'query-redis.ts', { data, port: redis.port });
  }
}

/** Puts the means of the store that serves into `means` under the names of their cases. */
async function measureCases(
  contestants: readonly Contestant[],
  data: DataFile,
  values: QuerySettings,
  means: Map<string, number>,
  io: BenchIo,
): Promise<BenchRow[]> {
  const [ours] = contestants;
  if (ours === undefined) throw new Error('nobody to ask');
  const cases = await queryCases(data, { ...values, following: followingOf(values) }, (requests) =>
    answersOf(ours, requests, requests.length).then(({ bodies }) => bodies),
  );
  const rows: BenchRow[] = [];
  for (const asked of cases) {
    io.progress(asked.name);
    const asking = contestants.filter(({ name }) => name !== redisName || asked.isForRedis);
    const posts = await compareAnswers(asking, asked);
    const { turnMs, rounds } = values;
    const turns = Object.fromEntries(
      asking.map((contestant) => [contestant.name, () => turnOf(contestant, turnMs)]),
    );
    const results = await interleave<string, Turn>(turns, rounds, io);
    const measured = new Map(asking.map(({ name }) => [name, summarize(results[name] ?? [])]));
    const found = measured.get(ours.name);
    if (found === undefined) throw new Error('nothing measured');
    means.set(asked.name, found.mean);
    rows.push(
      ...timeRows(asked.name, found, measured),
      toRow(asked.name, cpuMean, found.cpuMean),
      toRow(asked.name, postsFound, posts),
    );
  }
  return rows;
}

function timeRows(
  name: string,
  found: Summary,
  measured: ReadonlyMap<string, Summary>,
): BenchRow[] {
  const rows: BenchRow[] = [];
  for (const baseline of [referenceStore.name, redisName]) {
    const against = measured.get(baseline);
    for (const time of times) {
      const metric: Metric = { name: time, unit: 'ms', better: 'lower' };
      if (against !== undefined) {
        rows.push(toRow(name, metric, found[time], { name: baseline, value: against[time] }));
      } else if (baseline === referenceStore.name) {
        const why = `${baseline} holds ${referencePostsMax} posts at most`;
        rows.push(withoutBaseline(toRow(name, metric, found[time]), why));
      }
    }
  }
  return rows;
}

/** How the mean grows with what is followed, and with what is stored: of the store that serves. */
function growthRows(values: QuerySettings, means: ReadonlyMap<string, number>): BenchRow[] {
  const metric: Metric = { name: 'mean', unit: 'ms', better: 'lower' };
  const counts = followingOf(values);
  const sizes = sizesOf(values.posts);
  const nameOf = (following: number, posts: number): string =>
    `F=${following} N=${posts} K=${values.results}`;
  const rows: BenchRow[] = [];
  const compare = (name: string, baseline: string, other: string): void => {
    const [value, baselineValue] = [means.get(name), means.get(other)];
    if (name === other || value === undefined || baselineValue === undefined) return;
    rows.push(toRow(name, metric, value, { name: baseline, value: baselineValue }));
  };
  const middle = counts[Math.floor(counts.length / 2)] ?? 0;
  const most = counts.at(-1) ?? 0;
  for (const posts of sizes) {
    compare(nameOf(most, posts), `F=${middle}`, nameOf(middle, posts));
  }
  const [first = 0, ...others] = sizes;
  for (const posts of others) {
    compare(nameOf(middle, posts), `N=${first}`, nameOf(middle, first));
  }
  return rows;
}

function followingOf({ following }: QuerySettings): number[] {
  return following.map(Number);
}

/** Gives them the requests of a case; answers how many posts there are in an answer on average. */
async function compareAnswers(
  contestants: readonly Contestant[],
  asked: QueryCase,
): Promise<number> {
  const bodies = new Map<string, readonly Uint8Array[]>();
  let postsFoundOnAverage = 0;
  for (const contestant of contestants) {
    const answers = await answersOf(contestant, asked.requests, comparedAnswers);
    bodies.set(contestant.name, answers.bodies);
    if (contestant.name === columnarStore.name) {
      postsFoundOnAverage = answers.posts / answers.bodies.length;
    }
  }
  const ours = bodies.get(columnarStore.name) ?? [];
  for (const [index, body] of (bodies.get(referenceStore.name) ?? []).entries()) {
    if (!Buffer.from(body).equals(ours[index] ?? Buffer.alloc(0))) {
      throw new Error(`${asked.name}: the stores answer request ${index} differently`);
    }
  }
  return postsFoundOnAverage;
}

async function answersOf(
  contestant: Contestant,
  requests: readonly Uint8Array[],
  count: number,
): Promise<Extract<ContestantAnswer, { kind: 'bodies' }>> {
  await contestant.ask({ kind: 'requests', requests });
  const answer = await contestant.ask({ kind: 'answers', count });
  if (answer.kind !== 'bodies') throw new Error(`${contestant.name} gave no answers`);
  return answer;
}

type Turn = Extract<ContestantAnswer, { kind: 'turn' }>;

async function turnOf(contestant: Contestant, turnMs: number): Promise<Turn> {
  const answer = await contestant.ask({ kind: 'turn', turnMs });
  if (answer.kind !== 'turn') throw new Error(`${contestant.name} kept no time`);
  return answer;
}

interface Summary {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMean: number;
}

/** Means are medians of the rounds' means; percentiles are over the queries of all rounds. */
function summarize(turns: readonly Turn[]): Summary {
  const all = turns.flatMap(({ latenciesMs }) => [...latenciesMs]);
  return {
    mean: median(turns.map(({ latenciesMs }) => mean([...latenciesMs]))),
    p50: percentile(all, 0.5),
    p99: percentile(all, 0.99),
    cpuMean: median(turns.map(({ latenciesMs, cpuMs }) => cpuMs / latenciesMs.length)),
  };
}
