/**
 * One thread writes as fast as it can, late posts, deletes and reclaiming among it, while others ask and
 * check every answer.
 */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ColumnarStore } from '#node/store/columns/columnar-store.ts';
import { createLightPostFields } from '#proto/wire/light-post-fields.ts';
import { encodeLightPost, LIGHT_POST_BYTES_MAX } from '#proto/wire/write-light-post.ts';
import { createProgress, place, type StressProgress, slotOf } from './stress-progress.ts';
import type { StressReaderData, StressReaderResult } from './stress-reader.ts';
import { livePosts, maxFutureSkewSeconds, retentionSeconds, StressWorld } from './stress-world.ts';

export interface StressOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly readers: number;
  /** What ends the time of a post: its age, or the room there is. */
  readonly boundBy: 'age' | 'room';
}

export interface StressResult {
  readonly events: number;
  readonly answers: number;
  readonly posts: number;
  readonly evicted: number;
}

/** Between two looks at messages and the time. */
const writeMs = 20;
const eventsPerReclaim = 5_000;
/** Marks of deletes are wiped so far ahead of the posts they are for. */
const wipedAhead = 1_000;

/** Rejects at the first answer that is wrong. `isOver` is asked now and then, and ends the run early. */
export async function runStress(
  options: StressOptions,
  isOver: () => boolean = () => false,
): Promise<StressResult> {
  const { seed, seconds, boundBy } = options;
  const store = new ColumnarStore({
    retentionSeconds,
    maxFutureSkewSeconds,
    postsMax: boundBy === 'age' ? livePosts * 4 : livePosts,
    tombstonesMax: livePosts * 4,
  });
  const progress = createProgress();
  const writer = new Writer(store, new StressWorld(seed), progress);
  // Some state to ask about.
  writer.write(livePosts);
  const workers = Array.from({ length: options.readers }, (_, reader) => {
    const workerData: StressReaderData = { seed, reader, memory: store.memory, progress };
    return new Worker(new URL('./stress-reader.ts', import.meta.url), { workerData });
  });
  let failure: unknown;
  const results = workers.map(async (worker): Promise<StressReaderResult> => {
    const said = once(worker, 'message');
    said.catch((error: unknown) => {
      failure ??= error;
    });
    const [result]: [StressReaderResult] = (await said) as [StressReaderResult];
    return result;
  });
  // A rejection is looked at when all is over.
  void Promise.allSettled(results);
  const endMs = performance.now() + seconds * 1000;
  try {
    while (failure === undefined && performance.now() < endMs && !isOver()) {
      const sliceEndMs = performance.now() + writeMs;
      while (performance.now() < sliceEndMs) writer.write(256);
      await nextTurn();
    }
  } finally {
    Atomics.store(progress.counts, place.isOver, 1);
  }
  const all = await Promise.all(results);
  return {
    events: writer.events,
    answers: all.reduce((sum, { answers }) => sum + answers, 0),
    posts: all.reduce((sum, { posts }) => sum + posts, 0),
    evicted: store.stats(0).evictedPosts,
  };
}

class Writer {
  events = 0;
  #posts = 0;
  #deletes = 0;
  readonly #store: ColumnarStore;
  readonly #world: StressWorld;
  readonly #progress: StressProgress;
  readonly #post = createLightPostFields();
  readonly #bytes = new Uint8Array(LIGHT_POST_BYTES_MAX);

  constructor(store: ColumnarStore, world: StressWorld, progress: StressProgress) {
    this.#store = store;
    this.#world = world;
    this.#progress = progress;
  }

  /** Applies so many posts, and the deletes that come with them. */
  write(posts: number): void {
    for (let count = 0; count < posts; count += 1) {
      const number = this.#posts;
      this.#create(number);
      const deleted = this.#world.deletedAfter(number);
      if (deleted >= 0) this.#delete(deleted, this.#world.secondOf(number));
      if (this.events % eventsPerReclaim === 0) this.#store.reclaim(this.#world.secondOf(number));
    }
  }

  #create(number: number): void {
    const { deletes, newest, originals, counts } = this.#progress;
    const world = this.#world;
    const post = this.#post;
    const now = world.secondOf(number);
    deletes[slotOf(number + wipedAhead)] = 0;
    world.fill(number, post);
    const length = encodeLightPost(post, this.#bytes, 0);
    this.#store.create(post, this.#bytes, 0, length, now);
    this.#posts = number + 1;
    this.events += 1;
    const author = world.authorOf(number);
    if (world.kindOf(number) === 'original') {
      originals[author] = originals[author]! + 1;
      const before = newest[author]! - 1;
      const isNewest = before < 0 || world.createdAt(before) <= post.createdAt;
      if (isNewest && post.createdAt <= now) newest[author] = number + 1;
    }
    Atomics.store(counts, place.posts, number);
  }

  #delete(number: number, now: number): void {
    const world = this.#world;
    this.#deletes += 1;
    const slot = slotOf(number);
    if (this.#progress.deletes[slot] === 0) this.#progress.deletes[slot] = this.#deletes;
    this.#store.delete(world.idHi(number), world.idLo(number), now);
    this.events += 1;
    Atomics.store(this.#progress.counts, place.deletes, this.#deletes);
  }
}
