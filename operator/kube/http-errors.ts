/** What the server's refusals and the network's failures mean: the one place that decides. */
import { KubeError, type KubeErrorCode, type StatusCause } from './errors.ts';

/** Of a refusal that is no Status, this much is repeated in the message. */
const quotedCharsMax = 200;
/** No server may send us away for longer than this; a mistaken header must not stop an operator. */
export const retryAfterMsMax = 300_000;

interface Status {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly StatusCause[];
  };
}

export interface Refusal {
  readonly status: number;
  /** The value of the Retry-After header, in seconds. */
  readonly retryAfter?: string | undefined;
  readonly body: string;
}

/** For an answer that is not 2xx. `what` is the request in words: `PATCH …/deployments/web`. */
export function refusalToError(what: string, refusal: Refusal): KubeError {
  const status = parseStatus(refusal.body);
  const said = status?.message ?? refusal.body.trim().slice(0, quotedCharsMax);
  return statusToError(what, { ...status, code: refusal.status, message: said }, refusal);
}

/** For a Status that arrives inside a watch. */
export function streamedStatusToError(what: string, object: unknown): KubeError {
  const status: Status = isStatus(object) ? object : {};
  return statusToError(what, { ...status, code: status.code ?? 500 });
}

function statusToError(what: string, status: Status, refusal?: Refusal): KubeError {
  const causes = status.details?.causes ?? [];
  const code = codeOf(status.code ?? 500, status.reason, causes);
  const seconds = Number(refusal?.retryAfter ?? status.details?.retryAfterSeconds);
  const message = `${what}: ${status.code} ${status.reason ?? ''} ${status.message ?? ''}`;
  return new KubeError(code, message.replace(/\s+/g, ' ').trim(), {
    status: status.code,
    reason: status.reason,
    causes,
    ...(seconds > 0 ? { retryAfterMs: Math.min(seconds * 1000, retryAfterMsMax) } : {}),
  });
}

function codeOf(
  status: number,
  reason: string | undefined,
  causes: readonly StatusCause[],
): KubeErrorCode {
  switch (status) {
    case 401:
      return 'UNAUTHORIZED';
    case 403:
      return causes.some((cause) => cause.reason === 'NamespaceTerminating')
        ? 'NAMESPACE_TERMINATING'
        : 'FORBIDDEN';
    case 404:
      return 'NOT_FOUND';
    case 409:
      if (causes.some((cause) => cause.reason === 'FieldManagerConflict')) return 'APPLY_CONFLICT';
      return reason === 'AlreadyExists' ? 'ALREADY_EXISTS' : 'CONFLICT';
    case 410:
      return 'GONE';
    case 413:
      return 'TOO_LARGE_FOR_SERVER';
    case 422:
      return 'INVALID';
    case 429:
      return 'TOO_MANY_REQUESTS';
    default:
      return status >= 400 && status < 500 ? 'BAD_REQUEST' : 'SERVER';
  }
}

/** For anything that is thrown while a request or a stream is under way. */
export function failureToError(what: string, error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new KubeError('CONNECTION', `${what}: ${message || 'the connection broke'}`, {
    cause: error,
  });
}

/** Whether a 404 is about the object asked for, and not about its type: that one is plain text. */
export function isObjectMissing(error: unknown): boolean {
  return error instanceof KubeError && error.code === 'NOT_FOUND' && error.reason === 'NotFound';
}

function parseStatus(body: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isStatus(parsed) ? parsed : undefined;
  } catch {
    // Proxies and the server's own front door answer in plain text.
    return undefined;
  }
}

function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status';
}
