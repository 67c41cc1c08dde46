/**
 * An entry of an author's timeline: two words that carry what a query asks first, so that most of
 * what it leaves out it never has to look at in the slab.
 *
 *     word 0   31 bits address, top bit: the twelfth of a conversation's hash
 *     word 1   bits 12..31  `created_at` modulo 2^20
 *              bit 0        set: a reply in a conversation; bits 1..11 hash of the user replied to
 *              clear:       bits 1..4 the kind, bits 5..11 hash of the user a retweet is from
 */

/** Seconds that posts may lie apart: the times of entries are told apart within so many. */
export const timeSpanSeconds: number = 2 ** 20;

export const kind: {
  readonly original: 0;
  readonly originalVideo: 1;
  readonly free: 2;
  readonly replyToOriginal: 3;
  readonly never: 4;
  readonly unresolved: 5;
  readonly retweet: 8;
  readonly retweetVideo: 9;
  readonly retweetOfVideo: 10;
  readonly retweetOfUnknown: 11;
} = {
  /** Neither reply nor retweet. */
  original: 0,
  originalVideo: 1,
  /** A reply that names no parent: Q5 lets it pass. */
  free: 2,
  /** Passes while its parent, which is referred to, is live. */
  replyToOriginal: 3,
  /** Its parent is stored, and Q5 never lets it pass. */
  never: 4,
  /** Its parent was not there when it came, or it is a retweet too: judged by what the slab says. */
  unresolved: 5,
  /** A retweet that is no reply and for sure no video. */
  retweet: 8,
  /** Has a video itself. */
  retweetVideo: 9,
  /** Its source, which is referred to, is a video. */
  retweetOfVideo: 10,
  /** Its source was not there when it came. */
  retweetOfUnknown: 11,
};

/** The bits of word 1 that are a time. */
export const timeMask: number = 0xfffff000 | 0;
const timeShift = 12;

export function timeBits(createdAt: number): number {
  return (createdAt % timeSpanSeconds) << timeShift;
}

/** Seconds from the time of an entry up to `top`, which is `timeBits(…) | 0xfff` of a later time. */
export function secondsBefore(top: number, word: number): number {
  return (top - word) >>> timeShift;
}

export function topOf(createdAt: number): number {
  return timeBits(createdAt) | ~timeMask;
}

export function conversationBits(userHash: number): number {
  return 1 | ((userHash & 0x7ff) << 1);
}

/** For word 0. */
export function conversationTopBit(userHash: number): number {
  return (userHash & 0x800) << 20;
}

/** The twelve bits that `conversationBits` and `conversationTopBit` kept. */
export function conversationHash(address: number, word: number): number {
  return ((word >>> 1) & 0x7ff) | ((address >>> 31) << 11);
}

export function kindBits(given: number, sourceUserHash: number): number {
  return (given << 1) | ((sourceUserHash & 0x7f) << 5);
}

export function kindOf(word: number): number {
  return (word >>> 1) & 0xf;
}

/** Of a word whose kind is a retweet. */
export function sourceUserHash(word: number): number {
  return (word >>> 5) & 0x7f;
}

export const addressBits = 0x7fff_ffff;
