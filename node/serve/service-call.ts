/**
 * The port between a transport and the service: bytes and a deadline in, bytes and metadata out.
 * What knows gRPC, HTTP/2 or sockets stays on the other side of it.
 */

/** Names of gRPC's status codes; the transport knows their numbers. */
export type ServiceCode =
  | 'OK'
  | 'CANCELLED'
  | 'INVALID_ARGUMENT'
  | 'RESOURCE_EXHAUSTED'
  | 'INTERNAL'
  | 'UNAVAILABLE';

/** What a transport tells about a call. */
export interface ServiceCall {
  /** On the clock's monotonic time: when the caller stops waiting. Infinity when it never does. */
  readonly deadlineMs: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Lower-case names, ASCII values. */
export type ResponseMetadata = readonly (readonly [name: string, value: string])[];

export interface ServiceAnswer {
  readonly code: 'OK';
  /**
   * An encoded response. When `handle` returned it without a promise it is only valid until the
   * next call of `handle`: send or copy it at once.
   */
  readonly body: Uint8Array;
  readonly metadata: ResponseMetadata;
  /**
   * To be called when the answer has left or the call is gone, whichever is first: until then the
   * request counts as in flight (Q9), so that slow readers cannot pile up answers. Idempotent.
   */
  readonly release: () => void;
}

export interface ServiceRefusal {
  readonly code: Exclude<ServiceCode, 'OK'>;
  /** One sentence for the caller; never a secret, never more than a status header holds. */
  readonly message: string;
  readonly metadata: ResponseMetadata;
}

export type ServiceReply = ServiceAnswer | ServiceRefusal;

/** Never throws and never rejects. */
export interface CallHandler {
  handle(request: Uint8Array, call: ServiceCall): ServiceReply | Promise<ServiceReply>;
}
