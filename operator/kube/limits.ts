/** Every bound of this runtime, and what happens there. */

/** A request without a deadline of its own gives up after this: `TIMEOUT`. */
export const requestTimeoutMs = 15_000;

/** A list page may take longer than other requests. */
export const listTimeoutMs = 60_000;

/** Objects of one list page; the next page is asked for. */
export const listPageItems = 500;

/** Longest answer; beyond it is `ANSWER_TOO_LARGE`. A page of 500 objects of 128 KB. */
export const answerBytesMax = 64 * 1024 * 1024;

/** Longest line of a watch: twice what etcd takes for one object. Beyond it is `ANSWER_TOO_LARGE`. */
export const watchLineBytesMax = 4 * 1024 * 1024;

/** Connections for requests; the next request waits for a free one, within its deadline. */
export const requestSocketsMax = 32;

/** Connections for watches, one each: beyond it a watch waits until another ends, 40 s at most. */
export const watchSocketsMax = 1_024;

/** Idle connections are closed after this; the server's own limit is longer, so it never closes first. */
export const idleSocketMs = 30_000;

/** Credentials are read anew this often, and after a 401. */
export const credentialsAgeMsMax = 60_000;

/** A watch is asked for this long at least; up to twice that, at random, so that watches do not end in step. */
export const watchTimeoutMsMin = 20_000;

/**
 * A watch that has not ended this long after its time is dead: it is cut and resumed. Together with
 * twice `watchTimeoutMsMin` it is the longest that a silent connection can go unnoticed: 50 s.
 */
export const watchGraceMs = 10_000;

/**
 * Lists and watches that fail are tried again after these waits. The ceiling is low, for a cache
 * has to be right again within two seconds of the server's return, and a refused connection costs
 * the server little; when it asks for patience (429) it is given.
 */
export const reflectorBackoff = { firstMs: 100, ceilingMs: 1_500 };

/** Every cached object is handed to the listeners again this often, give or take a tenth. */
export const resyncMs = 600_000;

/** A key that fails is tried again after these waits. */
export const queueBackoff = { firstMs: 50, ceilingMs: 60_000 };

/** Keys a queue holds; more is a bug of the caller, and it throws. */
export const queueKeysMax = 100_000;

/** The Lease: how long it holds, until when we insist on renewing it, and how often we try. */
export const leaseTimes = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

/** Work that does not end when the lead is lost is left behind after this: the process ends anyway. */
export const leaderWorkEndMsMax = 5_000;

/** Objects an applier remembers the result of; beyond it the oldest is forgotten. */
export const appliedObjectsMax = 50_000;

/** Events remembered for counting repetitions; beyond it the oldest is forgotten. */
export const eventSeriesMax = 4_096;

/** A repetition within this of the last one is counted on the same event. */
export const eventSeriesMs = 360_000;

/** An event's count is written at most this often. */
export const eventCountMs = 10_000;

/** Events on one object at once, and how soon it earns another; beyond it they are dropped and counted. */
export const eventBurst = 25;
export const eventRefillMs = 60_000;

/** Writers of events. */
export const eventWriters = 2;

/** After so many failures in a row an event is dropped and counted: about five minutes. */
export const eventTriesMax = 16;

/** Longest note, as the server wants. */
export const eventNoteBytesMax = 1024;
