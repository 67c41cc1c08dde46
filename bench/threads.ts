/**
 * What do more threads over one store bring: without a transport, over gRPC, and while another thread
 * applies events? The load generator has the same processors.
 */
import { integer, list } from '#runtime/settings/setting.ts';
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
import { type BenchRow, type Metric, toRow } from './report.ts';
import { collectRequests } from './requests.ts';
import type { LoadAnswer, LoadQuestion } from './serve-load.ts';
import type { ThreadsAnswer, ThreadsQuestion } from './threads-server.ts';

const differentRequests = 400;
const maxResults = 1_200;
/** To the threads on a port, each of which gets some of them. */
const connections = 16;
const queriesPerSecond: Metric = { name: 'perSecond', unit: 'queries/s', better: 'higher' };
const answersPerSecond: Metric = { name: 'perSecond', unit: 'answers/s', better: 'higher' };
const latencyP50: Metric = { name: 'p50', unit: 'ms', better: 'lower' };
const latencyP99: Metric = { name: 'p99', unit: 'ms', better: 'lower' };
const appliedPerSecond: Metric = { name: 'appliedPerSecond', unit: 'events/s', better: 'higher' };

const settings = defineSettings({
  seed: seedSetting(),
  rounds: roundsSetting(3),
  posts: postsSetting('2M'),
  threads: list({
    itemPattern: /^[1-9]\d?$/,
    allowed: 'numbers of threads separated by commas',
    default: ['1', '2'],
    description:
      'Threads that answer, one case each; the first is what the others are held against.',
  }),
  following: followingSetting(),
  excluded: excludedSetting(),
  inFlight: integer({
    min: 1,
    max: 1_000,
    default: 32,
    description: 'Calls in flight at once over gRPC.',
  }),
  turnMs: loadTurnSetting(),
  eventsPerSecond: eventsPerSecondSetting(),
  dataDirectory: dataDirectorySetting(),
});

type ThreadsSettings = Parameters<Bench<(typeof settings)['settings']>['run']>[0];

export const threadsBench: Bench<(typeof settings)['settings']> = {
  name: 'threads',
  question: 'What do more threads over one store bring?',
  settings,
  run: (values, io) => rowsBySize(values, io, (data) => measureSize(data, values, io)),
};

interface Rig {
  readonly server: Child<ThreadsQuestion, ThreadsAnswer>;
  readonly load: Child<LoadQuestion, LoadAnswer>;
  readonly requests: readonly Uint8Array[];
  readonly posts: number;
  readonly values: ThreadsSettings;
  readonly io: BenchIo;
}

async function measureSize(
  data: DataFile,
  values: ThreadsSettings,
  io: BenchIo,
): Promise<BenchRow[]> {
  const { following, excluded, turnMs, rounds, eventsPerSecond } = values;
  const requests = collectRequests(populationOf(data), {
    seed: values.seed + 1,
    requests: differentRequests,
    following,
    excluded,
    maxResults,
  });
  const server = startChild<ThreadsQuestion, ThreadsAnswer>('threads-server.ts');
  const load = startChild<LoadQuestion, LoadAnswer>('serve-load.ts');
  try {
    io.progress(`N=${data.posts}: filling`);
    const spare = Math.ceil((eventsPerSecond * turnMs * (rounds + 1)) / 1_000);
    await server.ask({ kind: 'fill', data, spare });
    const rig: Rig = { server, load, requests, posts: data.posts, values, io };
    return [...(await measureQueries(rig)), ...(await measureAnswers(rig))];
  } finally {
    await Promise.all([server.stop(), load.stop()]);
  }
}

/** Without a transport. */
async function measureQueries({ server, requests, posts, values, io }: Rig): Promise<BenchRow[]> {
  const { turnMs } = values;
  const turns = Object.fromEntries(
    values.threads.map((threads) => [
      threads,
      () => server.ask({ kind: 'ask', threads: Number(threads), requests, durationMs: turnMs }),
    ]),
  );
  const rounds = await interleave(turns, values.rounds, io);
  const perSecond = values.threads.map((threads) =>
    median(
      (rounds[threads] ?? []).map((answer) =>
        answer.kind === 'answers'
          ? (answer.perThread.reduce((sum, one) => sum + one, 0) / turnMs) * 1_000
          : Number.NaN,
      ),
    ),
  );
  return values.threads.map((threads, index) =>
    toRow(
      `F=${values.following} N=${posts} threads=${threads}`,
      queriesPerSecond,
      perSecond[index] ?? Number.NaN,
      index === 0
        ? undefined
        : { name: nameOf(values.threads[0]), value: perSecond[0] ?? Number.NaN },
    ),
  );
}

/** Over gRPC, idle and while the process's own thread applies events. */
async function measureAnswers(rig: Rig): Promise<BenchRow[]> {
  const { server, load, requests, posts, values, io } = rig;
  const { inFlight, turnMs, eventsPerSecond } = values;
  const rows: BenchRow[] = [];
  let first: Summary | undefined;
  for (const threads of values.threads) {
    const listening = await server.ask({ kind: 'listen', threads: Number(threads) });
    if (listening.kind !== 'listening') throw new Error('nobody listens');
    const { port } = listening;
    const paces: number[] = [];
    const idle = (): Promise<LoadAnswer> =>
      load.ask({ port, requests, inFlight, durationMs: turnMs, connections });
    const applying = async (): Promise<LoadAnswer> => {
      await server.ask({ kind: 'apply', perSecond: eventsPerSecond, durationMs: turnMs });
      try {
        return await idle();
      } finally {
        const rested = await server.ask({ kind: 'rest' });
        if (rested.kind === 'paced') paces.push((rested.pace.applied / rested.pace.tookMs) * 1_000);
      }
    };
    const rounds = await interleave({ idle, applying }, values.rounds, io);
    const [quiet, busy] = [summarize(rounds.idle), summarize(rounds.applying)];
    const name = `gRPC F=${values.following} N=${posts} threads=${threads} inFlight=${inFlight}`;
    const base = first;
    const against = (value: number | undefined) =>
      value === undefined ? undefined : { name: nameOf(values.threads[0]), value };
    rows.push(
      toRow(name, answersPerSecond, quiet.perSecond, against(base?.perSecond)),
      toRow(name, latencyP50, quiet.p50, against(base?.p50)),
      toRow(name, latencyP99, quiet.p99, against(base?.p99)),
    );
    const applyingName = `${name} applying ${eventsPerSecond} events/s`;
    const againstIdle = (value: number) => ({ name: 'idle', value });
    rows.push(
      toRow(applyingName, answersPerSecond, busy.perSecond, againstIdle(quiet.perSecond)),
      toRow(applyingName, latencyP50, busy.p50, againstIdle(quiet.p50)),
      toRow(applyingName, latencyP99, busy.p99, againstIdle(quiet.p99)),
      toRow(applyingName, appliedPerSecond, mean(paces)),
    );
    first ??= quiet;
  }
  return rows;
}

function nameOf(threads: string | undefined): string {
  return `threads=${threads}`;
}

interface Summary {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

function summarize(rounds: readonly LoadAnswer[]): Summary {
  const latencies = rounds.flatMap(({ latenciesMs }) => [...latenciesMs]);
  return {
    perSecond: median(rounds.map(({ latenciesMs, tookMs }) => (latenciesMs.length / tookMs) * 1e3)),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}
