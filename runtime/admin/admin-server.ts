/**
 * The small HTTP server that every process of ours has, for kubelet, Prometheus, the operator and
 * people with curl. Read only. Everything about the role behind it comes from a provider.
 */
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { ConfigurationError, messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { createAdminApp } from './admin-app.ts';
import type { AdminProvider } from './admin-provider.ts';

/** Every bound of the admin server. */
export const adminLimits = {
  /** Open connections; more are closed on arrival. Idle ones go after `keepAliveMs`. */
  connectionsMax: 256,
  /** Request line and headers; more is answered with 431. */
  headerBytesMax: 8_192,
  /** From the connection's or request's begin to the end of its headers; then 408. */
  headersMs: 5_000,
  /** To the end of a whole request. */
  requestMs: 10_000,
  /** An idle connection between two requests. */
  keepAliveMs: 15_000,
  /** A socket on which nothing moves, for example a reader that does not read. */
  silenceMs: 30_000,
  /** How often those times are checked. */
  checkMs: 1_000,
  /** A provider's answer to `/status` or `/metrics`; then 503. */
  answerMs: 10_000,
  /** `close` lets answers under way finish for this long, then cuts them off. */
  closeMs: 2_000,
} as const;

export interface AdminServerOptions {
  readonly provider: AdminProvider;
  readonly logger: Logger;
  /** `0.0.0.0` for all of IPv4, `::` for both, `127.0.0.1` for this machine only. */
  readonly host: string;
  /** 0 takes any free port; see `AdminServer.port`. */
  readonly port: number;
  /** Named when the port cannot be used; default `--http-port`. */
  readonly portFlag?: string;
  /** For tests. */
  readonly limits?: Partial<{ readonly [K in keyof typeof adminLimits]: number }>;
}

export interface AdminServer {
  readonly host: string;
  /** The port that is really in use. */
  readonly port: number;
  /** Stops listening and ends every connection within `adminLimits.closeMs`. Idempotent. */
  close(): Promise<void>;
}

/** Listens; throws ConfigurationError when the host and port cannot be used. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { provider, logger, host, port } = options;
  const limits = { ...adminLimits, ...options.limits };
  const app = createAdminApp({ provider, logger, answerMs: limits.answerMs });
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkMs,
    },
    (request, response) => {
      // Nothing here reads a body; a connection that carries one is not kept.
      if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding']) {
        response.shouldKeepAlive = false;
      }
      void answer(request, response);
    },
  );
  server.maxConnections = limits.connectionsMax;
  server.timeout = limits.silenceMs;
  await listen(server, options);
  server.on('error', (error) => {
    logger.error({ err: error }, 'admin server error');
  });
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  logger.info({ host, port: boundPort }, 'admin server listening');

  let closing: Promise<void> | undefined;
  return {
    host,
    port: boundPort,
    close() {
      closing ??= closeServer(server, limits.closeMs);
      return closing;
    },
  };
}

async function listen(server: Server, options: AdminServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host: options.host, port: options.port }, resolve);
  try {
    await promise;
  } catch (error) {
    throw new ConfigurationError(describeListenError(error, options), error);
  }
  server.off('error', reject);
}

function describeListenError(error: unknown, options: AdminServerOptions): string {
  const { host, port, portFlag = '--http-port' } = options;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is already in use: stop what uses it, or choose another with ${portFlag}`;
    case 'EACCES':
      return `port ${port} on ${host} needs privileges that this process does not have: choose one above 1023 with ${portFlag}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `this machine has no address ${host} to listen on (port ${port}, ${portFlag})`;
    default:
      return `cannot listen on ${host} port ${port} (${portFlag}): ${messageOf(error)}`;
  }
}

async function closeServer(server: Server, closeMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => {
    resolve();
  });
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, closeMs);
  await promise;
  clearTimeout(cut);
}
