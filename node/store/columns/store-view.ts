/**
 * A store as a query sees it, in the writer's thread or in another. What it finds between `enter` and
 * `leave` stays what it was until then; that a post is deleted, and what is stored beside, may change.
 */
import { varintHigh, varintLow } from '#proto/wire/varint.ts';
import { tombstoneGraceSeconds } from '../../grace-periods.ts';
import type { StoreOptions } from '../post-store.ts';
import type { AuthorMemory } from './author-lines.ts';
import { BucketTable } from './bucket-table.ts';
import { timeSpanSeconds } from './entry.ts';
import { LineCopying } from './line-versions.ts';
import { PostTable } from './post-table.ts';
import { ReaderEpoch } from './reader-epochs.ts';
import { createdAtOf, deletedFlag, findField, idHigh, idLow, valueLength } from './record.ts';
import { hashId } from './shared-words.ts';
import { SlabView } from './slab-view.ts';
import type { StoreMemory } from './store-memory.ts';
import { TombstoneView } from './tombstone-view.ts';

export class StoreView {
  readonly options: StoreOptions;
  readonly slab: SlabView;
  readonly authors: AuthorMemory;
  readonly authorIndex: BucketTable;
  readonly copying: LineCopying;
  readonly #posts: PostTable;
  readonly #tombstones: TombstoneView;
  readonly #times: Float64Array;
  readonly #epoch: ReaderEpoch;

  /** `reader` is below `readersMax`, and that of no other view that is in use at the same time. */
  constructor(memory: StoreMemory, reader: number) {
    const { control } = memory;
    this.options = memory.options;
    this.slab = new SlabView(memory.slab, control);
    this.authors = memory.authors;
    this.authorIndex = new BucketTable(memory.authors.index);
    this.copying = new LineCopying(memory.authors.versions, control);
    this.#posts = new PostTable(memory.posts, this.slab);
    this.#tombstones = new TombstoneView(memory.tombstones, control);
    this.#times = memory.times;
    this.#epoch = new ReaderEpoch(control, memory.readers, reader);
  }

  /**
   * A time in seconds that no stored post is newer than, less than `timeSpanSeconds` after the oldest;
   * as far ahead as it may be, so that posts that come meanwhile are not newer either.
   */
  get timeTop(): number {
    return this.#times[0]! + timeSpanSeconds - 1;
  }

  /** Whether a post may be stored that is newer than this. */
  mayHaveNewerThan(seconds: number): boolean {
    return this.#times[1]! > seconds;
  }

  enter(): void {
    this.#epoch.enter();
  }

  leave(): void {
    this.copying.letGo();
    this.#epoch.leave();
  }

  /** E5, for a record whose flag says that there was a tombstone: whether it hides the post at `now`. */
  isDeleted(place: number, now: number): boolean {
    const { words } = this.slab;
    const deletedAt = this.#tombstones.deletedAt(idHigh(words, place), idLow(words, place));
    return now <= deletedAt + this.options.retentionSeconds + tombstoneGraceSeconds;
  }

  /** S2, for an address that may be one of a record long gone: whether it is there and live. */
  isLive(address: number, now: number): boolean {
    const { slab, options } = this;
    if (!slab.contains(address)) {
      return false;
    }
    const place = slab.place(address);
    const from = now - options.retentionSeconds;
    const to = now + options.maxFutureSkewSeconds;
    const segment = slab.segmentOf(address);
    // Most segments lie within the time as a whole, so that the record need not be decoded.
    if (slab.oldest[segment]! < from || slab.newest[segment]! > to) {
      const createdAt = createdAtOf(slab.bytes, slab.words, place);
      if (createdAt < from || createdAt > to) {
        return false;
      }
    }
    return (slab.words[place]! & deletedFlag) === 0 || !this.isDeleted(place, now);
  }

  /** The address of the post that a field of the record at `place` names; -1 when it is not stored. */
  findNamed(place: number, number: number): number {
    const { slab } = this;
    const position = findField(slab.bytes, slab.words, place, number);
    if (position < 0) {
      return -1;
    }
    const length = valueLength(slab.bytes, position);
    const hi = varintHigh(slab.bytes, position, length);
    const lo = varintLow(slab.bytes, position, length);
    return this.#posts.find(hashId(hi, lo), hi, lo);
  }
}
