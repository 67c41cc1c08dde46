/**
 * An event before it is bytes: what happened, in neither of the two wire formats. Ids are unsigned
 * 64-bit bigints.
 */

/** `photo` and `gif` have no duration. */
export interface GeneratedMedia {
  readonly kind: 'photo' | 'video' | 'gif';
  readonly durationMs: number | null;
}

/** What a create is, for counting; `nullcast` posts never reach a timeline. */
export type CreateLabel = 'original' | 'reply' | 'retweet' | 'nullcast';

export interface GeneratedCreate {
  readonly kind: 'create';
  readonly label: CreateLabel;
  /** When the record is written, milliseconds: the timestamp of the Kafka record. */
  readonly recordTimestampMs: number;
  /** The same create was sent before. */
  readonly duplicate: boolean;
  readonly postId: bigint;
  readonly authorId: bigint;
  readonly createdAtSeconds: number;
  readonly text: string;
  readonly nullcast: boolean;
  /** Absent with `inReplyToUserId` present: a reply to an account, not to a post. */
  readonly inReplyToPostId: bigint | null;
  readonly inReplyToUserId: bigint | null;
  readonly conversationId: bigint | null;
  /** Of a retweet: both. */
  readonly sourcePostId: bigint | null;
  readonly sourceUserId: bigint | null;
  readonly media: readonly GeneratedMedia[];
}

export interface GeneratedDelete {
  readonly kind: 'delete';
  readonly recordTimestampMs: number;
  readonly postId: bigint;
  /** Who wrote the post; only in the record when `authorInRecord`. */
  readonly authorId: bigint;
  readonly authorInRecord: boolean;
  /** Of the deleted post. */
  readonly createdAtSeconds: number;
}

/** A quoted post was deleted, and with it goes the post that quotes it. */
export interface GeneratedQuotedDelete {
  readonly kind: 'quoted_delete';
  readonly recordTimestampMs: number;
  readonly quotingPostId: bigint;
  readonly quotingUserId: bigint;
  readonly quotedPostId: bigint;
  readonly quotedUserId: bigint;
}

/**
 * What should be counted and skipped: `random_bytes`; a good create cut short at `seed` modulo its
 * length (`truncated`); a create whose post id is 0 (`missing_id`); an event of a kind that
 * nobody asked for (`other_variant`).
 */
export interface GeneratedGarbage {
  readonly kind: 'garbage';
  readonly recordTimestampMs: number;
  readonly flavour: 'random_bytes' | 'truncated' | 'missing_id' | 'other_variant';
  /** Decides the random bytes and the cut. */
  readonly seed: number;
  /** The create that was harmed. */
  readonly create: GeneratedCreate;
}

export type GeneratedEvent =
  | GeneratedCreate
  | GeneratedDelete
  | GeneratedQuotedDelete
  | GeneratedGarbage;

/** Under what an event is counted in totals. */
export type EventLabel = CreateLabel | 'duplicate' | 'delete' | 'quoted_delete' | 'garbage';

export const eventLabels: readonly EventLabel[] = [
  'original',
  'reply',
  'retweet',
  'nullcast',
  'duplicate',
  'delete',
  'quoted_delete',
  'garbage',
];

export function labelOf(event: GeneratedEvent): EventLabel {
  if (event.kind !== 'create') return event.kind;
  return event.duplicate ? 'duplicate' : event.label;
}

/** Rule T3: exactly one media entity, a video, of at least five seconds. */
export function hasVideo(create: GeneratedCreate): boolean {
  const [only] = create.media;
  return (
    create.media.length === 1 &&
    only !== undefined &&
    only.kind === 'video' &&
    (only.durationMs ?? 0) >= videoDurationMsMin
  );
}

const videoDurationMsMin = 5_000;
