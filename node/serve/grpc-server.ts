/**
 * The service over @grpc/grpc-js: raw bytes in and out, every bound set, certificates that reload,
 * and an end that loses no call. The only file that knows gRPC's status numbers.
 */
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { Clock } from '#runtime/clock.ts';
import { ConfigurationError, messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import type { GrpcLimits } from '../limits.ts';
import type { ServingMetrics } from '../metrics.ts';
import { boundedSend } from './bounded-send.ts';
import { ReloadingCredentials } from './grpc-credentials.ts';
import { addReflection, Health } from './grpc-side-services.ts';
import type { CallHandler, ResponseMetadata, ServiceReply } from './service-call.ts';
import type { TlsFiles } from './tls-material.ts';

export const postsServiceName = 'thunder.v1.InNetworkPostsService';

export interface GrpcServerOptions {
  readonly handler: CallHandler;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Whether other threads of this process listen on the same port. */
  readonly sharesPort?: boolean;
  /** Null for plain text. A `caFile` asks clients for a certificate (mTLS). */
  readonly tls: TlsFiles | null;
  /** Milliseconds between looks at the certificate files. */
  readonly reloadIntervalMs: number;
  readonly limits: GrpcLimits;
  readonly metrics: ServingMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface GrpcServer {
  /** The port that is listened on. */
  readonly port: number;
  /** What health says, from NOT_SERVING at the start. Calls are taken either way. */
  setServing(serving: boolean): void;
  /** Looks at the certificate files now. */
  checkCertificates(): void;
  /**
   * Takes no more connections, tells clients to go elsewhere (GOAWAY), lets calls finish for
   * `graceMs`, then closes what is left; true when nothing was. Idempotent.
   */
  shutdown(options: { readonly graceMs: number }): Promise<boolean>;
}

const identity = (bytes: Buffer): Buffer => bytes;

const postsDefinition: ServiceDefinition = {
  GetInNetworkPosts: {
    path: `/${postsServiceName}/GetInNetworkPosts`,
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  },
};

/**
 * Starts to listen. Throws ConfigurationError for a port in use, an address that is not ours, or
 * certificates that cannot be used.
 */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { limits, logger, metrics } = options;
  const server = new Server({
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': limits.requestBytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': limits.streamsPerConnectionMax,
    'grpc-node.max_session_memory': limits.sessionMegabytesMax,
    'grpc.max_connection_age_ms': limits.connectionAgeMs,
    'grpc.max_connection_age_grace_ms': limits.connectionAgeGraceMs,
    'grpc.keepalive_time_ms': limits.keepaliveMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    // Also, with any interceptor grpc-js hands over no call that has already ended; without, such a
    // call comes without an end, and its units would never be released.
    interceptors: [
      boundedSend({
        sendMsMax: limits.sendMsMax,
        onReset: () => {
          metrics.answersNotTaken.value += 1;
        },
      }),
    ],
  });
  server.addService(postsDefinition, {
    GetInNetworkPosts: (call: UnaryCall, respond: Respond) => serveCall(options, call, respond),
  });
  const health = new Health([postsServiceName]);
  health.addToServer(server);
  await addReflection(server);

  const reloading = options.tls === null ? null : createCredentials(options, options.tls);
  const injector = server.createConnectionInjector(reloading ?? ServerCredentials.createInsecure());

  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    metrics.connections.value = sockets.size;
    socket.on('close', () => {
      sockets.delete(socket);
      metrics.connections.value = sockets.size;
    });
    // A connection that breaks is its own 'close'; without a listener it would be an exception.
    socket.on('error', (error) => logger.debug({ error: messageOf(error) }, 'connection broke'));
    injector.injectConnection(socket);
  });
  listener.maxConnections = limits.connectionsMax;
  listener.on('drop', () => {
    metrics.connectionsRefused.value += 1;
  });
  try {
    await listen(listener, options);
  } catch (error) {
    reloading?.stop();
    server.forceShutdown();
    throw error;
  }
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;

  let ending: Promise<boolean> | null = null;
  return {
    port,
    setServing: (serving) => health.setServing(serving),
    checkCertificates: () => reloading?.check(),
    shutdown: ({ graceMs }) => {
      ending ??= (async () => {
        reloading?.stop();
        health.setServing(false);
        const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
        health.endWatches();
        // Who never spoke has no call to finish.
        for (const socket of sockets) {
          if (socket.bytesRead === 0) {
            socket.destroy();
          }
        }
        // Sends GOAWAY, but on Node 24 calls back at once: that a connection's calls are finished and
        // sent shows in its end.
        server.tryShutdown(() => undefined);
        const inTime = await within(closed, graceMs);
        server.forceShutdown();
        for (const socket of sockets) {
          socket.destroy();
        }
        await closed;
        return inTime;
      })();
      return ending;
    },
  };
}

/** One for all calls: without a reason each would make an error of its own, stack and all. */
const callEnded = new Error('the call has ended');

type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
type Respond = sendUnaryData<Buffer>;

function serveCall(options: GrpcServerOptions, call: UnaryCall, respond: Respond): void {
  const { handler, clock } = options;
  const ended = new AbortController();
  // Fired once for every call: when it is cancelled, times out, breaks, or its answer has left.
  call.on('cancelled', () => ended.abort(callEnded));
  const reply = handler.handle(call.request, {
    deadlineMs: toMonotonic(call.getDeadline(), clock),
    signal: ended.signal,
  });
  const deliver = (settled: ServiceReply): void => {
    if (settled.code !== 'OK') {
      respond(
        { code: status[settled.code], details: settled.message },
        null,
        toMetadata(settled.metadata),
      );
      return;
    }
    if (ended.signal.aborted) {
      settled.release();
      return;
    }
    call.on('cancelled', settled.release);
    call.sendMetadata(toMetadata(settled.metadata));
    const { body } = settled;
    // grpc-js copies the body into its frame before this returns.
    respond(null, Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  };
  if (reply instanceof Promise) {
    void reply.then(deliver);
  } else {
    deliver(reply);
  }
}

/** grpc-js gives the deadline in wall time, Infinity for none. */
function toMonotonic(deadline: Date | number, clock: Clock): number {
  const wallMs = typeof deadline === 'number' ? deadline : deadline.getTime();
  return wallMs === Number.POSITIVE_INFINITY
    ? wallMs
    : clock.monotonicMs() + (wallMs - clock.nowMs());
}

function toMetadata(entries: ResponseMetadata): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of entries) {
    metadata.set(name, value);
  }
  return metadata;
}

function createCredentials(options: GrpcServerOptions, files: TlsFiles): ReloadingCredentials {
  return new ReloadingCredentials({
    files,
    reloadIntervalMs: options.reloadIntervalMs,
    handshakeTimeoutMs: options.limits.handshakeTimeoutMs,
    metrics: options.metrics,
    clock: options.clock,
    logger: options.logger,
  });
}

function listen(listener: NetServer, options: GrpcServerOptions): Promise<void> {
  const { host, port, sharesPort = false } = options;
  return new Promise((resolve, reject) => {
    listener.once('error', (error) => reject(describeListenError(error, host, port)));
    listener.listen({ host, port, reusePort: sharesPort }, resolve);
  });
}

/** What to do about a port that cannot be listened on. */
export function describeListenError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
): ConfigurationError {
  return new ConfigurationError(
    error.code === 'EADDRINUSE'
      ? `port ${port} on ${host} is in use: stop what uses it, or choose another with --grpc-port`
      : `cannot listen on ${host} port ${port} (--grpc-port): ${messageOf(error)}`,
    error,
  );
}

async function within(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
