/**
 * A process with one gRPC server: the node's own over a filled store, the node's own over an engine
 * with a fixed answer, or a bare one of grpc-js. On loopback, on any free port.
 */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { getInNetworkPostsPath } from '#cli/query/query-client.ts';
import { defaultGrpcLimits } from '#node/limits.ts';
import { createServingMetrics } from '#node/metrics.ts';
import { defaultQueryLimits, type QueryEngine } from '#node/query/query-engine.ts';
import { startGrpcServer } from '#node/serve/grpc-server.ts';
import { PostsService } from '#node/serve/posts-service.ts';
import { version } from '#node/version.ts';
import { type Clock, systemClock } from '#runtime/clock.ts';
import { createLatencyWindow } from '#runtime/latency-window.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createMetricsRegistry } from '#runtime/metrics.ts';
import { answerParent } from './child.ts';
import { type DatasetOptions, generateDataset, nowOf } from './dataset.ts';
import { applierTo, createStore, storeKinds } from './stores.ts';

export type ServerQuestion =
  | { readonly kind: 'store'; readonly store: string; readonly data: DatasetOptions }
  | { readonly kind: 'fixed'; readonly answerBytes: number }
  | { readonly kind: 'bare'; readonly answerBytes: number };

export interface ServerAnswer {
  readonly port: number;
}

const host = '127.0.0.1';
/** As a node has them; only admission is wider, because nothing may be refused here. */
const maxConcurrentRequests = 1_000_000;
const statisticsEvery = 1_000;
const reloadIntervalMs = 5_000;
/** Posts that the fixed engine says it has, for the metrics. */
const fixedPosts = 1_200;

answerParent(async (question: ServerQuestion): Promise<ServerAnswer> => {
  switch (question.kind) {
    case 'store':
      return startNodeServer(filledEngine(question), clockAt(nowOf(question.data)));
    case 'fixed':
      return startNodeServer(fixedEngine(question.answerBytes), systemClock);
    default:
      return startBareServer(Buffer.alloc(question.answerBytes, 1));
  }
});

function filledEngine(question: { readonly store: string; readonly data: DatasetOptions }) {
  const { store: name, data } = question;
  const kind = storeKinds.find((known) => known.name === name);
  if (kind === undefined) throw new Error(`no store ${name}`);
  const { store, engine } = createStore(kind, data.count);
  generateDataset(data, applierTo(store, nowOf(data)));
  return engine;
}

function fixedEngine(bytes: number): QueryEngine {
  const zeros = {
    posts: fixedPosts,
    freshnessSeconds: 0,
    timeRangeSeconds: 0,
    replyRatio: 0,
    uniqueAuthors: 0,
    postsPerAuthor: 0,
  };
  const answer = {
    body: Buffer.alloc(bytes, 1),
    posts: fixedPosts,
    truncations: [],
    partial: null,
    deletedFiltered: 0,
    statistics: null,
  };
  const answerWithStatistics = { ...answer, statistics: { retrieved: zeros, scored: zeros } };
  return {
    answer: (_request, { wantStatistics }) => (wantStatistics ? answerWithStatistics : answer),
  };
}

/** The data has its own time; durations are real. */
function clockAt(seconds: number): Clock {
  const startedMs = performance.now();
  return {
    nowMs: () => seconds * 1_000 + (performance.now() - startedMs),
    monotonicMs: () => performance.now(),
  };
}

async function startNodeServer(engine: QueryEngine, clock: Clock): Promise<ServerAnswer> {
  const metrics = createServingMetrics(createMetricsRegistry({ version, role: 'bench' }));
  const handler = new PostsService({
    engine,
    limits: defaultQueryLimits,
    node: 'bench',
    requestBytesMax: defaultGrpcLimits.requestBytesMax,
    maxConcurrentRequests,
    qpsLimit: null,
    requestTimeoutMs: 0,
    statisticsEvery,
    followGraph: null,
    fillFollowing: false,
    everReady: () => true,
    progress: () => 1,
    serveWhileCatchingUp: false,
    stalenessMs: () => 0,
    metrics,
    latencies: createLatencyWindow(),
    clock,
    logger: silentLogger,
  });
  const { port } = await startGrpcServer({
    handler,
    host,
    port: 0,
    tls: null,
    reloadIntervalMs,
    limits: defaultGrpcLimits,
    metrics,
    clock: systemClock,
    logger: silentLogger,
  });
  return { port };
}

/** The least that grpc-js can do: no interceptor, no metadata, nothing read. */
async function startBareServer(body: Buffer): Promise<ServerAnswer> {
  const server = new Server({ 'grpc.enable_channelz': 0 });
  const identity = (bytes: Buffer): Buffer => bytes;
  server.addService(
    {
      GetInNetworkPosts: {
        path: getInNetworkPostsPath,
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    },
    {
      GetInNetworkPosts: (_call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) =>
        respond(null, body),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port };
}
