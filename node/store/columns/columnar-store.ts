/**
 * The store of rules S1 to S6 in columns over shared memory: no object per post or author. What an
 * entry says of a post was decided from facts that never change; whether a post, its parent or its
 * source is seen is judged when it is asked for (P1).
 *
 * Records are freed in their order of arrival, each when it expired more than an hour ago. So one
 * that is stamped ahead of its time delays those behind it, by a day at most (E2).
 */
import { reclaimGraceSeconds, tombstoneGraceSeconds } from '#node/grace-periods.ts';
import type { LightPostFields } from '#proto/wire/light-post-fields.ts';
import { varintHigh, varintLow } from '#proto/wire/varint.ts';
import { LIGHT_POST_BYTES_MAX } from '#proto/wire/write-light-post.ts';
import type { PostStore, Reclaimed, StoreOptions, StoreStats } from '../post-store.ts';
import { StateHash } from '../state-hash.ts';
import { AuthorLines } from './author-lines.ts';
import { PostClassifier } from './classify-post.ts';
import { timeBits, timeSpanSeconds } from './entry.ts';
import { PostTable } from './post-table.ts';
import { ReaderEpochs, readersMax } from './reader-epochs.ts';
import {
  createdAtOf,
  deletedFlag,
  field,
  findField,
  idHigh,
  idLow,
  lengthOf,
  replyFlag,
  retweetFlag,
  valueLength,
  videoFlag,
} from './record.ts';
import { hashId } from './shared-words.ts';
import { Slab } from './slab.ts';
import { type ColumnarStoreOptions, createStoreMemory, type StoreMemory } from './store-memory.ts';
import { StoreView } from './store-view.ts';
import { TombstoneTable } from './tombstone-table.ts';

/** Records and tombstones freed in a pass at most: a millisecond or two each. */
const freedPerPass = 2_048;
const tombstonesPerPass = 1_024;
/** Records or tombstones: a fraction of a millisecond. */
const hashedPerStep = 1_024;
/** What a pass leaves goes as others come, faster than they come. */
const freedPerEvent = 2;
/** A record that is ahead of the clock by more than any rule lets it be is freed like an expired one. */
const aheadSecondsMax = 3 * 86_400;

export class ColumnarStore implements PostStore {
  readonly options: StoreOptions;
  /** For readers in any thread. */
  readonly memory: StoreMemory;
  readonly slab: Slab;
  readonly authors: AuthorLines;
  readonly posts: PostTable;
  readonly #tombstones: TombstoneTable;
  readonly #classifier: PostClassifier;
  /** For the writer's own questions. It is never within a query, so it needs not enter. */
  readonly #view: StoreView;
  readonly #times: Float64Array;
  readonly #epochs: ReaderEpochs;
  /** What was touched is kept where it might be read, or the compiler would not touch it. */
  touched = 0;
  #postCount = 0;
  #originals = 0;
  #videos = 0;
  #evictedPosts = 0;
  /** S4: nothing as old is stored again. Seconds. */
  #floor = Number.NEGATIVE_INFINITY;
  /** The latest `now` of a reclaiming pass. */
  #clock = Number.NEGATIVE_INFINITY;

  /** Throws ConfigurationError for bounds that the layout cannot hold. */
  constructor(options: ColumnarStoreOptions) {
    const memory = createStoreMemory(options);
    const { control } = memory;
    this.options = memory.options;
    this.memory = memory;
    this.#epochs = new ReaderEpochs(control, memory.readers);
    this.slab = new Slab(memory.slab, control, this.#epochs, options.firstAddress ?? 0);
    this.authors = new AuthorLines(memory.authors, control, this.slab);
    this.posts = new PostTable(memory.posts, this.slab);
    this.#tombstones = new TombstoneTable(memory.tombstones, control, options.tombstonesMax);
    this.#classifier = new PostClassifier(this.slab, this.posts);
    this.#view = new StoreView(memory, readersMax - 1);
    this.#times = memory.times;
  }

  /** Seconds: no stored post is older. Not kept tight. */
  get #oldestBound(): number {
    return this.#times[0]!;
  }

