/**
 * How many posts a pod may hold, out of what the spec says about its memory.
 */
import type { Serving } from '#crds/gen/thunder-fleet.ts';
import { parseQuantity } from '#crds/schema/quantity.ts';
import {
  reservedBytesPerPost,
  reservedBytesPerTombstone,
  storeEntriesMax,
  storeEntriesMin,
  storeMemoryShare,
  tombstonesPerPost,
} from '#operator/limits.ts';

/** `--max-posts`. The node leaves room for two deletes for five posts beside them, as counted here. */
export function postsMaxOf(serving: Pick<Serving, 'storeBytes' | 'resources'>): number {
  const memory = parseQuantity(serving.resources.limits.memory) ?? 0;
  const share = memory * storeMemoryShare;
  const bytes = serving.storeBytes === undefined ? share : (parseQuantity(serving.storeBytes) ?? 0);
  const perPost = reservedBytesPerPost + tombstonesPerPost * reservedBytesPerTombstone;
  const posts = Math.floor(Math.min(bytes, share) / perPost);
  return Math.max(storeEntriesMin, Math.min(storeEntriesMax, posts));
}
