/**
 * Where applied events go: the store, seen from ingest. Synchronous; time is passed in.
 */
import type { LightPostFields } from '#proto/wire/light-post-fields.ts';

/** `evicted`: older than what memory can hold (S4). */
export type CreateOutcome = 'stored' | 'duplicate' | 'evicted';

/** `known`: an equal or later tombstone was already there. `evicted`: the table is full of later ones. */
export type DeleteOutcome = 'stored' | 'known' | 'evicted';

export interface EventTarget {
  /**
   * Stores a post that passed the event rules. `bytes[start, end)` are its canonical protobuf bytes
   * (E3), a view that is only valid during the call: keep a copy. `now` is in seconds.
   */
  create(
    post: LightPostFields,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: number,
  ): CreateOutcome;
  /** Hides a post id until `deletedAt + retention + 24 h` (E5). `deletedAt` is in seconds, already judged. */
  delete(postIdHi: number, postIdLo: number, deletedAt: number): DeleteOutcome;
}
