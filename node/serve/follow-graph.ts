/**
 * The follow graph over HTTP (Q7): who does this user follow? Bounded in time, tries, bytes and
 * connections; a failure is a reason, never an empty list.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '#runtime/clock.ts';
import { ConfigurationError, messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import {
  followGraphAnswerBytesMax,
  followGraphAttemptsMax,
  followGraphBackoffMs,
  followGraphConnectionsMax,
  followGraphIdleMs,
  followGraphIdsMax,
  followGraphRetryTokensMax,
  followGraphRetryTokensPerFetch,
  secretFileBytesMax,
} from '../limits.ts';
import type { ServingMetrics } from '../metrics.ts';
import { FileWatch, readNamedFile } from './file-watch.ts';
import { parseFollowing } from './follow-graph-answer.ts';
import { loadTlsMaterial, type TlsFiles } from './tls-material.ts';

/** `strato`: POST of a JSON key, answer `{"v": […]}`. `rest`: GET, answer a JSON array. */
export type FollowGraphApi = 'strato' | 'rest';

export interface FollowGraphOptions {
  /** `http://` or `https://`, without credentials; a path is kept as a prefix. */
  readonly baseUrl: string;
  readonly api: FollowGraphApi;
  /** Milliseconds for one fetch, retries and pauses included. */
  readonly timeoutMs: number;
  /** A file with a bearer token, read again when it changes. */
  readonly tokenFile: string | null;
  /** Client certificate and key (mTLS), and whom to trust instead of the system's authorities. */
  readonly tls: Partial<TlsFiles>;
  /** Milliseconds between looks at the files. */
  readonly reloadIntervalMs: number;
  readonly metrics: Pick<
    ServingMetrics,
    | 'stratoRequests'
    | 'stratoSeconds'
    | 'followGraphOutcomes'
    | 'followGraphRetries'
    | 'certificateReloads'
    | 'certificateExpiry'
  >;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0..1, for the pauses between attempts. */
  readonly random: () => number;
}

export type FollowingResult =
  | { readonly kind: 'found'; readonly ids: readonly bigint[] }
  /** One sentence without secrets. */
  | { readonly kind: 'failed'; readonly reason: string };

/** What one attempt came to. */
type Attempt = FollowingResult | { readonly kind: 'retry'; readonly reason: string };

/** What the files hold; replaced whole when they change. */
interface Secrets {
  readonly agent: HttpAgent | HttpsAgent;
  readonly authorization: string | null;
}

export class FollowGraph {
  readonly #options: FollowGraphOptions;
  readonly #base: URL;
  readonly #watch: FileWatch;
  #secrets: Secrets;
  #retryTokens = followGraphRetryTokensMax;

