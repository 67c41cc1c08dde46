/**
 * HTTP to the API server: one pool of connections for requests and one for watches, deadlines,
 * bounded bodies, credentials that are renewed. Knows nothing of Kubernetes objects.
 */
import {
  type AgentOptions,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Access, Credentials } from './access.ts';
import { KubeError } from './errors.ts';
import { failureToError, refusalToError } from './http-errors.ts';
import {
  answerBytesMax,
  credentialsAgeMsMax,
  idleSocketMs,
  requestSocketsMax,
  watchSocketsMax,
} from './limits.ts';
import type { KubeMetrics } from './metrics.ts';
import type { Clock } from './ports.ts';

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query, ready for the wire. */
  readonly path: string;
  /** How errors call it. */
  readonly what: string;
  readonly body?: { readonly contentType: string; readonly text: string } | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called when the connection is there, right before the first byte is sent; may throw. */
  readonly beforeSend?: (() => void) | undefined;
}

export interface Transport {
  /** The body of a 2xx answer; anything else is thrown as a KubeError. */
  request(call: HttpCall): Promise<string>;
  /**
   * The stream of a 2xx answer, to be read or destroyed. `timeoutMs` bounds its whole life: then,
   * or when the signal aborts, reading it throws.
   */
  stream(call: HttpCall): Promise<IncomingMessage>;
  close(): void;
}

export interface TransportOptions {
  readonly access: Access;
  readonly clock: Clock;
  readonly metrics: KubeMetrics;
  /** As the server's audit log will name us: `my-operator/1.2.3`. */
  readonly userAgent: string;
  /** Longest answer of a request; default 64 MiB. */
  readonly answerBytesMax?: number | undefined;
  /** Warnings of the server: deprecated versions, unknown fields. */
  readonly onWarning?: ((warning: string, what: string) => void) | undefined;
}

type Pools = {
  readonly requests: HttpAgent;
  readonly watches: HttpAgent;
  readonly tlsHash: string;
};

export function createTransport(options: TransportOptions): Transport {
  return new NodeTransport(options);
}

class NodeTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #server: URL;
  #pools: Pools | undefined;
  #credentials: { readonly value: Promise<Credentials>; readonly readAtMs: number } | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#server = new URL(options.access.server);
  }

  async request(call: HttpCall): Promise<string> {
    const { clock, metrics } = this.#options;
    const startedMs = clock.monotonicMs();
    const life = new CallLife(call, clock);
    try {
      const response = await this.#send(call, life, 'requests');
      return await readBody(response, call.what, this.#options.answerBytesMax);
    } catch (error) {
      throw life.errorFor(error);
    } finally {
      life.end();
      const seconds = (clock.monotonicMs() - startedMs) / 1000;
      metrics.requestSeconds.observe(seconds, call.method, this.#server.host);
    }
  }

  async stream(call: HttpCall): Promise<IncomingMessage> {
    const life = new CallLife(call, this.#options.clock);
    try {
      const response = await this.#send(call, life, 'watches');
      response.once('close', () => life.end());
      return response;
    } catch (error) {
      life.end();
      throw life.errorFor(error);
    }
  }

  close(): void {
    this.#pools?.requests.destroy();
    this.#pools?.watches.destroy();
    this.#pools = undefined;
  }

  /** Resolves with a 2xx answer whose body is still to come. */
  async #send(call: HttpCall, life: CallLife, pool: 'requests' | 'watches') {
    const { metrics, onWarning } = this.#options;
    const credentials = await life.orEnd(this.#currentCredentials());
    const response = await life
      .orEnd(this.#beginAgainIfStale(call, credentials, life, pool))
      .catch((error: unknown) => {
        const { code } = failureToError(call.what, error);
        metrics.requests.add(1, code, call.method, this.#server.host);
        throw error;
      });
    const status = response.statusCode ?? 0;
    metrics.requests.add(1, String(status), call.method, this.#server.host);
    for (const warning of [response.headers['warning'] ?? []].flat()) {
      onWarning?.(warning, call.what);
    }
    if (status >= 200 && status < 300) return response;
    if (status === 401) this.#credentials = undefined;
    const retryAfter = response.headers['retry-after'];
    throw refusalToError(call.what, {
      status,
      retryAfter,
      body: await readBody(response, call.what),
    });
  }

  /** A read may meet a connection that the server closed while it was idle: once more, on another. */
  async #beginAgainIfStale(
    call: HttpCall,
    credentials: Credentials,
    life: CallLife,
    pool: 'requests' | 'watches',
  ): Promise<IncomingMessage> {
    const first = this.#begin(call, credentials, life, pool);
    try {
      return await first.response;
    } catch (error) {
      if (call.method !== 'GET' || !first.isReused() || life.isOver) throw error;
      return this.#begin(call, credentials, life, pool).response;
    }
  }

  #begin(call: HttpCall, credentials: Credentials, life: CallLife, pool: 'requests' | 'watches') {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const send = this.#server.protocol === 'http:' ? httpRequest : httpsRequest;
    const request = send({
      host: this.#server.hostname.replace(/^\[|\]$/g, ''),
      port: this.#server.port,
      path: this.#server.pathname.replace(/\/$/, '') + call.path,
      method: call.method,
      agent: credentials.proxyAgent ?? this.#poolsFor(credentials)[pool],
      headers: {
        ...credentials.headers,
        Accept: 'application/json',
        'User-Agent': this.#options.userAgent,
        ...(call.body === undefined
          ? {}
          : {
              'Content-Type': call.body.contentType,
              'Content-Length': Buffer.byteLength(call.body.text),
            }),
      },
    });
    life.onEnd((error) => request.destroy(error));
    request.once('response', (response) => {
      // From here on errors are the reader's; without a listener one would end the process.
      response.on('error', ignored);
      life.onEnd((error) => response.destroy(error));
      resolve(response);
    });
    // Not once: a destroyed request may say so again.
    request.on('error', reject);
    request.once('socket', (socket) =>
      whenConnected(socket, () => {
        if (request.destroyed) return;
        try {
          call.beforeSend?.();
          request.end(call.body?.text);
        } catch (error) {
          request.destroy(error instanceof Error ? error : new Error(String(error)));
        }
      }),
    );
    return { response: promise, isReused: () => request.reusedSocket };
  }

  #currentCredentials(): Promise<Credentials> {
    const nowMs = this.#options.clock.monotonicMs();
    if (
      this.#credentials === undefined ||
      nowMs - this.#credentials.readAtMs > credentialsAgeMsMax
    ) {
      const value = this.#options.access.credentials();
      const read = { value, readAtMs: nowMs };
      this.#credentials = read;
      value.catch(() => {
        if (this.#credentials === read) this.#credentials = undefined;
      });
    }
    return this.#credentials.value;
  }

  /** New TLS material means new connections; the old ones end when they fall idle. */
  #poolsFor({ tls, tlsHash }: Credentials): Pools {
    if (this.#pools?.tlsHash === tlsHash) return this.#pools;
    const make = (maxSockets: number): HttpAgent => {
      const options: AgentOptions = {
        keepAlive: true,
        maxSockets,
        timeout: idleSocketMs,
        scheduling: 'lifo',
      };
      return this.#server.protocol === 'http:'
        ? new HttpAgent(options)
        : new HttpsAgent({ ...options, ...definedOnly(tls) });
    };
    this.#pools = { requests: make(requestSocketsMax), watches: make(watchSocketsMax), tlsHash };
    return this.#pools;
  }
}

/** The deadline and the caller's signal of one call, and what they do to it. */
class CallLife {
  readonly #call: HttpCall;
  readonly #cancelTimer: () => void;
  readonly #onAbort: () => void;
  readonly #ended = Promise.withResolvers<never>();
  #cut: KubeError | undefined;
  #destroy: ((error: KubeError) => void) | undefined;

  constructor(call: HttpCall, clock: Clock) {
    this.#call = call;
    this.#ended.promise.catch(ignored);
    this.#cancelTimer = clock.setTimer(call.timeoutMs, () => {
      const message = `${call.what}: no complete answer within ${Math.round(call.timeoutMs)} ms`;
      this.#cutWith(new KubeError('TIMEOUT', message));
    });
    this.#onAbort = () => {
      const cause = call.signal?.reason;
      this.#cutWith(new KubeError('ABORTED', `${call.what}: given up`, { cause }));
    };
    if (call.signal?.aborted === true) this.#onAbort();
    else call.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The promise, or the error that cut the call short. */
  orEnd<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#ended.promise]);
  }

  onEnd(destroy: (error: KubeError) => void): void {
    this.#destroy = destroy;
    if (this.#cut !== undefined) destroy(this.#cut);
  }

  errorFor(error: unknown): KubeError {
    return this.#cut ?? failureToError(this.#call.what, error);
  }

  get isOver(): boolean {
    return this.#cut !== undefined;
  }

  end(): void {
    this.#cancelTimer();
    this.#call.signal?.removeEventListener('abort', this.#onAbort);
  }

  #cutWith(error: KubeError): void {
    this.end();
    this.#cut ??= error;
    this.#ended.reject(this.#cut);
    this.#destroy?.(this.#cut);
  }
}

async function readBody(
  response: IncomingMessage,
  what: string,
  bytesMax = answerBytesMax,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      response.destroy();
      throw new KubeError('ANSWER_TOO_LARGE', `${what}: the answer exceeds ${bytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function whenConnected(socket: Socket, then: () => void): void {
  const isTls = socket instanceof TLSSocket;
  // secureConnecting is there since Node 8 and in no type definition.
  const connecting =
    socket.connecting ||
    (isTls && 'secureConnecting' in socket && socket.secureConnecting === true);
  if (connecting) socket.once(isTls ? 'secureConnect' : 'connect', then);
  else then();
}

function definedOnly<T extends object>(object: T): { [K in keyof T]-?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]-?: Exclude<T[K], undefined>;
  };
}

function ignored(): void {}
