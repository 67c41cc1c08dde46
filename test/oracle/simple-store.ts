/**
 * The store of rules S1 to S6 in objects and Maps: simple, not fast. It reads like the rules and is
 * the oracle of any faster store, so whatever is written here must be what the rules say.
 *
 * Nothing that arrives ever takes a post away except S4: whether a post is seen is judged when it is
 * asked for (`isLive`), so that the order of arrival cannot show in an answer (P1).
 */
import { reclaimGraceSeconds, tombstoneGraceSeconds } from '#node/grace-periods.ts';
import type { PostStore, Reclaimed, StoreOptions, StoreStats } from '#node/store/post-store.ts';
import { StateHash } from '#node/store/state-hash.ts';
import { type LightPostFields, toId } from '#proto/wire/light-post-fields.ts';
import { LIGHT_POST_BYTES_MAX } from '#proto/wire/write-light-post.ts';
import { insertOlderFirst, olderFirst, type StoredPost, toStoredPost } from './stored-post.ts';

/** A Map dies at 2^23 entries on Node 24: asked for more posts or tombstones, the store holds this many. */
export const simpleStoreEntriesMax = 8_000_000;

/** S4: at a bound this part of the table is given up at once, because finding the oldest means looking at all. */
const evictedPart = 1 / 16;

/** Estimates of what V8 spends on top of a post's payload, and on a tombstone. Bytes, measured. */
const postOverheadBytes = 560;
const tombstoneOverheadBytes = 80;

/** S1, S3: an author's posts. Each list is sorted, oldest first: read it from its end for newest first. */
export interface Timelines {
  /** Neither reply nor retweet. */
  readonly originals: StoredPost[];
  /** Replies and retweets. */
  readonly secondaries: StoredPost[];
  /** What may be an entry of the video timeline; `isVideoEntry` judges at query time. */
  readonly videoCandidates: StoredPost[];
}

export class SimpleStore implements PostStore {
  readonly #options: StoreOptions;
  readonly #posts = new Map<bigint, StoredPost>();
  readonly #authors = new Map<bigint, Timelines>();
  /** Post id to the latest `deleted_at` of its deletes, seconds. */
  readonly #tombstones = new Map<bigint, number>();
  /** S4: the newest post that was given up, those from the future aside; nothing as old is stored again. */
  #floor: StoredPost | null = null;
  #payloadBytes = 0;
  #evictedPosts = 0;
  #evictedTombstones = 0;

