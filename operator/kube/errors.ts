/**
 * What can go wrong between us and the API server, sorted by what helps. Everything the client,
 * the caches and the elector throw is a `KubeError`.
 */

/**
 * What to do about an error:
 * - `never`: the same request fails the same way; something has to change first.
 * - `backoff`: try again later, not before `retryAfterMs` if the server named a time.
 * - `reread`: somebody else was quicker; look at the object again and decide anew.
 * - `relist`: the server no longer knows the version we resume from; list and start over.
 */
export type KubeRetry = 'never' | 'backoff' | 'reread' | 'relist';

/** Every code, with what helps. */
export const kubeErrorCodes = {
  /** 400, 405, 406, 415: the request makes no sense to this server. */
  BAD_REQUEST: 'never',
  /** 401: the credentials are read anew before the next request. */
  UNAUTHORIZED: 'backoff',
  /** 403: a role is missing; it can be granted while we run. */
  FORBIDDEN: 'backoff',
  /** 403: nothing can be created in a namespace that is being deleted. */
  NAMESPACE_TERMINATING: 'never',
  /** 404 where the object, its type or its namespace had to be there. */
  NOT_FOUND: 'backoff',
  /** 409 on a create. */
  ALREADY_EXISTS: 'reread',
  /** 409: the object changed since it was read, or a precondition failed. */
  CONFLICT: 'reread',
  /** 409 on an apply without force: another manager owns a field; the message names both. */
  APPLY_CONFLICT: 'never',
  /** 410: the version is older than what the server remembers. */
  GONE: 'relist',
  /** 413: the object is larger than the server takes. */
  TOO_LARGE_FOR_SERVER: 'never',
  /** 422: refused by the schema, a rule or an admission webhook; the message names the fields. */
  INVALID: 'never',
  /** 429: the server asks for patience; an eviction refused by a disruption budget, too. */
  TOO_MANY_REQUESTS: 'backoff',
  /** 5xx. */
  SERVER: 'backoff',
  /** No connection, or one that broke. */
  CONNECTION: 'backoff',
  /** No complete answer within the request's deadline. */
  TIMEOUT: 'backoff',
  /** An answer that is longer than the client's bound. */
  ANSWER_TOO_LARGE: 'never',
  /** An answer that is not what the API promises: no JSON, another kind. */
  BAD_ANSWER: 'backoff',
  /** The caller's signal. */
  ABORTED: 'never',
  /** A write by a process that does not lead, or can no longer be sure that it does. */
  NOT_LEADER: 'never',
  /** Our own settings: no such context, an unreadable certificate. */
  CONFIGURATION: 'never',
} as const satisfies Record<string, KubeRetry>;

export type KubeErrorCode = keyof typeof kubeErrorCodes;

export interface KubeErrorOptions {
  /** HTTP status, when the server answered. */
  readonly status?: number | undefined;
  /** The server's own word: `NotFound`, `Conflict`, `Expired`, … */
  readonly reason?: string | undefined;
  /** The server asked not to come back before this. */
  readonly retryAfterMs?: number | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly cause?: unknown;
}

/** One field or rule that the server names. */
export interface StatusCause {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly field?: string | undefined;
}

export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  readonly retry: KubeRetry;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly StatusCause[];

  constructor(code: KubeErrorCode, message: string, options: KubeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = kubeErrorCodes[code];
    this.status = options.status;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
    this.causes = options.causes ?? [];
  }
}

/** Whether it is a KubeError with one of these codes. */
export function isKubeError(
  error: unknown,
  ...codes: readonly KubeErrorCode[]
): error is KubeError {
  return error instanceof KubeError && (codes.length === 0 || codes.includes(error.code));
}
