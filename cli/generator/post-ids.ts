/**
 * Ids of generated posts: snowflakes (milliseconds since November 2010, then 22 bits of sequence) for
 * most, some below 2^53 and a few above 2^63. No id is given twice within a run, late posts included,
 * because two different creates of one id would make answers depend on arrival order (P1).
 */
import type { Random } from './random.ts';

const snowflakeEpochMs = 1_288_834_974_657;
const sequenceBits = 22n;
const sequenceMask = (1 << 22) - 1;
const smallIdShare = 0.004;
const hugeIdShare = 0.002;

export interface PostIds {
  /** An id for a post created at `createdAtMs`; `late` says that this is not the newest moment. */
  next(createdAtMs: number, late: boolean): bigint;
  /** An id that no create of this run has or will have: older than its window. */
  unknown(createdAtMs: number): bigint;
}

/**
 * `startMs` goes into the small and huge ids, so that runs at different times do not meet in them.
 */
export function createPostIds(random: Random, startMs: number): PostIds {
  let sequence = random.next32() & sequenceMask;
  let lateSequence = sequence;
  let unusual = BigInt(Math.floor(startMs)) * 1000n;

  return {
    next(createdAtMs, late) {
      const draw = random.fraction();
      if (draw < smallIdShare) {
        unusual += 1n;
        return draw < hugeIdShare ? 2n ** 63n + unusual : unusual;
      }
      // Even milliseconds for posts in time, odd ones for late posts: the two never meet.
      const evenMs = Math.floor(createdAtMs / 2) * 2;
      if (late) {
        lateSequence = (lateSequence + 1) & sequenceMask;
        return snowflake(evenMs + 1, lateSequence);
      }
      sequence = (sequence + 1) & sequenceMask;
      return snowflake(evenMs, sequence);
    },
    unknown: (createdAtMs) => snowflake(Math.floor(createdAtMs), random.next32() & sequenceMask),
  };
}

function snowflake(ms: number, low: number): bigint {
  return (BigInt(Math.max(1, ms - snowflakeEpochMs)) << sequenceBits) | BigInt(low);
}
