/**
 * A stream of events as a busy network makes them: posts, answers to posts, answers to answers,
 * retweets, deletes in every order. Pure: the same seed, options and times give the same events.
 */
import { type Authors, createAuthors } from './authors.ts';
import { createEventMix, type EventMix } from './event-mix.ts';
import type {
  GeneratedCreate,
  GeneratedDelete,
  GeneratedEvent,
  GeneratedGarbage,
  GeneratedMedia,
  GeneratedQuotedDelete,
} from './generated-event.ts';
import { generateMedia, generateText } from './post-content.ts';
import { createPostIds, type PostIds } from './post-ids.ts';
import { Random } from './random.ts';

export interface EventGeneratorOptions {
  /** Any safe integer. */
  readonly seed: number;
  /** How many accounts there are, 1 to `authorsMax`. */
  readonly authors: number;
  /** Where the stream begins; ids that are to be unknown are older than this. */
  readonly startMs: number;
  readonly mix?: Partial<EventMix>;
}

/** Posts that can still be answered, retweeted or deleted. */
const recentPostsMax = 32_768;
/** Held-back events: a ring with one place for each of the next so many events. */
const heldBackMax = 4_096;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const latenessMsMin = 60_000;
const latenessMsMax = 6 * hourMs;

// Of replies.
const selfReplyShare = 0.15;
const replyToAccountShare = 0.03;
const replyToUnknownShare = 0.03;
const replyWithoutConversationShare = 0.03;
// Of deletes.
const deleteUnknownShare = 0.15;
const deleteFirstShare = 0.15;
const deleteWithoutAuthorShare = 0.02;
/** Of retweets and replies: aimed at a retweet itself, which most clients forward to its source. */
const aimAtRetweetShare = 0.05;

const noMedia: readonly GeneratedMedia[] = [];

export class EventGenerator {
  readonly authors: Authors;
  readonly #mix: EventMix;
  readonly #startMs: number;
  readonly #random: Random;
  readonly #content: Random;
  readonly #ids: PostIds;
  readonly #recent: GeneratedCreate[] = [];
  #recentNext = 0;
  readonly #heldBack: (GeneratedCreate | undefined)[] = Array.from({ length: heldBackMax });
  #index = 0;

  /** Throws RangeError or ConfigurationError for options out of bounds. */
  constructor(options: EventGeneratorOptions) {
    this.#mix = createEventMix(options.mix);
    this.#startMs = options.startMs;
    this.authors = createAuthors(options.authors);
    const root = new Random(options.seed);
    this.#random = root.fork();
    this.#content = root.fork();
    this.#ids = createPostIds(root.fork(), options.startMs);
  }

  /** The next event, written at `recordTimestampMs`: whole milliseconds, never less than the last. */
  next(recordTimestampMs: number): GeneratedEvent {
    this.#index += 1;
    const slot = this.#index % heldBackMax;
    const due = this.#heldBack[slot];
    if (due !== undefined) {
      this.#heldBack[slot] = undefined;
      return { ...due, recordTimestampMs };
    }
    const mix = this.#mix;
    let draw = this.#random.fraction();
    if ((draw -= mix.garbage) < 0) return this.#garbage(recordTimestampMs);
    if ((draw -= mix.quotedDeletes) < 0) return this.#quotedDelete(recordTimestampMs);
    if ((draw -= mix.deletes) < 0) return this.#delete(recordTimestampMs);
    return this.#createInSomeOrder(recordTimestampMs);
  }

  /** Ids of the newest posts that were made, newest first: what a user may have seen already. */
  recentPostIds(count: number): bigint[] {
    const size = this.#recent.length;
    const ids: bigint[] = [];
    for (let age = 0; age < Math.min(count, size); age += 1) {
      const post = this.#recent[(this.#recentNext - 1 - age + size) % size];
      if (post !== undefined) ids.push(post.postId);
    }
    return ids;
  }

