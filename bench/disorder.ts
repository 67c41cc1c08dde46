/**
 * Records that arrive late: some are held back for up to a few thousand others, as when partitions
 * are read side by side.
 */
import { Random } from '#cli/generator/random.ts';
import type { RecordBlock } from './record-file.ts';

const heldBackMax = 4_000;

/** A block with the same records of which about `share` come later, by `heldBackMax` places at most. */
export function disorder(block: RecordBlock, share: number, seed: number): RecordBlock {
  const { count } = block;
  const random = new Random(seed);
  const places = Float64Array.from({ length: count }, (_, index) => {
    const delay = random.chance(share) ? random.between(1, heldBackMax) : 0;
    // The index below the point, so that sorting numbers sorts records and keeps ties in order.
    return index + delay + index / count;
  });
  places.sort();
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const timestampsMs = new Float64Array(count);
  for (const [place, key] of places.entries()) {
    const from = Math.round((key % 1) * count);
    starts[place] = block.starts[from] ?? 0;
    ends[place] = block.ends[from] ?? 0;
    timestampsMs[place] = block.timestampsMs[from] ?? 0;
  }
  return { ...block, starts, ends, timestampsMs };
}
