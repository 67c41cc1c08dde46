/**
 * A small client of InNetworkPostsService: bytes out, bytes and decoded posts back. Its windows are
 * wide, because with HTTP/2's own 64 KB an answer of that size waits for the network once more.
 */
import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { ConfigurationError, DependencyError, type ThunderError } from '#runtime/errors.ts';
import { type AnsweredPost, decodePosts } from './answered-post.ts';
import { encodeQueryRequest, type QueryRequest } from './query-request.ts';

/** Certificates and keys as PEM. */
export interface QueryTls {
  /** Whom to trust; the system's own when absent. */
  readonly ca?: Buffer;
  /** Our certificate and its key, for mutual TLS: both or neither. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Name the server's certificate must carry, when it is not the host that is dialled. */
  readonly serverName?: string;
}

export interface QueryClientOptions {
  /** `host:port`, or any gRPC target; several addresses behind one name are used in turn. */
  readonly address: string;
  /** Plain when absent. */
  readonly tls?: QueryTls;
  /** Try once more, on another connection if there is one, when the node is unavailable. Default true. */
  readonly retryUnavailable?: boolean;
}

export interface QueryCallOptions {
  /** From now, both tries together. Default 5,000. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** What a node says about an answer (rules Q1, Q8, Q10); null where it says nothing. */
export interface AnswerMetadata {
  readonly stalenessMs: number | null;
  readonly node: string | null;
  readonly truncated: string | null;
  readonly partial: string | null;
}

export interface QueryResult {
  readonly posts: readonly AnsweredPost[];
  /** The encoded GetInNetworkPostsResponse. */
  readonly body: Buffer;
  readonly metadata: AnswerMetadata;
  /** 1, or 2 when the first try found the node unavailable. */
  readonly tries: number;
}

export interface QueryClient {
  /**
   * Rejects with ConfigurationError for a request that the node refuses as wrong, and with
   * DependencyError (code `GRPC_UNAVAILABLE`, `GRPC_RESOURCE_EXHAUSTED`, …) for everything else.
   */
  getInNetworkPosts(
    request: QueryRequest | Uint8Array,
    options?: QueryCallOptions,
  ): Promise<QueryResult>;
  /** Ends the connections once their calls are done. */
  close(): void;
}

export const getInNetworkPostsPath = '/thunder.v1.InNetworkPostsService/GetInNetworkPosts';

const defaultDeadlineMs = 5_000;
/** Answers have at most 5,000 posts of at most 96 bytes; a node may be configured for more. */
const answerBytesMax = 64 * 1024 * 1024;
const requestBytesMax = 4 * 1024 * 1024;
const windowBytes = 4 * 1024 * 1024;
const sessionMemoryMegabytes = 64;
const reconnectMsMin = 100;
const reconnectMsMax = 2_000;

export function createQueryClient(options: QueryClientOptions): QueryClient {
  const client = new Client(options.address, credentialsOf(options.tls), {
    'grpc.max_receive_message_length': answerBytesMax,
    'grpc.max_send_message_length': requestBytesMax,
    'grpc-node.flow_control_window': windowBytes,
    'grpc-node.max_session_memory': sessionMemoryMegabytes,
    'grpc.initial_reconnect_backoff_ms': reconnectMsMin,
    'grpc.max_reconnect_backoff_ms': reconnectMsMax,
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // Connections of our own, so that closing this client closes them.
    'grpc.use_local_subchannel_pool': 1,
    ...(options.tls?.serverName === undefined
      ? {}
      : {
          'grpc.ssl_target_name_override': options.tls.serverName,
          'grpc.default_authority': options.tls.serverName,
        }),
  });
  const triesMax = (options.retryUnavailable ?? true) ? 2 : 1;
  return {
    async getInNetworkPosts(request, callOptions = {}) {
      const deadline = Date.now() + (callOptions.deadlineMs ?? defaultDeadlineMs);
      const bytes = toBuffer(request);
      let unavailable: unknown;
      for (let tries = 1; ; tries += 1) {
        try {
          const answer = await callOnce(client, bytes, deadline, tries > 1, callOptions.signal);
          return { ...answer, tries };
        } catch (error) {
          const again = tries < triesMax && isUnavailable(error) && Date.now() < deadline;
          // The second try waits for a connection: that none came says less than why the first failed.
          const isLate = isServiceError(error) && error.code === status.DEADLINE_EXCEEDED;
          if (!again) throw toQueryError((isLate && unavailable) || error, options.address);
          unavailable = error;
        }
      }
    },
    close: () => client.close(),
  };
}

function credentialsOf(tls: QueryTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new ConfigurationError('a TLS client certificate needs both its cert file and key file');
  }
  return credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null);
}