  set #oldestBound(seconds: number) {
    this.#times[0] = seconds;
  }

  /** Seconds: no stored post is newer, and less than `timeSpanSeconds` after `#oldestBound`. */
  get #newestBound(): number {
    return this.#times[1]!;
  }

  set #newestBound(seconds: number) {
    this.#times[1] = seconds;
  }

  create(
    post: LightPostFields,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: number,
  ): 'stored' | 'duplicate' | 'evicted' {
    if (end - start > LIGHT_POST_BYTES_MAX) {
      throw new RangeError(
        `A canonical post has ${LIGHT_POST_BYTES_MAX} bytes at most, not ${end - start}`,
      );
    }
    const { postIdHi, postIdLo, createdAt } = post;
    const idHash = hashId(postIdHi, postIdLo);
    this.#touch(post, idHash);
    // E4: the first create of an id stays.
    if (this.posts.find(idHash, postIdHi, postIdLo) >= 0) {
      return 'duplicate';
    }
    this.#freeExpired(freedPerEvent);
    const row =
      createdAt > this.#floor && this.#makeTime(createdAt, now) ? this.#makeRoom(post, now) : -1;
    if (row < 0) {
      this.#evictedPosts += 1;
      return 'evicted';
    }
    this.#append(post, idHash, row, bytes, start, end);
    return 'stored';
  }

  delete(postIdHi: number, postIdLo: number, deletedAt: number): 'stored' | 'known' | 'evicted' {
    this.#removeExpiredTombstones(freedPerEvent);
    const outcome = this.#tombstones.put(postIdHi, postIdLo, deletedAt);
    if (outcome === 'stored') {
      const address = this.posts.find(hashId(postIdHi, postIdLo), postIdHi, postIdLo);
      if (address >= 0) {
        const place = this.slab.place(address);
        this.slab.words[place] = this.slab.words[place]! | deletedFlag;
      }
    }
    return outcome;
  }

  reclaim(now: number): Reclaimed {
    this.#clock = Math.max(this.#clock, now);
    const posts = this.#freeExpired(freedPerPass);
    const tombstones = this.#removeExpiredTombstones(tombstonesPerPass);
    const isMore = posts === freedPerPass || tombstones === tombstonesPerPass;
    return { posts, tombstones, isMore };
  }

  clear(): void {
    this.#epochs.alone(() => this.#clear());
  }

  #clear(): void {
    this.slab.clear();
    this.authors.clear();
    this.posts.clear();
    this.#tombstones.clear();
    this.#postCount = 0;
    this.#originals = 0;
    this.#videos = 0;
    this.#evictedPosts = 0;
    this.#oldestBound = 0;
    this.#newestBound = 0;
    this.#floor = Number.NEGATIVE_INFINITY;
    this.#clock = Number.NEGATIVE_INFINITY;
  }

  stats(now: number): StoreStats {
    const { retentionSeconds } = this.options;
    const bytesByArena = {
      posts: this.slab.windowBytes,
      postTable: this.posts.bytes,
      authors: this.authors.rowBytes,
      authorTable: this.authors.index.bytes,
      timelines: this.authors.arena.usedBytes,
      tombstones: this.#tombstones.usedBytes,
    };
    const [oldest, newest] = this.#timesOfPosts();
    return {
      users: this.authors.authors,
      posts: this.#postCount,
      originals: this.#originals,
      secondaries: this.#postCount - this.#originals,
      videos: this.#videos,
      tombstones: this.#tombstones.count,
      bytesUsed: Object.values(bytesByArena).reduce((sum, bytes) => sum + bytes, 0),
      bytesBound:
        this.slab.reservedBytes +
        this.posts.bytes +
        this.authors.rows.length * 4 +
        this.authors.index.bytes +
        this.authors.arena.reservedBytes +
        this.#tombstones.reservedBytes,
      bytesByArena,
      oldestCreatedAt: this.#postCount === 0 ? null : oldest,
      newestCreatedAt: this.#postCount === 0 ? null : newest,
      effectiveRetentionSeconds: Math.max(0, Math.min(retentionSeconds, now - this.#floor)),
      evictedPosts: this.#evictedPosts,
      evictedTombstones: this.#tombstones.evicted,
    };
  }

  stateHash(now: number): string {
    const steps = this.hashSteps(now);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  /** S6 in steps of `hashedPerStep`. Nothing may be written before it has come to its end. */
  *hashSteps(now: number): Generator<undefined, string, undefined> {
    const { slab } = this;
    const tombstones = this.#tombstones;
    const hash = new StateHash();
    let hashed = 0;
    for (
      let address = slab.recordFrom(slab.tail);
      address >= 0;
      address = slab.recordFrom(slab.after(address))
    ) {
      if (this.#view.isLive(address, now)) {
        const place = slab.place(address);
        const start = (place + 1) * 4;
        hash.addPost(slab.bytes, start, start + lengthOf(slab.words[place]!));
      }
      hashed += 1;
      if (hashed % hashedPerStep === 0) yield;
    }
    for (let from = 0; from < tombstones.count; from += hashedPerStep) {
      tombstones.forEach(from, from + hashedPerStep, (hi, lo, deletedAt) => {
        const expiry = this.#expiryOf(deletedAt);
        if (now <= expiry) {
          hash.addTombstone(hi, lo, expiry);
        }
      });
      yield;
    }
    return hash.digest();
  }

  #expiryOf(deletedAt: number): number {
    return deletedAt + this.options.retentionSeconds + tombstoneGraceSeconds;
  }

  /** Asks for what a create will look at all at once, instead of waiting for one after the other. */
  #touch(post: LightPostFields, idHash: number): void {
    const { posts, authors } = this;
    const referred = post.isReply
      ? hashId(post.inReplyToPostIdHi, post.inReplyToPostIdLo)
      : hashId(post.sourcePostIdHi, post.sourcePostIdLo);
    this.touched =
      posts.touch(idHash) ^
      this.#tombstones.touch(idHash) ^
      posts.touch(referred) ^
      authors.index.touch(hashId(post.authorIdHi, post.authorIdLo));
  }

  /** Exact: the segments' own bounds, but for the one that is partly freed. */
  #timesOfPosts(): readonly [number, number] {
    const { slab } = this;
    let oldest = Number.POSITIVE_INFINITY;
    let newest = Number.NEGATIVE_INFINITY;
    const partial = slab.segmentOf(slab.tail);
    let address = slab.recordFrom(slab.tail);
    for (; address >= 0; address = slab.recordFrom(slab.after(address))) {
      if (slab.segmentOf(address) !== partial) break;
      const createdAt = createdAtOf(slab.bytes, slab.words, slab.place(address));
      oldest = Math.min(oldest, createdAt);
      newest = Math.max(newest, createdAt);
    }
    for (; address >= 0; address = slab.recordFrom(slab.endOfSegment(address))) {
      oldest = Math.min(oldest, slab.oldest[slab.segmentOf(address)]!);
      newest = Math.max(newest, slab.newest[slab.segmentOf(address)]!);
    }
    return [oldest, newest];
  }

  #removeExpiredTombstones(max: number): number {
    const age = this.options.retentionSeconds + tombstoneGraceSeconds + reclaimGraceSeconds;
    return this.#tombstones.removeBefore(this.#clock - age, max);
  }

  /** Frees expired records from the tail, `max` at most. */
  #freeExpired(max: number): number {
    const { slab } = this;
    const from = this.#clock - this.options.retentionSeconds - reclaimGraceSeconds;
    const to = this.#clock + aheadSecondsMax;
    if (from === Number.NEGATIVE_INFINITY) {
      return 0;
    }
    let freed = 0;
    while (freed < max) {
      const address = slab.recordFrom(slab.tail);
      if (address < 0) break;
      const createdAt = createdAtOf(slab.bytes, slab.words, slab.place(address));
      if (createdAt >= from && createdAt <= to) break;
      this.#free(address);
      freed += 1;
    }
    return freed;
  }

  /** S4: gives up the post that arrived first. */
  #evict(now: number): void {
    const { slab } = this;
    const address = slab.recordFrom(slab.tail);
    const createdAt = createdAtOf(slab.bytes, slab.words, slab.place(address));
    this.#free(address);
    this.#evictedPosts += 1;
    if (this.#isAhead(createdAt, now)) {
      return;
    }
    // The next one is asked too, so that one that was stamped ahead does not raise the floor by hours.
    const next = slab.recordFrom(slab.tail);
    const floor =
      next < 0
        ? createdAt
        : Math.min(createdAt, createdAtOf(slab.bytes, slab.words, slab.place(next)));
    this.#floor = Math.max(this.#floor, floor);
  }

  #isAhead(createdAt: number, now: number): boolean {
    return createdAt > now + this.options.maxFutureSkewSeconds;
  }

  /** Frees the record at the tail, and all that leads to it. */
  #free(address: number): void {
    const { slab } = this;
    const place = slab.place(address);
    const flags = slab.words[place]!;
    const hi = idHigh(slab.words, place);
    const lo = idLow(slab.words, place);
    this.posts.remove(hashId(hi, lo), hi, lo);
    const position = findField(slab.bytes, slab.words, place, field.author);
    let authorHi = 0;
    let authorLo = 0;
    if (position >= 0) {
      const length = valueLength(slab.bytes, position);
      authorHi = varintHigh(slab.bytes, position, length);
      authorLo = varintLow(slab.bytes, position, length);
    }
    const row = this.authors.find(hashId(authorHi, authorLo), authorHi, authorLo);
    this.authors.remove(row, address);
    this.authors.removeIfEmpty(row);
    this.#count(flags, -1);
    slab.freeUpTo(slab.after(address));
  }

  #count(flags: number, change: number): void {
    this.#postCount += change;
    if ((flags & (replyFlag | retweetFlag)) === 0) {
      this.#originals += change;
    }
    if ((flags & replyFlag) === 0 && (flags & (videoFlag | retweetFlag)) !== 0) {
      this.#videos += change;
    }
  }

  /** Widens the bounds of time; false when the post lies too far from those that are stored. */
  #makeTime(createdAt: number, now: number): boolean {
    if (this.slab.isEmpty) {
      this.#oldestBound = createdAt;
      this.#newestBound = createdAt;
      return true;
    }
    if (createdAt >= this.#oldestBound && createdAt <= this.#newestBound) {
      return true;
    }
    if (createdAt > this.#newestBound) {
      if (createdAt > now + aheadSecondsMax) {
        return false;
      }
      if (createdAt - this.#oldestBound >= timeSpanSeconds) {
        [this.#oldestBound] = this.#timesOfPosts();
      }
      while (createdAt - this.#oldestBound >= timeSpanSeconds) {
        this.#evict(now);
        if (this.slab.isEmpty) {
          return this.#makeTime(createdAt, now);
        }
        [this.#oldestBound] = this.#timesOfPosts();
      }
      this.#newestBound = createdAt;
      return true;
    }
    if (this.#newestBound - createdAt >= timeSpanSeconds) {
      [, this.#newestBound] = this.#timesOfPosts();
    }
    if (this.#newestBound - createdAt >= timeSpanSeconds) {
      return false;
    }
    this.#oldestBound = createdAt;
    return true;
  }

  /** S4: the row of the post's author once there is room in everything; -1 when the post is the one to go. */
  #makeRoom(post: LightPostFields, now: number): number {
    const { slab, authors } = this;
    const authorHash = hashId(post.authorIdHi, post.authorIdLo);
    for (;;) {
      if (this.#postCount < this.options.postsMax && slab.reserve()) {
        const row = authors.find(authorHash, post.authorIdHi, post.authorIdLo);
        if (row >= 0 && authors.makeRoom(row)) {
          return row;
        }
        if (row < 0 && !authors.isFull) {
          return authors.add(authorHash, post.authorIdHi, post.authorIdLo);
        }
      }
      const oldest = slab.recordFrom(slab.tail);
      if (oldest < 0) {
        throw new Error('An empty store has no room');
      }
      const createdAt = createdAtOf(slab.bytes, slab.words, slab.place(oldest));
      // Those from the future go first, so that they keep nothing else out.
      const isOlder = post.createdAt < createdAt || this.#isAhead(post.createdAt, now);
      if (isOlder && !this.#isAhead(createdAt, now)) {
        return -1;
      }
      this.#evict(now);
    }
  }

  #append(
    post: LightPostFields,
    idHash: number,
    row: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    let flags = 0;
    if (post.isReply) flags |= replyFlag;
    if (post.isRetweet) flags |= retweetFlag;
    if (post.hasVideo) flags |= videoFlag;
    if (this.#tombstones.deletedAt(post.postIdHi, post.postIdLo) > Number.NEGATIVE_INFINITY) {
      flags |= deletedFlag;
    }
    const found = this.#classifier;
    found.classify(post);
    const address = this.slab.append(bytes, start, end, flags, found.reference, post.createdAt);
    this.posts.insert(idHash, address);
    this.authors.insert(
      row,
      address | found.top,
      found.word | timeBits(post.createdAt),
      timeBits(this.#oldestBound),
    );
    this.#count(flags, 1);
  }
}
