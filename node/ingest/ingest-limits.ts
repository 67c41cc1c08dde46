/**
 * Every bound of ingest, by name.
 */

/**
 * Bytes of one record. A canonical create is 96 bytes at most; the rest is for unknown fields.
 * Beyond: counted `too_large`, not looked at.
 */
export const recordBytesMax = 64 * 1024;

/** Records applied at a stretch before the event loop has its turn, so that calls are answered meanwhile. */
export const sliceRecordsMax = 2_000;
/** The same in milliseconds; the clock is read every `sliceClockRecords` records. */
export const sliceMsMax = 4;
export const sliceClockRecords = 128;

/** How often the ends are asked for while catching up: what a quiet topic waits for at most. */
export const catchUpBoundsIntervalMs = 200;

/** First pause before opening the source is tried again; doubles up to the second. */
export const openBackoffMs = 250;
export const openBackoffMsMax = 5_000;

/** L5: the longest time between two reclaim passes. */
export const reclaimIntervalMsMax = 120_000;

/** Fewer records than this say nothing about the share that cannot be decoded. */
export const decodeShareRecordsMin = 1_000;

/** How far the clock may be from the records' stamps before it is said. */
export const clockSkewMsMax = 2_000;
/** Stamps are compared over one to two of these, so that a few late records mean nothing. */
export const clockSkewWindowMs = 30_000;
