/**
 * How many answers a second leave one process over gRPC, and how late, idle and while it applies
 * events? Beside the whole service with the store stand the same service with an engine that always
 * has the same answer ready and a bare grpc-js server that returns as many bytes: the differences are
 * what the query and what the service cost.
 */
import { list } from '#runtime/settings/setting.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import {
  type Bench,
  type BenchIo,
  dataDirectorySetting,
  eventsPerSecondSetting,
  excludedSetting,
  followingSetting,
  loadTurnSetting,
  postsSetting,
  roundsSetting,
  seedSetting,
} from './bench.ts';
import { rowsBySize } from './by-size.ts';
import { type Child, startChild } from './child.ts';
import { type DataFile, populationOf } from './data-file.ts';
import { interleave, mean, median, percentile } from './harness.ts';
import { type BenchRow, type Metric, toRow, withoutBaseline } from './report.ts';
import { collectRequests } from './requests.ts';
import type { LoadAnswer, LoadQuestion } from './serve-load.ts';
import type { ServerAnswer, ServerQuestion } from './serve-server.ts';
import { columnarStore, referencePostsMax, referenceStore } from './stores.ts';

/** As large as 1,200 posts are. */
const fixedAnswerBytes = 55_000;
const differentRequests = 64;
const maxResults = 1_200;
const bareName = 'bare grpc-js';
const fixedName = 'fixed answer';
const idleName = 'idle';
const applyingName = 'applying';
const answersPerSecond: Metric = { name: 'perSecond', unit: 'answers/s', better: 'higher' };
const latencyP50: Metric = { name: 'p50', unit: 'ms', better: 'lower' };
const latencyP99: Metric = { name: 'p99', unit: 'ms', better: 'lower' };
const answerBytes: Metric = { name: 'bytesPerAnswer', unit: 'B', better: 'higher' };
const appliedPerSecond: Metric = { name: 'appliedPerSecond', unit: 'events/s', better: 'higher' };

const settings = defineSettings({
  seed: seedSetting(),
  rounds: roundsSetting(3),
  posts: postsSetting('2M'),
  following: followingSetting(),
  excluded: excludedSetting(),
  inFlight: list({
    itemPattern: /^[1-9]\d{0,2}$/,
    allowed: 'numbers of calls in flight separated by commas',
    default: ['1', '8', '32'],
    description: 'Calls in flight at once, one case each.',
  }),
  turnMs: loadTurnSetting(),
  eventsPerSecond: eventsPerSecondSetting(),
  dataDirectory: dataDirectorySetting(),
});

type ServeSettings = Parameters<Bench<(typeof settings)['settings']>['run']>[0];

export const serveBench: Bench<(typeof settings)['settings']> = {
  name: 'serve',
  question: 'How many answers a second leave one process over gRPC, and how late?',
  settings,
  run: (values, io) => rowsBySize(values, io, (data) => measureSize(data, values, io)),
};

interface Target {
  readonly name: string;
  readonly port: number;
  readonly server: Child<ServerQuestion, ServerAnswer>;
}

