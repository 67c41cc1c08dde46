/**
 * A reverse proxy in front of the API server that goes wrong on request: refuses, delays, cuts, and
 * lets watches fall silent without closing them. It counts what passes.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as httpsRequest, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TestControlPlane } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { LocalControlPlane } from './local-control-plane.ts';

/** What a test decides by. */
export interface ProxiedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly userAgent: string;
  readonly isWatch: boolean;
  /** Anything but GET and HEAD. */
  readonly isWrite: boolean;
  /** When it came, by our monotonic clock. */
  readonly atMs: number;
  /** How many requests came before this one. */
  readonly index: number;
}

export type Fault =
  /** Answered here, as a Status; the server never sees it. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly reason?: string;
      readonly retryAfterSeconds?: number;
    }
  /** Reaches the server after this. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The server acts on it, and the answer is lost with the connection. */
  | { readonly kind: 'lose' }
  /** A watch is accepted here and ends in order at once. */
  | { readonly kind: 'end' }
  /** The connection is reset at once. */
  | { readonly kind: 'reset' }
  /** Nothing ever comes back. */
  | { readonly kind: 'hang' };

export interface FaultProxy {
  /** Like the control plane's own, but through here. */
  readonly kubeconfig: string;
  readonly server: string;
  /** Asked about every request; default: nothing goes wrong. */
  decide: (request: ProxiedRequest) => Fault | undefined;
  /** Everything that came, refused or not. */
  readonly requests: readonly ProxiedRequest[];
  /** For long runs: `requests` begins anew. */
  forgetRequests(): void;
  /** Watches whose client is still connected. */
  readonly openWatches: number;
  readonly openConnections: number;
  /** Open watches get nothing more, and are not closed; new ones work. */
  silenceWatches(): void;
  /** Open watches are reset. */
  cutWatches(): void;
  /** Open watches get this line, and go on. */
  injectIntoWatches(event: unknown): void;
  /** Every line of open and new watches comes twice. */
  duplicateEvents: boolean;
  /** Refuses connections and breaks the open ones, until `comeBack`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

/** Needs a control plane that was started here, for its certificate. */
export async function startFaultProxy(plane: TestControlPlane): Promise<FaultProxy> {
  const { local } = plane;
  if (local === undefined) throw new Error('a fault proxy needs a control plane of its own');
  const proxy = new ReverseProxy(local);
  await proxy.comeBack();
  return proxy;
}

interface OpenWatch {
  readonly response: ServerResponse;
  isSilent: boolean;
}

class ReverseProxy implements FaultProxy {
  decide: (request: ProxiedRequest) => Fault | undefined = () => undefined;
  duplicateEvents = false;
  readonly requests: ProxiedRequest[] = [];
  readonly #plane: LocalControlPlane;
  readonly #upstream: URL;
  readonly #agent: Agent;
  readonly #listener: Server;
  readonly #watches = new Set<OpenWatch>();
  /** Below TLS, by the client's port. */
  readonly #sockets = new Map<number | undefined, Socket>();
  #port = 0;

  constructor(plane: LocalControlPlane) {
    this.#plane = plane;
    this.#upstream = new URL(plane.server);
    this.#agent = new Agent({ ca: plane.certificate, keepAlive: true });
    // The server's own certificate names the loopback, and so us.
    const { certificate: cert, key } = plane;
    this.#listener = createServer({ cert, key }, (request, response) => {
      this.#onRequest(request, response);
    });
    this.#listener.on('connection', (socket: Socket) => {
      const { remotePort } = socket;
      this.#sockets.set(remotePort, socket);
      socket.once('close', () => this.#sockets.delete(remotePort));
    });
  }

  get server(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  get kubeconfig(): string {
    const { kubeconfig, certificateFile, token } = this.#plane;
    const file = `${kubeconfig}.proxy-${this.#port}`;
    return writeKubeconfig(file, { server: this.server, certificateFile, token });
  }

  forgetRequests(): void {
    this.requests.length = 0;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  silenceWatches(): void {
    for (const watch of this.#watches) watch.isSilent = true;
  }

  cutWatches(): void {
    for (const watch of this.#watches) this.#reset(watch.response);
  }

  injectIntoWatches(event: unknown): void {
    for (const watch of this.#watches) watch.response.write(`${JSON.stringify(event)}\n`);
  }

  async goAway(): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  async comeBack(): Promise<void> {
    this.#listener.listen(this.#port, '127.0.0.1');
    await once(this.#listener, 'listening');
    const address = this.#listener.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  async stop(): Promise<void> {
    if (this.#listener.listening) await this.goAway();
    this.#agent.destroy();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.#upstream);
    const method = request.method ?? 'GET';
    const seen: ProxiedRequest = {
      method,
      path: url.pathname,
      query: url.searchParams,
      userAgent: request.headers['user-agent'] ?? '',
      isWatch: url.searchParams.get('watch') === 'true',
      isWrite: method !== 'GET' && method !== 'HEAD',
      atMs: performance.now(),
      index: this.requests.length,
    };
    this.requests.push(seen);
    // A client that went away is nothing to end the test for.
    response.on('error', () => undefined);
    const fault = this.decide(seen);
    switch (fault?.kind) {
      case 'refuse':
        refuse(response, fault);
        break;
      case 'reset':
        this.#reset(response);
        break;
      case 'hang':
        break;
      case 'delay': {
        const timer = setTimeout(() => this.#forward(request, response, seen), fault.ms);
        response.once('close', () => clearTimeout(timer));
        break;
      }
      case 'end':
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end();
        break;
      case 'lose':
        this.#forward(request, response, seen, true);
        break;
      default:
        this.#forward(request, response, seen);
    }
  }

  #forward(
    request: IncomingMessage,
    response: ServerResponse,
    seen: ProxiedRequest,
    isLost = false,
  ): void {
    const { hostname, port } = this.#upstream;
    const { method, url, headers } = request;
    const options = { hostname, port, method, path: url, headers, agent: this.#agent };
    const upstream = httpsRequest(options);
    upstream.once('error', () => this.#reset(response));
    upstream.once('response', (answer) => {
      answer.on('error', () => response.destroy());
      if (isLost) {
        answer.resume();
        answer.once('end', () => this.#reset(response));
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (seen.isWatch) this.#pumpWatch(answer, response);
      else answer.pipe(response);
    });
    response.once('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  /** Of a TLS socket only the one below can be reset. */
  #reset(response: ServerResponse): void {
    this.#sockets.get(response.socket?.remotePort)?.resetAndDestroy();
  }

  #pumpWatch(answer: IncomingMessage, response: ServerResponse): void {
    const watch: OpenWatch = { response, isSilent: false };
    this.#watches.add(watch);
    response.once('close', () => this.#watches.delete(watch));
    response.flushHeaders();
    let half = '';
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      if (watch.isSilent) return;
      if (!this.duplicateEvents) {
        response.write(text);
        return;
      }
      const lines = (half + text).split('\n');
      half = lines.pop() ?? '';
      for (const line of lines) response.write(`${line}\n${line}\n`);
    });
    answer.once('end', () => {
      if (!watch.isSilent) response.end();
    });
  }
}

function refuse(
  response: ServerResponse,
  { status, reason, retryAfterSeconds }: Extract<Fault, { kind: 'refuse' }>,
): void {
  const body = {
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    code: status,
    reason: reason ?? (status === 409 ? 'Conflict' : status === 410 ? 'Expired' : 'InternalError'),
    message: 'injected by the fault proxy',
  };
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
  });
  response.end(JSON.stringify(body));
}
