/**
 * How far a query looks: the numbers of rules Q3 and Q8, the same for every engine.
 */

/** Q3: posts that pass every filter, per author. */
export const originalsPerAuthor = 50;
export const secondariesPerAuthor = 30;
export const videosPerAuthor = 100;

/** Q3: live, non-excluded entries looked at, per author and timeline; then the scan goes on to the next. */
export const scannedPerTimeline = 500;

/** Q8: authors between two questions whether to stop; asked before the first, too. */
export const authorsPerStopCheck = 16;
