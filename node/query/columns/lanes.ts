/**
 * What an entry is to a request, by the five lowest bits of its word (see entry.ts): which timeline it
 * belongs to, and whether it can be an answer at all. Tables, so that asking costs no branch.
 */
import { kind } from '#node/store/columns/entry.ts';
import { originalsPerAuthor, secondariesPerAuthor, videosPerAuthor } from '../scan-limits.ts';

export const laneMask = 31;
/** In no timeline that the request is about. */
export const noLane = 2;

export interface Lanes {
  /** 0, 1 or `noLane`. */
  readonly laneOf: Uint8Array;
  /** 1 where the post may pass, 0 where it never does. */
  readonly mayPass: Uint8Array;
  /** By lane: posts that pass, per author (Q3). */
  readonly passedMax: readonly [number, number];
}

/** Originals in lane 0, secondaries in lane 1. */
export const homeLanes: Lanes = createLanes([originalsPerAuthor, secondariesPerAuthor], (given) =>
  given <= kind.originalVideo ? 0 : 1,
);

/** Videos in lane 0 (S3). */
export const videoLanes: Lanes = createLanes([videosPerAuthor, 0], (given) =>
  given === kind.originalVideo || given >= kind.retweet ? 0 : noLane,
);

function createLanes(
  passedMax: readonly [number, number],
  laneOfKind: (given: number) => number,
): Lanes {
  const laneOf = new Uint8Array(laneMask + 1).fill(noLane);
  const mayPass = new Uint8Array(laneMask + 1);
  const isVideo = passedMax[1] === 0;
  const known: number[] = Object.values(kind);
  for (const given of known) {
    const lane = laneOfKind(given);
    const never = isVideo ? kind.retweet : kind.never;
    laneOf[given << 1] = lane;
    mayPass[given << 1] = lane !== noLane && given !== never ? 1 : 0;
  }
  if (!isVideo) {
    // Replies in a conversation, whose other bits are a hash.
    for (let word = 1; word <= laneMask; word += 2) {
      laneOf[word] = 1;
      mayPass[word] = 1;
    }
  }
  return { laneOf, mayPass, passedMax };
}
