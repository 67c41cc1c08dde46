/**
 * A reading thread of a stress run: asks without a pause, and checks each answer against what must hold
 * whatever the writer does meanwhile. Throws at the first that does not.
 */
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '#cli/generator/random.ts';
import { createColumnarQuery } from '#node/query/columns/columnar-query.ts';
import { defaultQueryLimits } from '#node/query/query-engine.ts';
import { originalsPerAuthor, secondariesPerAuthor } from '#node/query/scan-limits.ts';
import type { StoreMemory } from '#node/store/columns/store-memory.ts';
import { createLightPostFields } from '#proto/wire/light-post-fields.ts';
import { readLightPost } from '#proto/wire/read-light-post.ts';
import { appendId, createRequestFields } from '#proto/wire/request-fields.ts';
import { encodeLightPost, LIGHT_POST_BYTES_MAX } from '#proto/wire/write-light-post.ts';
import { place, type StressProgress, slotOf } from './stress-progress.ts';
import {
  authors,
  livePosts,
  maxFutureSkewSeconds,
  retentionSeconds,
  StressWorld,
} from './stress-world.ts';

export interface StressReaderData {
  readonly seed: number;
  readonly reader: number;
  readonly memory: StoreMemory;
  readonly progress: StressProgress;
}

/** What a reader says in the end. */
export interface StressReaderResult {
  readonly answers: number;
  readonly posts: number;
}

const { seed, reader, memory, progress }: StressReaderData = workerData;
const nobody: ReadonlySet<bigint> = new Set();
const world = new StressWorld(seed);
const random = new Random(seed + reader);
const engine = createColumnarQuery(
  { memory },
  { limits: defaultQueryLimits, blockedAuthors: () => nobody, strictLimits: false },
  reader,
);
const request = createRequestFields();
const post = createLightPostFields();
const expected = Buffer.alloc(LIGHT_POST_BYTES_MAX);
let answers = 0;
let posts = 0;

while (Atomics.load(progress.counts, place.isOver) === 0) {
  ask();
}
const result: StressReaderResult = { answers, posts };
parentPort?.postMessage(result);

function ask(): void {
  const follows = chooseFollows();
  request.maxResults = random.below(3) === 0 ? 1_500 : 1 + random.below(200);
  request.isVideoRequest = random.below(8) === 0;
  const deletes = Atomics.load(progress.counts, place.deletes);
  const applied = Atomics.load(progress.counts, place.posts);
  // Counted from before `newest` is read: what pushes that one beyond the cap is then counted.
  const originals = follows.map((author) => progress.originals[author]!);
  const newest = follows.map((author) => progress.newest[author]! - 1);
  const now = world.secondOf(applied);
  const answer = engine.answer(request, {
    now,
    shouldStop: () => false,
    wantStatistics: random.below(50) === 0,
  });
  const numbers = check(answer.body, new Set(follows), now, deletes);
  // A reader that did not run for long may miss what has come and gone meanwhile.
  const passed = Atomics.load(progress.counts, place.posts) - applied;
  if (!request.isVideoRequest && passed < livePosts / 4) {
    const isWithinCap = (author: number, index: number): boolean =>
      progress.originals[author]! - originals[index]! < originalsPerAuthor / 2;
    const within = follows.map((author, index) => isWithinCap(author, index));
    checkNewest(
      numbers,
      newest.filter((_, index) => within[index]),
      now,
    );
  }
  answers += 1;
  posts += numbers.length;
}

function chooseFollows(): number[] {
  const chosen = new Set<number>();
  const wanted = 1 + random.below(150);
  for (let index = 0; index < wanted; index += 1) {
    chosen.add(1 + Math.floor(authors * random.fraction() ** 2));
  }
  if (random.below(2) === 0) chosen.add(1);
  request.following.length = 0;
  for (const author of chosen) appendId(request.following, 0, author);
  return [...chosen];
}

/** Answers the numbers of the posts. */
function check(
  body: Uint8Array,
  follows: ReadonlySet<number>,
  now: number,
  deletes: number,
): number[] {
  const counts = new Map<string, number>();
  const numbers: number[] = [];
  for (let at = 0; at < body.length; at += 2 + body[at + 1]!) {
    assert.equal(body[at], 0x0a);
    const bytes = body.subarray(at + 2, at + 2 + body[at + 1]!);
    assert.equal(readLightPost(bytes, 0, bytes.length, post), 'canonical');
    const number = world.numberOf(post.postIdHi, post.postIdLo);
    assert.ok(number >= 0, `no post has the id ${post.postIdHi}, ${post.postIdLo}`);
    world.fill(number, post);
    const length = encodeLightPost(post, expected, 0);
    if (expected.compare(bytes, 0, bytes.length, 0, length) !== 0) {
      assert.fail(`post ${number} is ${Buffer.from(bytes).toString('hex')}`);
    }
    const { authorIdLo: author, createdAt } = post;
    const kind = world.kindOf(number);
    assert.ok(follows.has(author), 'somebody nobody asked for');
    assert.ok(createdAt >= now - retentionSeconds && createdAt <= now + maxFutureSkewSeconds);
    const before = numbers.at(-1);
    assert.ok(before === undefined || isNewer(before, number), 'not the newest first, or twice');
    assertNotDeleted(number, deletes);
    if (kind === 'reply' && !request.isVideoRequest) {
      assertNotDeleted(world.referredBy(number), deletes);
    }
    const lane = `${author} ${kind === 'original' ? 'original' : 'secondary'}`;
    counts.set(lane, (counts.get(lane) ?? 0) + 1);
    numbers.push(number);
  }
  assert.ok(numbers.length <= request.maxResults);
  for (const [lane, count] of counts) {
    const isOriginal = lane.endsWith('original');
    const max = isOriginal ? originalsPerAuthor : secondariesPerAuthor;
    assert.ok(count <= (request.isVideoRequest ? 100 : max), `${count} of ${lane}`);
  }
  return numbers;
}

function assertNotDeleted(number: number, deletes: number): void {
  const deletedBy = progress.deletes[slotOf(number)]!;
  assert.ok(
    deletedBy === 0 || deletedBy > deletes,
    `post ${number} was deleted before it was asked for`,
  );
}

/** I1: what was there before the question is in the answer. */
function checkNewest(numbers: readonly number[], newest: readonly number[], now: number): void {
  const answered = new Set(numbers);
  const last = numbers.length < request.maxResults ? -1 : numbers.at(-1)!;
  for (const number of newest) {
    if (number < 0 || world.createdAt(number) > now) continue;
    // Half of retention: what is older may have been given up for room.
    if (world.createdAt(number) < now - retentionSeconds / 2) continue;
    if (progress.deletes[slotOf(number)] !== 0 || answered.has(number)) continue;
    assert.ok(last >= 0 && !isNewer(number, last), `post ${number} is missing`);
  }
}

function isNewer(one: number, other: number): boolean {
  const difference = world.createdAt(one) - world.createdAt(other);
  return difference > 0 || (difference === 0 && one > other);
}
