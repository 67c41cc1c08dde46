/**
 * `thunder demo`: the whole system on this machine with a real Kafka. Tweet events go in, a
 * transformer and serving nodes catch up, users ask, and the answers are held against a reference.
 */
import type { Command, CommandIo } from '#cli/command.ts';
import { createAuthors } from '#cli/generator/authors.ts';
import { generateRequests } from '#cli/generator/request-generator.ts';
import { emphasise, styleOf } from '#cli/output/style.ts';
import { createKafkaRecordSink } from '#cli/produce/kafka-record-sink.ts';
import { produce } from '#cli/produce/produce.ts';
import { createQueryClient, type QueryClient } from '#cli/query/query-client.ts';
import { systemClock } from '#runtime/clock.ts';
import { exitCodes } from '#runtime/exit-codes.ts';
import { silentLogger } from '#runtime/logger.ts';
import type { ThunderNode } from '#test/components/processes/thunder-node.ts';
import { compareAnswers } from './compare-answers.ts';
import { type DemoFleet, startDemoFleet } from './demo-fleet.ts';
import { type DemoSettings, demoSettings } from './demo-settings.ts';
import { type DemoSummary, toSummary } from './demo-summary.ts';
import { DemoView } from './demo-view.ts';
import { startQueryLoad } from './query-load.ts';
import { readReference } from './reference-node.ts';
import { waitUntilApplied, waitUntilReady, waitUntilTransformed } from './wait-for-nodes.ts';

/** Questions that are compared, byte by byte, at every node and with the reference. */
const comparedRequests = 60;
const excludedPerRequest = 100;
const videoShare = 0.2;
/** Posts whose ids users say they have seen. */
const seenPostsMax = 5_000;

export const demoCommand: Command<(typeof demoSettings)['settings']> = {
  name: 'demo',
  summary: 'Run the whole system on this machine, with a real Kafka',
  usage: 'demo [--once [--json]] [options]',
  examples: [
    'thunder demo',
    'thunder demo --once --json',
    'thunder demo --backlog 1000000 --nodes 2 --rate 2000',
  ],
  settings: demoSettings,
  async run(settings, io) {
    const view = new DemoView(io, systemClock);
    view.step('starting Kafka and creating the topics');
    const fleet = await startDemoFleet(settings.partitions, io.signal);
    view.done(`Kafka: ${fleet.kafka.how}, at ${fleet.kafka.bootstrap}`);
    let isGood = false;
    try {
      const code = await runDemo(settings, fleet, view, io);
      isGood = code === exitCodes.ok;
      return code;
    } catch (error) {
      // Interrupted: whatever was under way failed because of that.
      if (io.signal.aborted) {
        isGood = true;
        return exitCodes.interrupted;
      }
      throw error;
    } finally {
      view.step('stopping everything');
      await fleet.stop(!isGood);
      view.done(isGood ? 'stopped' : `stopped; the logs are in ${fleet.directory}`);
    }
  },
};

async function runDemo(
  settings: DemoSettings,
  fleet: DemoFleet,
  view: DemoView,
  io: CommandIo,
): Promise<number> {
  const transformer = await fleet.startTransformer();
  const backlog = await produceTweets(settings, fleet, {
    seed: settings.seed,
    backlog: settings.backlog,
    rate: 0,
    seconds: null,
    signal: io.signal,
    view,
  });
  await waitUntilTransformed(transformer, backlog, view, io.signal);
  const nodes = await Promise.all(
    Array.from({ length: settings.nodes }, (_, index) => fleet.startServing(`node-${index + 1}`)),
  );
  const secondsToReady = await waitUntilReady(nodes, view, io.signal);
  const clients = nodes.map((node) => createQueryClient({ address: `127.0.0.1:${node.grpcPort}` }));
  try {
    return settings.once
      ? await runOnce(
          settings,
          fleet,
          { transformer, nodes, clients, secondsToReady, backlog },
          view,
          io,
        )
      : await runLive(settings, fleet, { transformer, nodes, clients }, view, io);
  } finally {
    for (const client of clients) {
      client.close();
    }
  }
}

interface Running {
  readonly transformer: ThunderNode;
  readonly nodes: readonly ThunderNode[];
  readonly clients: readonly QueryClient[];
}

