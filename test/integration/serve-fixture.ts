/**
 * What the serving tests share: a clock to move, an engine that says what it is told, a server over
 * real sockets, and a stock client.
 */
import { fileURLToPath } from 'node:url';
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { Registry } from 'prom-client';
import protobuf from 'protobufjs';
import { defaultGrpcLimits } from '#node/limits.ts';
import { createServingMetrics, type ServingMetrics } from '#node/metrics.ts';
import {
  defaultQueryLimits,
  type QueryAnswer,
  type QueryEngine,
} from '#node/query/query-engine.ts';
import { createAdmissionWords } from '#node/serve/admission.ts';
import {
  type GrpcServer,
  type GrpcServerOptions,
  postsServiceName,
  startGrpcServer,
} from '#node/serve/grpc-server.ts';
import { PostsService, type PostsServiceOptions } from '#node/serve/posts-service.ts';
import { type Clock, systemClock } from '#runtime/clock.ts';
import { createLatencyWindow } from '#runtime/latency-window.ts';
import { silentLogger } from '#runtime/logger.ts';

/** A clock that only moves when told. Wall time begins at a fixed instant, monotonic time at 1 s. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
}

export function createManualClock(): ManualClock {
  let passed = 0;
  return {
    nowMs: () => 1_800_000_000_000 + passed,
    monotonicMs: () => 1_000 + passed,
    advance: (milliseconds) => {
      passed += milliseconds;
    },
  };
}

const protoFolder = fileURLToPath(new URL('../../proto/', import.meta.url));
const root = new protobuf.Root();
root.resolvePath = (_origin, target) => protoFolder + target;
root.loadSync('thunder/v1/in_network_posts_service.proto', { keepCase: true });
const requestType = root.lookupType('thunder.v1.GetInNetworkPostsRequest');
const responseType = root.lookupType('thunder.v1.GetInNetworkPostsResponse');

export interface RequestShape {
  readonly user_id?: number;
  readonly following_user_ids?: readonly number[];
  readonly max_results?: number;
  readonly exclude_tweet_ids?: readonly number[];
  readonly algorithm?: string;
  readonly debug?: boolean;
  readonly is_video_request?: boolean;
}

export function encodeRequest(shape: RequestShape): Buffer {
  return Buffer.from(requestType.encode(requestType.fromObject(shape)).finish());
}

/** The post ids of an encoded response. */
export function postIdsOf(body: Uint8Array): number[] {
  const { posts } = responseType.toObject(responseType.decode(body), {
    longs: Number,
    arrays: true,
  }) as { posts: { post_id: number }[] };
  return posts.map((post) => post.post_id);
}

export function encodeResponseOf(postIds: readonly number[]): Buffer {
  const posts = postIds.map((post_id) => ({ post_id, author_id: 1, created_at: 1_800_000_000 }));
  return Buffer.from(responseType.encode(responseType.fromObject({ posts })).finish());
}

export function answerOf(postIds: readonly number[], more: Partial<QueryAnswer> = {}): QueryAnswer {
  return {
    body: encodeResponseOf(postIds),
    posts: postIds.length,
    truncations: [],
    partial: null,
    deletedFiltered: 0,
    statistics: null,
    ...more,
  };
}

/** Answers with posts 1 to max_results (3 when none is named), whoever is followed. */
export const countingEngine: QueryEngine = {
  answer: ({ maxResults }) =>
    answerOf(Array.from({ length: maxResults === 0 ? 3 : maxResults }, (_, index) => index + 1)),
};

export interface ServiceFixture {
  readonly service: PostsService;
  readonly metrics: ServingMetrics;
  readonly registry: Registry;
}

export function createService(options: Partial<PostsServiceOptions> = {}): ServiceFixture {
  const registry = new Registry();
  const metrics = createServingMetrics(registry);
  const service = new PostsService({
    engine: countingEngine,
    limits: defaultQueryLimits,
    node: 'node-1',
    requestBytesMax: defaultGrpcLimits.requestBytesMax,
    maxConcurrentRequests: 1_000,
    qpsLimit: null,
    requestTimeoutMs: 0,
    statisticsEvery: 1,
    followGraph: null,
    fillFollowing: false,
    everReady: () => true,
    progress: () => 1,
    admissionWords: createAdmissionWords(),
    stalenessMs: () => 42,
    metrics,
    latencies: createLatencyWindow(),
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
  return { service, metrics, registry };
}

export interface ServerFixture extends ServiceFixture {
  readonly server: GrpcServer;
  readonly address: string;
}

export async function startServer(
  service: Partial<PostsServiceOptions> = {},
  transport: Partial<GrpcServerOptions> = {},
): Promise<ServerFixture> {
  const fixture = createService(service);
  const server = await startGrpcServer({
    handler: fixture.service,
    host: '127.0.0.1',
    port: 0,
    tls: null,
    reloadIntervalMs: 0,
    limits: defaultGrpcLimits,
    metrics: fixture.metrics,
    clock: systemClock,
    logger: silentLogger,
    ...transport,
  });
  return { ...fixture, server, address: `127.0.0.1:${server.port}` };
}

/** A client that shares no connection with any other. */
export function createClient(
  address: string,
  channelCredentials: ChannelCredentials = credentials.createInsecure(),
  options: ChannelOptions = {},
): Client {
  return new Client(address, channelCredentials, {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.initial_reconnect_backoff_ms': 50,
    ...options,
  });
}

export interface QueryResult {
  readonly code: status;
  readonly message: string;
  readonly body: Buffer;
  /** Initial metadata and trailers together. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

const identity = (bytes: Buffer): Buffer => bytes;

export interface QueryOptions {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One call; resolves whatever its status. */
export function query(
  client: Client,
  request: Buffer,
  options: QueryOptions = {},
): Promise<QueryResult> {
  return new Promise((resolve) => {
    const headers = new Metadata();
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      headers.set(name, value);
    }
    let initial: Record<string, unknown> = {};
    const call = client.makeUnaryRequest(
      options.path ?? `/${postsServiceName}/GetInNetworkPosts`,
      identity,
      identity,
      request,
      headers,
      { deadline: Date.now() + (options.deadlineMs ?? 10_000) },
      (error: ServiceError | null, body?: Buffer) => {
        resolve({
          code: error?.code ?? status.OK,
          message: error?.details ?? '',
          body: body ?? Buffer.alloc(0),
          metadata: { ...initial, ...error?.metadata.getMap() },
        });
      },
    );
    call.on('metadata', (metadata: Metadata) => {
      initial = metadata.getMap();
    });
    options.signal?.addEventListener('abort', () => call.cancel());
  });
}

/** Waits for a state, not for a time. */
export async function waitFor(
  what: string,
  isSo: () => boolean,
  deadlineMs = 5_000,
): Promise<void> {
  const until = performance.now() + deadlineMs;
  while (!isSo()) {
    if (performance.now() > until) {
      throw new Error(`not within ${deadlineMs} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
