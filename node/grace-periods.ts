/**
 * What is kept or taken beyond retention, in seconds. Ingest and store must agree about these to the
 * second: what one still takes, the other still keeps.
 */

/**
 * E2, S2: a post is taken, and its memory kept, until it is this much older than retention, so that
 * machines whose clocks differ still answer alike. So long is a tombstone kept after it expired, too.
 */
export const reclaimGraceSeconds = 3_600;

/** E5: a tombstone outlives retention by this. */
export const tombstoneGraceSeconds = 86_400;