async function runOnce(
  settings: DemoSettings,
  fleet: DemoFleet,
  running: Running & { readonly secondsToReady: readonly number[]; readonly backlog: number },
  view: DemoView,
  io: CommandIo,
): Promise<number> {
  const { transformer, nodes, clients } = running;
  const seenPostIds = await collectPostIds(settings, clients);
  view.step(`${settings.seconds} s of queries while ${settings.rate} events/s arrive`);
  const load = startQueryLoad({
    clients,
    requests: requestsOf(settings, settings.seed + 1, seenPostIds),
    clock: systemClock,
  });
  const live = await produceTweets(settings, fleet, {
    seed: settings.seed + 1,
    backlog: 0,
    rate: settings.rate,
    seconds: settings.seconds,
    signal: io.signal,
    view,
  });
  await load.stop();
  const { p50Ms, p99Ms } = load.summary();
  view.done(`${load.queries} queries, ${load.failed} failed ${load.failure}`.trim());

  const produced = running.backlog + live;
  await waitUntilTransformed(transformer, produced, view, io.signal);
  view.step('reading the log into the reference');
  const reference = await readReference(fleet.kafka.bootstrap, fleet.eventTopic, io.signal);
  await waitUntilApplied(nodes, reference.ends, view, io.signal);
  const requests = requestsOf(settings, settings.seed + 2, seenPostIds);
  const comparison = await compareAnswers({
    clients,
    reference,
    requests: Array.from({ length: comparedRequests }, () => requests.next().value),
    clock: systemClock,
  });
  const summary = toSummary({
    produced,
    transformer: await transformer.status(),
    nodes: await Promise.all(
      nodes.map(async (node, index) => ({
        status: await node.status(),
        secondsToReady: running.secondsToReady[index] ?? 0,
      })),
    ),
    queries: load.queries,
    failedQueries: load.failed,
    p50Ms,
    p99Ms,
    comparison,
  });
  view.summary(summary, comparison);
  if (settings.json || settings.output === 'json') {
    io.stdout.write(`${JSON.stringify(summary)}\n`);
  }
  return isAllGood(summary) ? exitCodes.ok : exitCodes.failure;
}

async function runLive(
  settings: DemoSettings,
  fleet: DemoFleet,
  running: Running,
  view: DemoView,
  io: CommandIo,
): Promise<number> {
  const { nodes, clients } = running;
  const requests = requestsOf(settings, settings.seed + 1, []);
  for (const client of clients.slice(0, 3)) {
    view.answer(await client.getInNetworkPosts(requests.next().value));
  }
  io.stderr.write(
    `\nAsk it yourself: npx thunder query --address 127.0.0.1:${nodes[0]?.grpcPort} --following 1,2,3\n` +
      `Look inside:     curl -s 127.0.0.1:${nodes[0]?.httpPort}/status\n` +
      `${emphasise('Ctrl-C stops everything.', 'dim', styleOf(io.stderr, io.env))}\n\n`,
  );
  const load = startQueryLoad({ clients, requests, clock: systemClock });
  const watching = setInterval(() => {
    Promise.all(nodes.map((node) => node.status())).then(
      (statuses) => view.live(statuses, load),
      // A node that is silent for a moment misses one line.
      () => undefined,
    );
  }, 1_000);
  try {
    await produceTweets(settings, fleet, {
      seed: settings.seed + 1,
      backlog: 0,
      rate: settings.rate,
      seconds: null,
      signal: io.signal,
      view: null,
    });
  } finally {
    clearInterval(watching);
    await load.stop();
    view.endLive();
  }
  return exitCodes.ok;
}

/** Answers how many records were acknowledged. */
async function produceTweets(
  settings: DemoSettings,
  fleet: DemoFleet,
  part: {
    readonly seed: number;
    readonly backlog: number;
    readonly rate: number;
    readonly seconds: number | null;
    readonly signal: AbortSignal;
    readonly view: DemoView | null;
  },
): Promise<number> {
  const sink = createKafkaRecordSink(
    {
      brokers: fleet.kafka.bootstrap.split(','),
      clientId: 'thunder-demo',
      logger: silentLogger,
    },
    fleet.tweetTopic,
  );
  await sink.open();
  try {
    const totals = await produce({
      source: {
        kind: 'generated',
        generator: { seed: part.seed, authors: settings.authors },
        backlog: part.backlog,
        windowMs: 172_800_000,
        durationMs: part.seconds === null ? null : part.seconds * 1000,
      },
      format: 'thrift',
      sink,
      ratePerSecond: part.rate,
      clock: systemClock,
      signal: part.signal,
      onProgress: (progress) =>
        part.view?.progress([{ ...progress, name: 'tweet events produced' }]),
    });
    part.view?.endProgress();
    return totals.records;
  } finally {
    await sink.close();
  }
}

function requestsOf(
  settings: DemoSettings,
  seed: number,
  seenPostIds: readonly bigint[],
): ReturnType<typeof generateRequests> {
  return generateRequests({
    seed,
    authors: createAuthors(settings.authors),
    following: settings.following,
    seenPostIds,
    excluded: excludedPerRequest,
    videoShare,
  });
}

async function collectPostIds(
  settings: DemoSettings,
  clients: readonly QueryClient[],
): Promise<bigint[]> {
  const requests = requestsOf(settings, settings.seed, []);
  const ids = new Set<bigint>();
  for (let asked = 0; asked < 10 && ids.size < seenPostsMax; asked += 1) {
    const answer = await clients[0]?.getInNetworkPosts(requests.next().value);
    for (const post of answer?.posts ?? []) {
      ids.add(post.postId);
    }
  }
  return [...ids];
}

function isAllGood(summary: DemoSummary): boolean {
  return (
    summary.failedQueries === 0 &&
    summary.queries > 0 &&
    summary.nodes.every((node) => node.ready) &&
    summary.answersEqualAcrossNodes &&
    summary.answersEqualOracle
  );
}
