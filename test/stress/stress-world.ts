/**
 * A world in which everything about a post follows from its number and a seed, so that readers can tell
 * a right answer from a wrong one without being told the events.
 */
import { hashId } from '#node/store/columns/shared-words.ts';
import type { LightPostFields } from '#proto/wire/light-post-fields.ts';
import { clearLightPost } from '#proto/wire/read-light-post.ts';

export const authors = 3_000;
export const retentionSeconds = 2_000;
export const maxFutureSkewSeconds = 20;
const postsPerSecond = 40;
/** Posts within retention, about. */
export const livePosts: number = retentionSeconds * postsPerSecond;
const firstSecond = 1_750_000_000;
/** Ids grow with the number, and have eight bytes like those of today. */
const firstIdHi = 2 ** 26;
/** Posts and parents that are looked at are never further apart. */
export const postsAtOnce: number = 2 ** 21;

export type Kind = 'original' | 'reply' | 'retweet';

export class StressWorld {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  hash(number: number, what: number): number {
    return hashId(number ^ this.#seed, Math.imul(what + 1, 0x9e3779b1)) >>> 0;
  }

  /** The id's halves: `number` from bit 24 on, counted from 2^34, and below it a hash. */
  idHi(number: number): number {
    return firstIdHi + Math.floor(number / 2 ** 8);
  }

  idLo(number: number): number {
    return (((number & 0xff) << 24) | (this.hash(number, 0) & 0xff_ffff)) >>> 0;
  }

  /** -1 for no id of this world. */
  numberOf(hi: number, lo: number): number {
    const number = (hi - firstIdHi) * 2 ** 8 + (lo >>> 24);
    return number >= 0 && this.idHi(number) === hi && this.idLo(number) === lo ? number : -1;
  }

  /** 1 to `authors`. The first posts a fifth of everything. */
  authorOf(number: number): number {
    const share = this.hash(number, 1) / 2 ** 32;
    return share < 0.2 ? 1 : 1 + Math.floor(authors * ((share - 0.2) / 0.8) ** 2);
  }

  /** Seconds. One in twenty comes late, one in fifty is ahead of its time. */
  createdAt(number: number): number {
    const hash = this.hash(number, 2);
    const late = hash % 20 === 0 ? (hash >>> 8) % 60 : 0;
    const ahead = hash % 50 === 1 ? (hash >>> 8) % 120 : 0;
    return this.secondOf(number) - late + ahead;
  }

  /** When it comes. */
  secondOf(number: number): number {
    return firstSecond + Math.floor(number / postsPerSecond);
  }

  kindOf(number: number): Kind {
    const hash = this.hash(number, 3) % 100;
    return hash < 35 ? 'original' : hash < 78 ? 'reply' : 'retweet';
  }

  /** What a reply or retweet refers to; now and then it has yet to come. */
  referredBy(number: number): number {
    const hash = this.hash(number, 4);
    return hash % 16 === 0 ? number + 1 + ((hash >>> 8) % 50) : number - 1 - ((hash >>> 8) % 3_000);
  }

  hasVideo(number: number): boolean {
    return this.hash(number, 5) % 4 === 0;
  }

  /** The post that is deleted after this one came, or -1. */
  deletedAfter(number: number): number {
    const hash = this.hash(number, 6);
    return hash % 10 === 0 ? number + 20 - ((hash >>> 8) % 5_000) : -1;
  }

  /** Fills in a post. */
  fill(number: number, post: LightPostFields): void {
    clearLightPost(post);
    post.postIdHi = this.idHi(number);
    post.postIdLo = this.idLo(number);
    post.authorIdLo = this.authorOf(number);
    post.createdAt = this.createdAt(number);
    post.hasVideo = this.hasVideo(number);
    const kind = this.kindOf(number);
    const referred = this.referredBy(number);
    if (kind === 'reply') {
      post.isReply = true;
      post.hasInReplyToPostId = true;
      post.inReplyToPostIdHi = this.idHi(referred);
      post.inReplyToPostIdLo = this.idLo(referred);
      post.hasInReplyToUserId = true;
      post.inReplyToUserIdLo = this.authorOf(referred);
      if (this.kindOf(referred) === 'reply') {
        const first = this.referredBy(referred);
        post.hasConversationId = true;
        post.conversationIdHi = this.idHi(first);
        post.conversationIdLo = this.idLo(first);
      }
    } else if (kind === 'retweet') {
      post.isRetweet = true;
      post.hasSourcePostId = true;
      post.sourcePostIdHi = this.idHi(referred);
      post.sourcePostIdLo = this.idLo(referred);
      post.hasSourceUserId = true;
      post.sourceUserIdLo = this.authorOf(referred);
    }
  }
}
