/**
 * How many answers a second leave one process over gRPC, and how late? The whole service with the
 * store, the same service with an engine that always has the same answer ready, and a bare grpc-js
 * server that returns the same bytes: the differences are what the query and what the service cost.
 */
import { encodeRequest } from '#proto/wire/write-request.ts';
import { integer, list } from '#runtime/settings/setting.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import { type Bench, type BenchIo, postsSetting, roundsSetting, seedSetting } from './bench.ts';
import { type Child, startChild } from './child.ts';
import { collectRequests, generateDataset } from './dataset.ts';
import { interleave, median, percentile } from './harness.ts';
import { type BenchRow, type Metric, toRow } from './report.ts';
import type { LoadAnswer, LoadQuestion } from './serve-load.ts';
import type { ServerAnswer, ServerQuestion } from './serve-server.ts';
import { storeKinds } from './stores.ts';

/** As large as 1,200 posts are. */
const fixedAnswerBytes = 55_000;
const bareName = 'bare grpc-js';
const fixedName = 'fixed answer';
const answersPerSecond: Metric = { name: 'perSecond', unit: 'answers/s', better: 'higher' };
const latencyP50: Metric = { name: 'p50', unit: 'ms', better: 'lower' };
const latencyP99: Metric = { name: 'p99', unit: 'ms', better: 'lower' };
const answerBytes: Metric = { name: 'bytesPerAnswer', unit: 'B', better: 'higher' };

const settings = defineSettings({
  seed: seedSetting(),
  rounds: roundsSetting(3),
  posts: postsSetting(200_000),
  following: integer({
    min: 0,
    max: 10_000,
    default: 1_000,
    description: 'Followed accounts (F) in a request.',
  }),
  excluded: integer({
    min: 0,
    max: 10_000,
    default: 500,
    description: 'Excluded ids in a request.',
  }),
  inFlight: list({
    itemPattern: /^[1-9]\d{0,2}$/,
    allowed: 'numbers of calls in flight separated by commas',
    default: ['1', '8', '32'],
    description: 'Calls in flight at once, one case each.',
  }),
  turnMs: integer({
    min: 50,
    max: 60_000,
    unit: 'milliseconds',
    default: 2_000,
    description: 'Length of a turn of load.',
  }),
});

type ServeSettings = Parameters<Bench<(typeof settings)['settings']>['run']>[0];

export const serveBench: Bench<(typeof settings)['settings']> = {
  name: 'serve',
  question: 'How many answers a second leave one process over gRPC, and how late?',
  settings,
  async run(values, io) {
    const { seed, posts, following, excluded } = values;
    const data = { seed, count: posts, counted: 'posts', format: 'protobuf' } as const;
    const dataset = generateDataset(data, () => undefined);
    const requests = collectRequests(dataset, {
      seed: seed + 1,
      requests: 64,
      following,
      excluded,
      maxResults: 1_200,
    }).map((request) => encodeRequest(request));
    const servers = new Map<string, Child<ServerQuestion, ServerAnswer>>();
    const load = startChild<LoadQuestion, LoadAnswer>('serve-load.ts');
    try {
      const targets: Target[] = [];
      const questions: readonly [string, ServerQuestion][] = [
        ...storeKinds.map(({ name }): [string, ServerQuestion] => [
          name,
          { kind: 'store', store: name, data },
        ]),
        [fixedName, { kind: 'fixed', answerBytes: fixedAnswerBytes }],
        [bareName, { kind: 'bare', answerBytes: fixedAnswerBytes }],
      ];
      for (const [name, question] of questions) {
        io.progress(`starting ${name}`);
        io.signal.throwIfAborted();
        const server = startChild<ServerQuestion, ServerAnswer>('serve-server.ts');
        servers.set(name, server);
        targets.push({ name, port: (await server.ask(question)).port });
      }
      const rows: BenchRow[] = [];
      for (const inFlight of values.inFlight.map(Number)) {
        rows.push(...(await measureLoad({ values, io, load, targets, requests, inFlight })));
      }
      return rows;
    } finally {
      await Promise.all([load, ...servers.values()].map((child) => child.stop()));
    }
  },
};

interface Target {
  readonly name: string;
  readonly port: number;
}

async function measureLoad(options: {
  readonly values: ServeSettings;
  readonly io: BenchIo;
  readonly load: Child<LoadQuestion, LoadAnswer>;
  readonly targets: readonly Target[];
  readonly requests: readonly Uint8Array[];
  readonly inFlight: number;
}): Promise<BenchRow[]> {
  const { values, io, load, targets, requests, inFlight } = options;
  io.progress(`${inFlight} in flight`);
  const turns = Object.fromEntries(
    targets.map(({ name, port }) => [
      name,
      () => load.ask({ port, requests, inFlight, durationMs: values.turnMs }),
    ]),
  );
  const rounds = await interleave(turns, values.rounds, io);
  const measured = targets.map(({ name }) => ({ name, ...summarize(rounds[name] ?? []) }));
  const bare = measured.find(({ name }) => name === bareName);
  const suffix = `F=${values.following} inFlight=${inFlight}`;
  return measured
    .filter((target) => target !== bare)
    .flatMap((target) => {
      const isFixed = target.name === fixedName;
      const caseName = isFixed
        ? `${target.name} ${suffix}`
        : `${target.name} N=${values.posts} ${suffix}`;
      const against = (value: number | undefined) =>
        value === undefined ? undefined : { name: bareName, value };
      return [
        toRow(caseName, answersPerSecond, target.perSecond, against(bare?.perSecond)),
        toRow(caseName, latencyP50, target.p50, against(bare?.p50)),
        toRow(caseName, latencyP99, target.p99, against(bare?.p99)),
        toRow(caseName, answerBytes, target.bytesPerAnswer),
      ];
    });
}

function summarize(rounds: readonly LoadAnswer[]): {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly bytesPerAnswer: number;
} {
  const latencies = rounds.flatMap(({ latenciesMs }) => [...latenciesMs]);
  return {
    perSecond: median(rounds.map(({ latenciesMs, tookMs }) => (latenciesMs.length / tookMs) * 1e3)),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    bytesPerAnswer: rounds.reduce((sum, { bytes }) => sum + bytes, 0) / latencies.length,
  };
}
