/**
 * What the entry of a post says of it (see entry.ts), from facts that never change once the post and
 * the one it refers to are stored. Where that one is not there yet the entry says so, and a query
 * looks for it by its id.
 */
import type { LightPostFields } from '#proto/wire/light-post-fields.ts';
import { conversationBits, conversationTopBit, kind, kindBits } from './entry.ts';
import type { PostTable } from './post-table.ts';
import { field, fieldIs, replyFlag, retweetFlag, videoFlag } from './record.ts';
import { hashId } from './shared-words.ts';
import type { SlabView } from './slab-view.ts';

export class PostClassifier {
  /** Address of the parent or source that the record refers to; -1 without one. */
  reference = -1;
  /** For word 0 of the entry. */
  top = 0;
  /** Word 1 of the entry but for its time. */
  word = 0;
  readonly #slab: SlabView;
  readonly #posts: PostTable;

  constructor(slab: SlabView, posts: PostTable) {
    this.#slab = slab;
    this.#posts = posts;
  }

  /** Fills the fields above. */
  classify(post: LightPostFields): void {
    this.reference = -1;
    this.top = 0;
    if (post.isReply) {
      this.#classifyReply(post);
    } else if (post.isRetweet) {
      const userHash = hashId(post.sourceUserIdHi, post.sourceUserIdLo);
      this.word = kindBits(this.#kindOfRetweet(post), userHash);
    } else {
      this.word = kindBits(post.hasVideo ? kind.originalVideo : kind.original, 0);
    }
  }

  #classifyReply(post: LightPostFields): void {
    if (post.isRetweet) {
      this.word = kindBits(kind.unresolved, 0);
      return;
    }
    if (!post.hasInReplyToPostId) {
      this.word = kindBits(kind.free, 0);
      return;
    }
    const parent = this.#find(post.inReplyToPostIdHi, post.inReplyToPostIdLo);
    if (parent < 0) {
      this.word = kindBits(kind.unresolved, 0);
    } else if ((this.#flags(parent) & (replyFlag | retweetFlag)) === 0) {
      this.word = kindBits(kind.replyToOriginal, 0);
      this.reference = parent;
    } else if (this.#isOfConversation(post, parent)) {
      const userHash = hashId(post.inReplyToUserIdHi, post.inReplyToUserIdLo);
      this.word = conversationBits(userHash);
      this.top = conversationTopBit(userHash);
      this.reference = parent;
    } else {
      this.word = kindBits(kind.never, 0);
    }
  }

  #kindOfRetweet(post: LightPostFields): number {
    if (post.hasVideo) {
      return kind.retweetVideo;
    }
    if (!post.hasSourcePostId) {
      return kind.retweet;
    }
    const source = this.#find(post.sourcePostIdHi, post.sourcePostIdLo);
    if (source < 0) {
      return kind.retweetOfUnknown;
    }
    // S3: what makes a retweet of it a video.
    if ((this.#flags(source) & (videoFlag | replyFlag)) !== videoFlag) {
      return kind.retweet;
    }
    this.reference = source;
    return kind.retweetOfVideo;
  }

  #find(hi: number, lo: number): number {
    return this.#posts.find(hashId(hi, lo), hi, lo);
  }

  #flags(address: number): number {
    return this.#slab.words[this.#slab.place(address)]!;
  }

  /** Q5, the part that never changes, for a parent that is a retweet or reply itself. */
  #isOfConversation(post: LightPostFields, parent: number): boolean {
    const { words, bytes } = this.#slab;
    return (
      post.hasConversationId &&
      post.hasInReplyToUserId &&
      fieldIs(
        bytes,
        words,
        this.#slab.place(parent),
        field.inReplyToPost,
        post.conversationIdHi,
        post.conversationIdLo,
      )
    );
  }
}