  /** Throws ConfigurationError for a bad URL or files that cannot be used. */
  constructor(options: FollowGraphOptions) {
    this.#options = options;
    this.#base = parseBaseUrl(options.baseUrl);
    const { caFile, certFile, keyFile } = options.tls;
    this.#watch = new FileWatch({
      paths: [options.tokenFile, caFile, certFile, keyFile].filter(
        (path) => path !== null && path !== undefined,
      ),
      intervalMs: options.reloadIntervalMs,
      onChange: () => this.#reload(),
    });
    try {
      this.#secrets = this.#load();
    } catch (error) {
      this.#watch.stop();
      throw error;
    }
  }

  /**
   * The accounts a user follows; empty when the graph does not know the user. `deadlineMs` is on the
   * clock's monotonic time. Never rejects; an aborted signal ends it at once.
   */
  async following(
    userId: bigint,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<FollowingResult> {
    const { clock, metrics, timeoutMs } = this.#options;
    const startedMs = clock.monotonicMs();
    const leftMs = Math.min(timeoutMs, deadlineMs - startedMs);
    metrics.stratoRequests.value += 1;
    const result = await this.#withRetries(userId, leftMs, signal);
    metrics.stratoSeconds.observe((clock.monotonicMs() - startedMs) / 1000);
    metrics.followGraphOutcomes.add(1, outcomeOf(result, signal));
    return result;
  }

  /** Looks at the files now. */
  check(): void {
    this.#watch.check();
  }

  /** Stops watching and closes idle connections. Idempotent. */
  close(): void {
    this.#watch.stop();
    this.#secrets.agent.destroy();
  }

  async #withRetries(
    userId: bigint,
    leftMs: number,
    signal: AbortSignal,
  ): Promise<FollowingResult> {
    if (leftMs <= 0) {
      return { kind: 'failed', reason: 'no time was left to ask the follow graph' };
    }
    // One timer for the whole fetch: attempts and pauses end with it.
    const timeout = AbortSignal.timeout(Math.ceil(leftMs));
    const ending = AbortSignal.any([signal, timeout]);
    this.#retryTokens = Math.min(
      followGraphRetryTokensMax,
      this.#retryTokens + followGraphRetryTokensPerFetch,
    );
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#attempt(userId, ending);
      if (signal.aborted) {
        return { kind: 'failed', reason: 'the call was cancelled' };
      }
      if (timeout.aborted && result.kind !== 'found') {
        return {
          kind: 'failed',
          reason: `the follow graph did not answer within ${Math.ceil(leftMs)} ms`,
        };
      }
      if (result.kind !== 'retry') {
        return result;
      }
      if (attempt >= followGraphAttemptsMax || this.#retryTokens < 1) {
        return { kind: 'failed', reason: result.reason };
      }
      this.#retryTokens -= 1;
      this.#options.metrics.followGraphRetries.value += 1;
      await pause(followGraphBackoffMs * 2 ** (attempt - 1) * this.#options.random(), ending);
    }
  }

  #attempt(userId: bigint, signal: AbortSignal): Promise<Attempt> {
    const { api } = this.#options;
    const { agent, authorization } = this.#secrets;
    const body = api === 'strato' ? `[${userId},{"limit":${followGraphIdsMax}}]` : null;
    const url = new URL(this.#base);
    if (api === 'strato') {
      url.pathname += 'op/fetch/socialgraph/serviceV2/followingInternal.User';
    } else {
      url.pathname += `following/${userId}`;
      url.search = `?limit=${followGraphIdsMax}`;
    }
    return new Promise((resolve) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = send(url, {
        method: body === null ? 'GET' : 'POST',
        agent,
        signal,
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          ...(body === null
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...(authorization === null ? {} : { authorization }),
        },
      });
      request.on('error', (error) => {
        resolve({
          kind: 'retry',
          reason: `the follow graph cannot be reached: ${reasonOf(error)}`,
        });
      });
      request.on('response', (response) => {
        void readAnswer(response, api).then(resolve);
      });
      request.end(body ?? undefined);
    });
  }

  #load(): Secrets {
    const { tokenFile, tls, metrics } = this.#options;
    const authorization = tokenFile === null ? null : `Bearer ${readToken(tokenFile)}`;
    const pooling = {
      keepAlive: true,
      maxSockets: followGraphConnectionsMax,
      timeout: followGraphIdleMs,
    };
    if (this.#base.protocol === 'http:') {
      return { authorization, agent: new HttpAgent(pooling) };
    }
    const material = loadTlsMaterial(tls);
    if (material.expiresAtMs !== null) {
      metrics.certificateExpiry.set(material.expiresAtMs / 1000, 'follow_graph');
    }
    return { authorization, agent: new HttpsAgent({ ...pooling, ...material.context }) };
  }

  #reload(): void {
    const { logger, metrics } = this.#options;
    try {
      const previous = this.#secrets;
      this.#secrets = this.#load();
      retire(previous.agent);
      metrics.certificateReloads.add(1, 'follow_graph', 'loaded');
      logger.info('follow graph credentials reloaded');
    } catch (error) {
      metrics.certificateReloads.add(1, 'follow_graph', 'refused');
      logger.error(
        { error: messageOf(error) },
        'follow graph credentials not reloaded, those in use stay',
      );
    }
  }
}

function parseBaseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ConfigurationError(
      'the follow graph needs a URL that begins with http:// or https://',
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigurationError(
      `the follow graph's URL (host ${url.host}) must not carry credentials, a query or a fragment`,
    );
  }
  if (!url.pathname.endsWith('/')) {
    url.pathname += '/';
  }
  return url;
}

function readToken(file: string): string {
  const token = readNamedFile(file, secretFileBytesMax).toString('utf8').trim();
  // What a header can carry; the token itself is never shown.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new ConfigurationError(`${file} holds no token: one line of printable ASCII is expected`);
  }
  return token;
}

/** Reads a bounded answer; what a second try can cure is `retry`. */
async function readAnswer(response: IncomingMessage, api: FollowGraphApi): Promise<Attempt> {
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.resume();
    const reason = `the follow graph answered HTTP ${status}`;
    return { kind: status === 429 || status >= 500 ? 'retry' : 'failed', reason };
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > followGraphAnswerBytesMax) {
        response.destroy();
        return {
          kind: 'failed',
          reason: `the follow graph's answer is larger than ${followGraphAnswerBytesMax} bytes`,
        };
      }
      chunks.push(chunk);
    }
  } catch (error) {
    return { kind: 'retry', reason: `the follow graph's answer broke off: ${reasonOf(error)}` };
  }
  const ids = parseFollowing(Buffer.concat(chunks), api);
  return ids === null
    ? { kind: 'failed', reason: "the follow graph's answer is not a list of ids" }
    : { kind: 'found', ids };
}

/** A system error's code where there is one: its message may name more than a caller should see. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'connection failed';
}

function outcomeOf(result: FollowingResult, signal: AbortSignal): string {
  if (signal.aborted) {
    return 'cancelled';
  }
  if (result.kind === 'failed') {
    return 'failed';
  }
  return result.ids.length === 0 ? 'empty' : 'found';
}

/** Closes what is idle; connections in use finish, and then leave by their idle time. */
function retire(agent: HttpAgent | HttpsAgent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) {
    socket?.destroy();
  }
}

/** Ends early, and without complaint, when the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
