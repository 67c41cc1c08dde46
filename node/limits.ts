/**
 * The named bounds of a node's gRPC side, with the sums that justify them.
 *
 * Answers: Admission (Q9) bounds what waits to be sent, since each answer holds a unit of
 * `--max-concurrent-requests` at least and leaves or is dropped within `sendMsMax`. By default that is
 * 2,000 answers of 480 KB (5,000 posts of 96 bytes) or 960 MB at the very worst, 170 MB with 1,200
 * posts of 70 bytes.
 *
 * Requests: one that has not arrived whole is not admitted yet. A connection can hold 100 of 1 MiB,
 * and there is no tighter sum over 1,024 connections: whoever may open connections must be trusted
 * that far, which is what mTLS and network policies are for.
 */

/** Bounds of the gRPC transport. */
export interface GrpcLimits {
  /**
   * Bytes of one request, before and after inflating: two lists of `idsPerListMax` ids of ten bytes
   * fit. Beyond: RESOURCE_EXHAUSTED.
   */
  readonly requestBytesMax: number;
  /** Calls open at once on a connection; the client queues more. */
  readonly streamsPerConnectionMax: number;
  /**
   * Megabytes a connection may hold in HTTP/2 state and unsent answers: 100 answers of 480 KB are
   * 48 MB. Beyond, new calls of that connection are refused. It keeps one connection from using up
   * what all may; for all of them together the bound is admission's.
   */
  readonly sessionMegabytesMax: number;
  /**
   * Q9: an answer that a client has not taken after this long is thrown away: the call is reset
   * and its units come back. At 10 s the largest answer of 5,000 posts, 480 KB, needs 48 KB/s.
   */
  readonly sendMsMax: number;
  /** Connections at once, one or two for each client process; more are closed as they arrive. */
  readonly connectionsMax: number;
  /** A connection is asked to leave after this long, so that clients spread over new nodes. */
  readonly connectionAgeMs: number;
  /** After which it is closed. */
  readonly connectionAgeGraceMs: number;
  /** A silent connection is pinged after this long… */
  readonly keepaliveMs: number;
  /** …and closed when the answer takes longer than this. */
  readonly keepaliveTimeoutMs: number;
  /** A TLS handshake that takes longer is given up. */
  readonly handshakeTimeoutMs: number;
}

export const defaultGrpcLimits: GrpcLimits = {
  requestBytesMax: 1 << 20,
  streamsPerConnectionMax: 100,
  sessionMegabytesMax: 64,
  sendMsMax: 10_000,
  connectionsMax: 1_024,
  connectionAgeMs: 5 * 60_000,
  connectionAgeGraceMs: 30_000,
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 20_000,
  handshakeTimeoutMs: 10_000,
};

/**
 * Ids in a list of a request, five times what Q1 looks at: up to here a caller that sends too many
 * is told how many were used, beyond it the request is INVALID_ARGUMENT. Bytes bound ids badly (a
 * MiB holds a million of one byte), and telling duplicates apart costs 0.4 us an id of the only thread.
 */
export const idsPerListMax = 50_000;

/** Q9: ids that make one unit of cost. */
export const idsPerCostUnit = 100;

/** Q9: part of the units in flight that one request may take from all others, however heavy. */
export const unitsShareMax = 1 / 4;

/**
 * Q8: kept back from a caller's own deadline for encoding and sending, so that a partial answer
 * still arrives in time. Never more than half of what is left.
 */
export const answerReserveMs = 5;

/** Bytes of a status message: it travels in a header, and clients cap headers at 8 KB. */
export const statusMessageCharactersMax = 1_000;

/** Q7: bytes of a follow-graph answer: 10,000 ids of 20 digits, quoted, are 230 KB. */
export const followGraphAnswerBytesMax = 1 << 20;

/** Q7: accounts asked of the follow graph, as many as a query looks at. */
export const followGraphIdsMax = 10_000;

/** Q7: connections to the follow graph; further requests wait for one, within their deadline. */
export const followGraphConnectionsMax = 64;

/** Q7: an idle connection to the follow graph is closed after this long. */
export const followGraphIdleMs = 60_000;

/** Q7: attempts of one fetch, the first included. */
export const followGraphAttemptsMax = 3;

/** Q7: retries that may be spent at once when the follow graph fails; each costs one token… */
export const followGraphRetryTokensMax = 10;

/** …and each fetch earns this much, so that in the long run at most a tenth are retries. */
export const followGraphRetryTokensPerFetch = 0.1;

/** Q7: first pause before a retry; doubles, and the pause taken is random below it. */
export const followGraphBackoffMs = 25;

/** Bytes of a `--blocked-authors` file: a million ids of 20 digits are 21 MB. */
export const blockedAuthorsBytesMax = 32 << 20;

/** Bad lines of a `--blocked-authors` file that are named in one report. */
export const blockedAuthorsProblemsMax = 10;

/** Bytes of a certificate, key or token file. */
export const secretFileBytesMax = 1 << 20;
