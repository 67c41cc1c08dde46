/**
 * Random states of a small but busy network, and requests about them: hundreds of posts of loud and
 * quiet authors, late ones, deleted ones, conversations, in any order of arrival. Made from one number,
 * many in a second, where arbitraries would be too slow.
 */
import { Random } from '#cli/generator/random.ts';
import {
  createEvent,
  deleteEvent,
  type PlainEvent,
  type PlainPost,
  type PlainRequest,
} from './plain-events.ts';

export interface BusyWorld {
  readonly now: number;
  readonly retentionSeconds: number;
  readonly maxFutureSkewSeconds: number;
  readonly events: readonly PlainEvent[];
  request(): PlainRequest;
  /** `now` or a little before or after. */
  moment(): number;
}

export function createBusyWorld(seed: number): BusyWorld {
  const random = new Random(seed);
  const now = 1_700_000_000 + random.below(1_000_000);
  const retentionSeconds = random.chance(0.5) ? 172_800 : 1_000;
  const maxFutureSkewSeconds = 300;
  // Most worlds are small; in a wide one lists grow beyond what they hold at first.
  const isWide = random.chance(0.1);
  const authorCount = 1 + random.below(isWide ? 200 : 40);
  const postCount = 1 + random.below(isWide || random.chance(0.2) ? 1_500 : 200);
  const authors = Array.from({ length: authorCount }, (_, index) => idLike(random, index + 1));
  const postIds = Array.from({ length: postCount }, (_, index) => idLike(random, 1_000 + index));
  const spread = random.chance(0.3) ? 20 : retentionSeconds + 4_000;
  const aRareId = () => (random.chance(0.05) ? idLike(random, 900_000) : pick(random, postIds));
  /** The first authors are the loudest. */
  const anAuthor = () => authors[Math.floor(random.fraction() ** 3 * authorCount)]!;

  function aPost(postId: bigint): PlainPost {
    const createdAt = now + 200 - Math.floor(random.fraction() * spread);
    const shape = random.fraction();
    const base = { postId, authorId: anAuthor(), createdAt, hasVideo: random.chance(0.2) };
    if (shape < 0.4) return createEvent(base).post;
    if (shape < 0.65) {
      return createEvent({
        ...base,
        hasVideo: random.chance(0.1),
        isRetweet: true,
        sourcePostId: random.chance(0.9) ? aRareId() : undefined,
        sourceUserId: random.chance(0.9) ? anAuthor() : undefined,
      }).post;
    }
    return createEvent({
      ...base,
      isReply: true,
      isRetweet: random.chance(0.03),
      sourceUserId: random.chance(0.05) ? anAuthor() : undefined,
      inReplyToPostId: random.chance(0.95) ? aRareId() : undefined,
      inReplyToUserId: random.chance(0.95) ? anAuthor() : undefined,
      conversationId: random.chance(0.9) ? aRareId() : undefined,
    }).post;
  }

  const byId = new Map<bigint, PlainPost>();
  for (const postId of new Set(postIds)) {
    const made = aPost(postId);
    // Most conversations are real ones: they name what the parent is an answer to.
    const parent = byId.get(made.inReplyToPostId ?? 0n);
    const isReal = parent?.inReplyToPostId !== undefined && random.chance(0.8);
    byId.set(postId, isReal ? { ...made, conversationId: parent.inReplyToPostId } : made);
  }
  const creates: PlainEvent[] = [...byId.values()].map((post) => ({ kind: 'create', post }));
  const deletes = creates.flatMap(() =>
    random.chance(0.06) ? [deleteEvent(aRareId(), now - random.below(retentionSeconds))] : [],
  );
  const inOrder = random.chance(0.5);
  const events = inOrder
    ? [...creates, ...deletes]
    : shuffled(random, [...creates, ...creates.slice(0, 5), ...deletes]);
  const followable = [...authors, 0n, 77n];

  return {
    now,
    retentionSeconds,
    maxFutureSkewSeconds,
    events,
    moment: () => now + pick(random, [0, 0, 0, -100, -600, 50, 700, retentionSeconds / 2]),
    request: () => ({
      userId: pick(random, followable),
      following: Array.from({ length: random.below(isWide ? 600 : 60) }, () =>
        pick(random, followable),
      ),
      excluded: Array.from({ length: random.below(30) }, aRareId),
      maxResults: pick(random, [0, 1, 2, 5, 10, 30, 100, 1_200]),
      algorithm: '',
      isVideoRequest: random.chance(0.3),
    }),
  };
}

/** Of every length that a varint may have. */
function idLike(random: Random, index: number): bigint {
  const draw = random.below(6);
  if (draw === 0) return BigInt(index);
  if (draw === 1) return 2n ** 63n + BigInt(index);
  if (draw === 2) return (BigInt(index) << BigInt(random.below(40))) + 1n;
  return (1_234_567_890n << 28n) + BigInt(index * 4_099);
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}

export function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const all = [...values];
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [all[last], all[other]] = [all[other]!, all[last]!];
  }
  return all;
}