async function measureSize(
  data: DataFile,
  values: ServeSettings,
  io: BenchIo,
): Promise<BenchRow[]> {
  const requests = collectRequests(populationOf(data), {
    seed: values.seed + 1,
    requests: differentRequests,
    following: values.following,
    excluded: values.excluded,
    maxResults,
  });
  // Every round applies for a turn, and the one before the first does.
  const turns = values.inFlight.length * (values.rounds + 1);
  const spare = Math.ceil((values.eventsPerSecond * values.turnMs * turns) / 1_000);
  const stores =
    data.posts <= referencePostsMax ? [columnarStore, referenceStore] : [columnarStore];
  const questions: readonly (readonly [string, ServerQuestion])[] = [
    ...stores.map(({ name }) => [name, { kind: 'store', store: name, data, spare }] as const),
    [fixedName, { kind: 'fixed', answerBytes: fixedAnswerBytes }],
    [bareName, { kind: 'bare', answerBytes: fixedAnswerBytes }],
  ];
  const children: { stop(): Promise<void> }[] = [];
  try {
    const load = startChild<LoadQuestion, LoadAnswer>('serve-load.ts');
    children.push(load);
    const targets: Target[] = [];
    for (const [name, question] of questions) {
      io.progress(`N=${data.posts}: starting ${name}`);
      io.signal.throwIfAborted();
      const server = startChild<ServerQuestion, ServerAnswer>('serve-server.ts');
      children.push(server);
      const answer = await server.ask(question);
      if (answer.kind !== 'listening') throw new Error(`${name} does not listen`);
      targets.push({ name, port: answer.port, server });
    }
    const rows: BenchRow[] = [];
    for (const inFlight of values.inFlight.map(Number)) {
      const ask = ({ port }: Target): Promise<LoadAnswer> =>
        load.ask({ port, requests, inFlight, durationMs: values.turnMs });
      const options = { posts: data.posts, values, io, ask, inFlight };
      rows.push(...(await measureLoad(targets, options)));
      rows.push(...(await measureWhileApplying(targets, options)));
    }
    return rows;
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

interface LoadOptions {
  readonly posts: number;
  readonly values: ServeSettings;
  readonly io: BenchIo;
  readonly inFlight: number;
  /** A turn of load. */
  ask(target: Target): Promise<LoadAnswer>;
}

async function measureLoad(targets: readonly Target[], options: LoadOptions): Promise<BenchRow[]> {
  const { posts, values, io, inFlight } = options;
  io.progress(`N=${posts}: ${inFlight} in flight`);
  const turns = Object.fromEntries(
    targets.map((target) => [target.name, () => options.ask(target)]),
  );
  const rounds = await interleave(turns, values.rounds, io);
  const measured = new Map(targets.map(({ name }) => [name, summarize(rounds[name] ?? [])]));
  const rowsOf = (caseName: string, name: string, baseline: string): BenchRow[] => {
    const ours = measured.get(name);
    const theirs = measured.get(baseline);
    if (ours === undefined) throw new Error(`${name} was not measured`);
    const row = (metric: Metric, valueOf: (summary: Summary) => number): BenchRow =>
      theirs === undefined
        ? withoutBaseline(
            toRow(caseName, metric, valueOf(ours)),
            `${baseline} holds ${referencePostsMax} posts at most`,
          )
        : toRow(caseName, metric, valueOf(ours), { name: baseline, value: valueOf(theirs) });
    return [
      row(answersPerSecond, (summary) => summary.perSecond),
      row(latencyP50, (summary) => summary.p50),
      row(latencyP99, (summary) => summary.p99),
    ];
  };
  const name = caseNameOf(options);
  return [
    ...rowsOf(name, columnarStore.name, bareName),
    ...rowsOf(name, columnarStore.name, referenceStore.name),
    toRow(name, answerBytes, measured.get(columnarStore.name)?.bytesPerAnswer ?? Number.NaN),
    ...rowsOf(`${fixedName} N=${posts} inFlight=${inFlight}`, fixedName, bareName),
  ];
}

/** The store that serves, turn by turn idle and with events that go into it. */
async function measureWhileApplying(
  targets: readonly Target[],
  options: LoadOptions,
): Promise<BenchRow[]> {
  const { posts, values, io, inFlight } = options;
  const { eventsPerSecond, turnMs } = values;
  const target = targets.find(({ name }) => name === columnarStore.name);
  if (target === undefined) throw new Error('nobody to apply events to');
  io.progress(`N=${posts}: ${inFlight} in flight, applying ${eventsPerSecond} events/s`);
  const paces: number[] = [];
  const applying = async (): Promise<LoadAnswer> => {
    await target.server.ask({ kind: 'apply', perSecond: eventsPerSecond, durationMs: turnMs });
    try {
      return await options.ask(target);
    } finally {
      const rested = await target.server.ask({ kind: 'rest' });
      if (rested.kind === 'paced') paces.push((rested.pace.applied / rested.pace.tookMs) * 1_000);
    }
  };
  const rounds = await interleave<typeof idleName | typeof applyingName, LoadAnswer>(
    { [idleName]: () => options.ask(target), [applyingName]: applying },
    values.rounds,
    io,
  );
  const idle = summarize(rounds[idleName]);
  const busy = summarize(rounds[applyingName]);
  const name = `${caseNameOf(options)} applying ${eventsPerSecond} events/s`;
  const against = (value: number) => ({ name: idleName, value });
  return [
    toRow(name, answersPerSecond, busy.perSecond, against(idle.perSecond)),
    toRow(name, latencyP50, busy.p50, against(idle.p50)),
    toRow(name, latencyP99, busy.p99, against(idle.p99)),
    toRow(name, appliedPerSecond, mean(paces)),
  ];
}

function caseNameOf({ posts, values, inFlight }: LoadOptions): string {
  return `F=${values.following} N=${posts} inFlight=${inFlight}`;
}

interface Summary {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly bytesPerAnswer: number;
}

function summarize(rounds: readonly LoadAnswer[]): Summary {
  const latencies = rounds.flatMap(({ latenciesMs }) => [...latenciesMs]);
  return {
    perSecond: median(rounds.map(({ latenciesMs, tookMs }) => (latenciesMs.length / tookMs) * 1e3)),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    bytesPerAnswer: rounds.reduce((sum, { bytes }) => sum + bytes, 0) / latencies.length,
  };
}