  constructor(options: StoreOptions) {
    this.#options = {
      ...options,
      postsMax: Math.min(options.postsMax, simpleStoreEntriesMax),
      tombstonesMax: Math.min(options.tombstonesMax, simpleStoreEntriesMax),
    };
  }

  create(
    fields: LightPostFields,
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
    const post = toStoredPost(fields, bytes, start, end);
    // E4: the first create of an id stays.
    if (this.#posts.has(post.postId)) {
      return 'duplicate';
    }
    if (this.#floor !== null && olderFirst(post, this.#floor) <= 0) {
      this.#evictedPosts += 1;
      return 'evicted';
    }
    this.#insert(post);
    if (this.#posts.size > this.#options.postsMax) {
      this.#evictOldestPosts(now);
    }
    return this.#posts.has(post.postId) ? 'stored' : 'evicted';
  }

  delete(postIdHi: number, postIdLo: number, deletedAt: number): 'stored' | 'known' | 'evicted' {
    const postId = toId(postIdHi, postIdLo);
    const known = this.#tombstones.get(postId);
    if (known !== undefined && known >= deletedAt) {
      return 'known';
    }
    this.#tombstones.set(postId, deletedAt);
    if (this.#tombstones.size > this.#options.tombstonesMax) {
      this.#evictFirstExpiringTombstones();
    }
    return this.#tombstones.has(postId) ? 'stored' : 'evicted';
  }

  /** The post that is stored under this id, live or not. */
  post(postId: bigint): StoredPost | undefined {
    return this.#posts.get(postId);
  }

  /** S1: what is stored of this author, live or not. */
  timelines(authorId: bigint): Timelines | undefined {
    return this.#authors.get(authorId);
  }

  /** S2: stored (the caller holds it), not deleted, and within its time. */
  isLive(post: StoredPost, now: number): boolean {
    return this.isInTime(post, now) && !this.isDeleted(post.postId, now);
  }

  /** S2, the part about time: not expired, and not from the future. */
  isInTime(post: StoredPost, now: number): boolean {
    return now - this.#options.retentionSeconds <= post.createdAt && !this.#isAhead(post, now);
  }

  /** E5: whether a tombstone hides this id. */
  isDeleted(postId: bigint, now: number): boolean {
    const deletedAt = this.#tombstones.get(postId);
    return deletedAt !== undefined && now <= this.#expiryOf(deletedAt);
  }

  /** S3, for a candidate that is live itself: whether it is an entry of the video timeline. */
  isVideoEntry(candidate: StoredPost, now: number): boolean {
    if (candidate.hasVideo) {
      return true;
    }
    const source =
      candidate.sourcePostId === undefined ? undefined : this.#posts.get(candidate.sourcePostId);
    return source !== undefined && this.isLive(source, now) && !source.isReply && source.hasVideo;
  }

  /** Walks over everything: the price of being simple. */
  reclaim(now: number): Reclaimed {
    const oldestKept = now - this.#options.retentionSeconds - reclaimGraceSeconds;
    const isGone = (post: StoredPost): boolean => post.createdAt < oldestKept;
    const gone = [...this.#posts.values()].filter(isGone);
    this.#remove(gone, isGone);
    let tombstones = 0;
    for (const [postId, deletedAt] of this.#tombstones) {
      if (now > this.#expiryOf(deletedAt) + reclaimGraceSeconds) {
        this.#tombstones.delete(postId);
        tombstones += 1;
      }
    }
    return { posts: gone.length, tombstones, isMore: false };
  }

  clear(): void {
    this.#posts.clear();
    this.#authors.clear();
    this.#tombstones.clear();
    this.#floor = null;
    this.#payloadBytes = 0;
    this.#evictedPosts = 0;
    this.#evictedTombstones = 0;
  }

  stats(now: number): StoreStats {
    const { postsMax, tombstonesMax, retentionSeconds } = this.#options;
    let originals = 0;
    let secondaries = 0;
    let videos = 0;
    let oldest = Number.POSITIVE_INFINITY;
    let newest = Number.NEGATIVE_INFINITY;
    for (const timelines of this.#authors.values()) {
      originals += timelines.originals.length;
      secondaries += timelines.secondaries.length;
      videos += timelines.videoCandidates.length;
      for (const timeline of [timelines.originals, timelines.secondaries]) {
        oldest = Math.min(oldest, timeline.at(0)?.createdAt ?? oldest);
        newest = Math.max(newest, timeline.at(-1)?.createdAt ?? newest);
      }
    }
    const bytesByArena = {
      payloads: this.#payloadBytes,
      objects: this.#posts.size * postOverheadBytes,
      tombstones: this.#tombstones.size * tombstoneOverheadBytes,
    };
    return {
      users: this.#authors.size,
      posts: this.#posts.size,
      originals,
      secondaries,
      videos,
      tombstones: this.#tombstones.size,
      bytesUsed: bytesByArena.payloads + bytesByArena.objects + bytesByArena.tombstones,
      bytesBound:
        postsMax * (LIGHT_POST_BYTES_MAX + postOverheadBytes) +
        tombstonesMax * tombstoneOverheadBytes,
      bytesByArena,
      oldestCreatedAt: this.#posts.size === 0 ? null : oldest,
      newestCreatedAt: this.#posts.size === 0 ? null : newest,
      effectiveRetentionSeconds:
        this.#floor === null
          ? retentionSeconds
          : Math.max(0, Math.min(retentionSeconds, now - this.#floor.createdAt)),
      evictedPosts: this.#evictedPosts,
      evictedTombstones: this.#evictedTombstones,
    };
  }

  stateHash(now: number): string {
    const hash = new StateHash();
    for (const post of this.#posts.values()) {
      if (this.isLive(post, now)) {
        hash.addPost(post.bytes, 0, post.bytes.length);
      }
    }
    for (const [postId, deletedAt] of this.#tombstones) {
      const expiry = this.#expiryOf(deletedAt);
      if (now <= expiry) {
        hash.addTombstone(Number(postId >> 32n), Number(postId & 0xffffffffn), expiry);
      }
    }
    return hash.digest();
  }

  #expiryOf(deletedAt: number): number {
    return deletedAt + this.#options.retentionSeconds + tombstoneGraceSeconds;
  }

  #insert(post: StoredPost): void {
    this.#posts.set(post.postId, post);
    this.#payloadBytes += post.bytes.length;
    let author = this.#authors.get(post.authorId);
    if (author === undefined) {
      author = { originals: [], secondaries: [], videoCandidates: [] };
      this.#authors.set(post.authorId, author);
    }
    insertOlderFirst(post.isReply || post.isRetweet ? author.secondaries : author.originals, post);
    if (!post.isReply && (post.hasVideo || post.isRetweet)) {
      insertOlderFirst(author.videoCandidates, post);
    }
  }

  /** `isGone` says the same of any post as `gone` does; it is asked once the posts are out of the table. */
  #remove(gone: readonly StoredPost[], isGone: (post: StoredPost) => boolean): void {
    const authorIds = new Set<bigint>();
    for (const post of gone) {
      this.#posts.delete(post.postId);
      this.#payloadBytes -= post.bytes.length;
      authorIds.add(post.authorId);
    }
    const isLeft = (post: StoredPost): boolean => !isGone(post);
    for (const authorId of authorIds) {
      const timelines = this.#authors.get(authorId)!;
      const left: Timelines = {
        originals: timelines.originals.filter(isLeft),
        secondaries: timelines.secondaries.filter(isLeft),
        videoCandidates: timelines.videoCandidates.filter(isLeft),
      };
      if (left.originals.length + left.secondaries.length === 0) {
        this.#authors.delete(authorId);
      } else {
        this.#authors.set(authorId, left);
      }
    }
  }

  /**
   * S4: the oldest go first, and what is as old as they were is not stored again. Sorts numbers, not
   * posts: at a million posts that is the difference between a pause and an outage.
   */
  #evictOldestPosts(now: number): void {
    const count = Math.ceil(this.#options.postsMax * evictedPart);
    const ranks = new Float64Array(this.#posts.size);
    let size = 0;
    for (const post of this.#posts.values()) {
      ranks[size] = this.#evictionRank(post, now);
      size += 1;
    }
    const last = ranks.toSorted()[count - 1]!;
    const gone: StoredPost[] = [];
    const ties: StoredPost[] = [];
    for (const post of this.#posts.values()) {
      const rank = this.#evictionRank(post, now);
      if (rank < last) {
        gone.push(post);
      } else if (rank === last) {
        ties.push(post);
      }
    }
    const all = gone.concat(ties.toSorted(olderFirst).slice(0, count - gone.length));
    for (const post of all) {
      const isNewest = this.#floor === null || olderFirst(post, this.#floor) > 0;
      if (isNewest && !this.#isAhead(post, now)) {
        this.#floor = post;
      }
    }
    this.#evictedPosts += all.length;
    this.#remove(all, (post) => {
      const rank = this.#evictionRank(post, now);
      return rank < last || (rank === last && !this.#posts.has(post.postId));
    });
  }

  /**
   * Lower goes first. Posts from the future, which nobody sees yet, go before all others, the
   * furthest first: were they the newest, enough of them would keep every real post out.
   */
  #evictionRank(post: StoredPost, now: number): number {
    return this.#isAhead(post, now) ? -post.createdAt : post.createdAt;
  }

  #isAhead(post: StoredPost, now: number): boolean {
    return post.createdAt > now + this.#options.maxFutureSkewSeconds;
  }

  /** S4: those that expire first, which are those deleted first. */
  #evictFirstExpiringTombstones(): void {
    const count = Math.ceil(this.#options.tombstonesMax * evictedPart);
    const last = Float64Array.from(this.#tombstones.values()).toSorted()[count - 1]!;
    const gone: bigint[] = [];
    const ties: bigint[] = [];
    for (const [postId, deletedAt] of this.#tombstones) {
      if (deletedAt < last) {
        gone.push(postId);
      } else if (deletedAt === last) {
        ties.push(postId);
      }
    }
    ties.sort((one, other) => (one < other ? -1 : 1));
    for (const postId of gone.concat(ties.slice(0, count - gone.length))) {
      this.#tombstones.delete(postId);
    }
    this.#evictedTombstones += count;
  }
}