  #createInSomeOrder(recordTimestampMs: number): GeneratedCreate {
    const mix = this.#mix;
    let create = this.#create(recordTimestampMs);
    let draw = this.#random.fraction();
    if ((draw -= mix.duplicates) < 0) {
      this.#holdBack({ ...create, duplicate: true });
    } else if ((draw -= mix.outOfOrder) < 0 && this.#holdBack(create)) {
      create = this.#create(recordTimestampMs);
    }
    return create;
  }

  /** False when its place and the next few are taken. */
  #holdBack(create: GeneratedCreate): boolean {
    const delay = 1 + this.#random.below(heldBackMax - 8);
    for (let extra = 0; extra < 4; extra += 1) {
      const slot = (this.#index + delay + extra) % heldBackMax;
      if (this.#heldBack[slot] === undefined) {
        this.#heldBack[slot] = create;
        return true;
      }
    }
    return false;
  }

  #create(recordTimestampMs: number): GeneratedCreate {
    const random = this.#random;
    const late = random.chance(this.#mix.late);
    const createdAtMs = late
      ? recordTimestampMs - random.between(latenessMsMin, latenessMsMax)
      : recordTimestampMs;
    const draw = random.fraction();
    const target = draw < this.#mix.replies + this.#mix.retweets ? this.#recentPost() : undefined;
    const postId = this.#ids.next(createdAtMs, late);
    let create: GeneratedCreate;
    if (target === undefined) create = this.#original(postId, createdAtMs, recordTimestampMs);
    else if (draw < this.#mix.replies) {
      create = this.#reply(target, postId, createdAtMs, recordTimestampMs);
    } else create = this.#retweet(target, postId, createdAtMs, recordTimestampMs);
    if (!create.nullcast) this.#remember(create);
    return create;
  }

  #original(postId: bigint, createdAtMs: number, recordTimestampMs: number): GeneratedCreate {
    const nullcast = this.#random.chance(this.#mix.nullcasts);
    return {
      kind: 'create',
      label: nullcast ? 'nullcast' : 'original',
      recordTimestampMs,
      duplicate: false,
      postId,
      authorId: this.#anyAuthor(),
      createdAtSeconds: Math.floor(createdAtMs / 1000),
      text: generateText(this.#content),
      nullcast,
      inReplyToPostId: null,
      inReplyToUserId: null,
      conversationId: this.#random.chance(0.5) ? postId : null,
      sourcePostId: null,
      sourceUserId: null,
      media: generateMedia(this.#content),
    };
  }

  #reply(
    target: GeneratedCreate,
    postId: bigint,
    createdAtMs: number,
    recordTimestampMs: number,
  ): GeneratedCreate {
    const random = this.#random;
    const authorId = random.chance(selfReplyShare) ? target.authorId : this.#anyAuthor();
    let inReplyToPostId: bigint | null = target.postId;
    let conversationId: bigint | null = target.conversationId ?? target.postId;
    let draw = random.fraction();
    if ((draw -= replyToAccountShare) < 0) {
      inReplyToPostId = null;
      conversationId = postId;
    } else if ((draw -= replyToUnknownShare) < 0) {
      inReplyToPostId = this.#ids.unknown(this.#beforeWindowMs());
      conversationId = inReplyToPostId;
    } else if ((draw -= replyWithoutConversationShare) < 0) conversationId = null;
    return {
      kind: 'create',
      label: 'reply',
      recordTimestampMs,
      duplicate: false,
      postId,
      authorId,
      createdAtSeconds: Math.floor(createdAtMs / 1000),
      text: generateText(this.#content),
      nullcast: false,
      inReplyToPostId,
      inReplyToUserId: target.authorId,
      conversationId,
      sourcePostId: null,
      sourceUserId: null,
      media: generateMedia(this.#content),
    };
  }

  #retweet(
    target: GeneratedCreate,
    postId: bigint,
    createdAtMs: number,
    recordTimestampMs: number,
  ): GeneratedCreate {
    return {
      kind: 'create',
      label: 'retweet',
      recordTimestampMs,
      duplicate: false,
      postId,
      authorId: this.#anyAuthor(),
      createdAtSeconds: Math.floor(createdAtMs / 1000),
      text: target.text,
      nullcast: false,
      inReplyToPostId: null,
      inReplyToUserId: null,
      conversationId: null,
      sourcePostId: target.postId,
      sourceUserId: target.authorId,
      media: noMedia,
    };
  }

  #delete(recordTimestampMs: number): GeneratedDelete | GeneratedCreate {
    const random = this.#random;
    let draw = random.fraction();
    if ((draw -= deleteUnknownShare) < 0) {
      const createdAtMs = this.#beforeWindowMs();
      return {
        kind: 'delete',
        recordTimestampMs,
        postId: this.#ids.unknown(createdAtMs),
        authorId: this.#anyAuthor(),
        authorInRecord: true,
        createdAtSeconds: Math.floor(createdAtMs / 1000),
      };
    }
    let doomed = this.#recentPost();
    if (doomed === undefined || (draw -= deleteFirstShare) < 0) {
      doomed = this.#create(recordTimestampMs);
      if (!this.#holdBack(doomed)) return doomed;
    }
    return {
      kind: 'delete',
      recordTimestampMs,
      postId: doomed.postId,
      authorId: doomed.authorId,
      authorInRecord: !random.chance(deleteWithoutAuthorShare),
      createdAtSeconds: doomed.createdAtSeconds,
    };
  }

  #quotedDelete(recordTimestampMs: number): GeneratedQuotedDelete | GeneratedCreate {
    const quoting = this.#recentPost();
    const quoted = this.#recentPost();
    if (quoting === undefined || quoted === undefined) return this.#create(recordTimestampMs);
    return {
      kind: 'quoted_delete',
      recordTimestampMs,
      quotingPostId: quoting.postId,
      quotingUserId: quoting.authorId,
      quotedPostId: quoted.postId,
      quotedUserId: quoted.authorId,
    };
  }

  #garbage(recordTimestampMs: number): GeneratedGarbage {
    const draw = this.#random.below(4);
    const flavours = ['random_bytes', 'truncated', 'missing_id', 'other_variant'] as const;
    // Never remembered, so that nothing refers to a post that nobody can have seen.
    const create = this.#original(
      this.#ids.unknown(this.#beforeWindowMs()),
      recordTimestampMs,
      recordTimestampMs,
    );
    return {
      kind: 'garbage',
      recordTimestampMs,
      flavour: flavours[draw] ?? 'random_bytes',
      seed: this.#random.next32(),
      create,
    };
  }

  #anyAuthor(): bigint {
    return this.authors.idOf(this.authors.pickByPopularity(this.#random));
  }

  #beforeWindowMs(): number {
    return this.#startMs - dayMs - this.#random.below(5 * dayMs);
  }

  /** A post that was made lately, the newer the likelier; a retweet gives way to its source. */
  #recentPost(): GeneratedCreate | undefined {
    const random = this.#random;
    const size = this.#recent.length;
    if (size === 0) return undefined;
    for (let attempt = 0; ; attempt += 1) {
      const fraction = random.fraction();
      const age = Math.floor(fraction * fraction * size);
      const post = this.#recent[(this.#recentNext - 1 - age + size) % size];
      if (
        post === undefined ||
        post.label !== 'retweet' ||
        attempt === 3 ||
        random.chance(aimAtRetweetShare)
      ) {
        return post;
      }
    }
  }

  #remember(create: GeneratedCreate): void {
    if (this.#recent.length < recentPostsMax) {
      this.#recent.push(create);
      this.#recentNext = this.#recent.length;
      return;
    }
    if (this.#recentNext >= recentPostsMax) this.#recentNext = 0;
    this.#recent[this.#recentNext] = create;
    this.#recentNext += 1;
  }
}

/**
 * `count` events whose records are spread evenly from `startMs` up to `endMs`, both reached (one
 * event alone is at the end).
 */
export function* generateBacklog(
  generator: EventGenerator,
  count: number,
  startMs: number,
  endMs: number,
): Generator<GeneratedEvent, void, void> {
  const steps = Math.max(1, count - 1);
  for (let index = 0; index < count; index += 1) {
    const fraction = count === 1 ? 1 : index / steps;
    yield generator.next(Math.floor(startMs + (endMs - startMs) * fraction));
  }
}
