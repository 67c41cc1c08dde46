/**
 * A node's own service and gRPC server on loopback, over any engine.
 */
import { defaultGrpcLimits } from '#node/limits.ts';
import { createServingMetrics } from '#node/metrics.ts';
import { defaultQueryLimits, type QueryEngine } from '#node/query/query-engine.ts';
import { createAdmissionWords } from '#node/serve/admission.ts';
import { startGrpcServer } from '#node/serve/grpc-server.ts';
import { PostsService } from '#node/serve/posts-service.ts';
import { version } from '#node/version.ts';
import { type Clock, systemClock } from '#runtime/clock.ts';
import { createLatencyWindow } from '#runtime/latency-window.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createMetricsRegistry } from '#runtime/metrics.ts';

const host = '127.0.0.1';
/** As a node has them; only admission is wider, because nothing may be refused here. */
const maxConcurrentRequests = 1_000_000;
const statisticsEvery = 1_000;
const reloadIntervalMs = 5_000;

/**
 * Answers the port. `shared` is one that other threads of this process listen on too; without it, any free
 * one.
 */
export async function startNodeServer(
  engine: QueryEngine,
  clock: Clock,
  shared?: number,
): Promise<number> {
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
    admissionWords: createAdmissionWords(),
    stalenessMs: () => 0,
    metrics,
    latencies: createLatencyWindow(),
    clock,
    logger: silentLogger,
  });
  const { port } = await startGrpcServer({
    handler,
    host,
    port: shared ?? 0,
    sharesPort: shared !== undefined,
    tls: null,
    reloadIntervalMs,
    limits: defaultGrpcLimits,
    metrics,
    clock: systemClock,
    logger: silentLogger,
  });
  return port;
}