function callOnce(
  client: Client,
  request: Buffer,
  deadline: number,
  waitForReady: boolean,
  signal: AbortSignal | undefined,
): Promise<Omit<QueryResult, 'tries'>> {
  return new Promise((resolve, reject) => {
    let initial = new Metadata();
    const call = client.makeUnaryRequest(
      getInNetworkPostsPath,
      (value: Buffer) => value,
      (value: Buffer) => value,
      request,
      // After a failure: wait for a connection rather than fail again on the broken one.
      new Metadata({ waitForReady }),
      { deadline },
      (error, body) => {
        signal?.removeEventListener('abort', cancel);
        if (error !== null) {
          reject(error);
          return;
        }
        const posts = body === undefined ? [] : decodePosts(body);
        if (posts === null) reject(malformedAnswer());
        else resolve({ posts, body: body ?? Buffer.alloc(0), metadata: toAnswerMetadata(initial) });
      },
    );
    const cancel = (): void => call.cancel();
    call.on('metadata', (metadata: Metadata) => {
      initial = metadata;
    });
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
  });
}

function toAnswerMetadata(metadata: Metadata): AnswerMetadata {
  const text = (name: string): string | null => {
    const [value] = metadata.get(name);
    return value === undefined ? null : value.toString();
  };
  const staleness = text('x-thunder-staleness-ms');
  return {
    stalenessMs: staleness !== null && /^\d+$/.test(staleness) ? Number(staleness) : null,
    node: text('x-thunder-node'),
    truncated: text('x-thunder-truncated'),
    partial: text('x-thunder-partial'),
  };
}

function toBuffer(request: QueryRequest | Uint8Array): Buffer {
  if (!(request instanceof Uint8Array)) return encodeQueryRequest(request);
  return Buffer.from(request.buffer, request.byteOffset, request.byteLength);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

function isUnavailable(error: unknown): boolean {
  return isServiceError(error) && error.code === status.UNAVAILABLE;
}

function malformedAnswer(): DependencyError {
  return new DependencyError('the answer is not a GetInNetworkPostsResponse', {
    code: 'GRPC_MALFORMED_ANSWER',
    retry: 'never',
  });
}

function toQueryError(error: unknown, address: string): ThunderError {
  if (error instanceof DependencyError) return error;
  if (!isServiceError(error)) {
    return new DependencyError(`query to ${address} failed: ${String(error)}`, {
      code: 'GRPC_UNKNOWN',
      retry: 'never',
      cause: error,
    });
  }
  const name = status[error.code] ?? String(error.code);
  const noConnection = noConnectionReason(error.details);
  const message =
    noConnection === null
      ? `query to ${address}: ${name}: ${error.details}`
      : `no connection to ${address} (${noConnection}): is a node listening there, and with the same TLS settings?`;
  if (error.code === status.INVALID_ARGUMENT) return new ConfigurationError(message, error);
  const passing = [status.UNAVAILABLE, status.RESOURCE_EXHAUSTED, status.DEADLINE_EXCEEDED];
  return new DependencyError(message, {
    code: `GRPC_${name}`,
    retry: passing.includes(error.code) ? 'backoff' : 'never',
    cause: error,
  });
}

/** What the system said, from between grpc-js's own words; null when it is not about connecting. */
function noConnectionReason(details: string): string | null {
  const opening = 'No connection established. Last error: ';
  if (!details.includes(opening)) return null;
  const reason = details.slice(details.lastIndexOf(opening) + opening.length);
  return reason.replace(/\.?\s*Resolution note:[^]*$/, '').replace(/^Error: /, '');
}
