/**
 * How often what happens. Of the creates: originals, replies, retweets as in published figures of the
 * service this feeds; the rest are guesses that exercise every rule without drowning the ordinary.
 */
import { ConfigurationError } from '#runtime/errors.ts';

/** Each a probability, 0 to 1. */
export interface EventMix {
  /** Of creates; what is left of replies and retweets are originals. */
  readonly replies: number;
  readonly retweets: number;
  /** Of all events. */
  readonly deletes: number;
  readonly quotedDeletes: number;
  readonly garbage: number;
  /** Of creates: sent again later. */
  readonly duplicates: number;
  /** Of creates: created minutes to hours before the record is written. */
  readonly late: number;
  /** Of creates: held back for up to a few thousand events. */
  readonly outOfOrder: number;
  /** Of originals. */
  readonly nullcasts: number;
}

export const defaultEventMix: EventMix = {
  replies: 0.43,
  retweets: 0.22,
  deletes: 0.02,
  quotedDeletes: 0.001,
  garbage: 0,
  duplicates: 0.005,
  late: 0.01,
  outOfOrder: 0.01,
  nullcasts: 0.01,
};

/** The default mix with some shares changed. Throws ConfigurationError for one that is no share. */
export function createEventMix(changes: Partial<EventMix> = {}): EventMix {
  const mix = { ...defaultEventMix, ...changes };
  for (const [name, share] of Object.entries(mix)) {
    if (!(share >= 0 && share <= 1)) {
      throw new ConfigurationError(`the share of ${name} must be 0 to 1, not ${share}`);
    }
  }
  if (mix.replies + mix.retweets > 1) {
    throw new ConfigurationError('replies and retweets together are more than all creates');
  }
  return mix;
}
