/**
 * The query of rules Q1 to Q6, Q8 and Q11 over the columnar store, in passes over all authors and then
 * over all posts, so that the processor waits for many cache lines at once. It looks at the newest
 * posts only: at as many as the answer needs and a few more, which is exact, because all that it left
 * out is older than all that it answers. Nothing is allocated for a post or an author.
 */
import { lineWords } from '#node/store/columns/shared-words.ts';
import type { StoreMemory } from '#node/store/columns/store-memory.ts';
import { StoreView } from '#node/store/columns/store-view.ts';
import type { RequestFields } from '#proto/wire/request-fields.ts';
import { InvalidRequestError } from '../invalid-request-error.ts';
import {
  assertKnownAlgorithm,
  describe,
  type PlanOptions,
  resultsWanted,
} from '../plan-request.ts';
import type { QueryAnswer, QueryContext, QueryEngine, Truncation } from '../query-engine.ts';
import { authorsPerStopCheck } from '../scan-limits.ts';
import { AgeHistogram } from './age-histogram.ts';
import { AnswerBody } from './answer-body.ts';
import { AuthorEntries } from './author-entries.ts';
import {
  AuthorList,
  countInLine,
  countTaken,
  keepAuthors,
  keepYoungest,
  takeEntries,
} from './collect-candidates.ts';
import { Exclusions } from './exclusions.ts';
import { Follows } from './follows.ts';
import { judgeCandidates, touchRecords } from './judge-candidates.ts';
import { homeLanes, type Lanes, laneMask, videoLanes } from './lanes.ts';
import { LineCopies } from './line-copies.ts';
import { NewestFirst } from './newest-first.ts';
import { PostJudge } from './post-judge.ts';
import { PostList } from './post-list.ts';
import { scanAuthor } from './scan-author.ts';
import { statisticsOf } from './statistics-of.ts';
import { TimeWindow } from './time-window.ts';

/** Bounds of `Pace.share`. */
const shareMin = 1.03;
const shareMax = 8;
const learningRate = 0.05;
/** The first cut should take so many times what is needed, and reaches further or less far to do so. */
const takenWanted = 1.25;
const reachMin = 0.2;
const reachMax = 4;

/**
 * `reader` is a number of its own for each engine over the store that other threads may use at the same
 * time, below `readersMax - 1`.
 */
export function createColumnarQuery(
  store: { readonly memory: StoreMemory },
  options: PlanOptions,
  reader = 0,
): QueryEngine {
  const query = new ColumnarQuery(new StoreView(store.memory, reader), options);
  return { answer: (request, context) => query.answer(request, context) };
}

/** Answers made for one request at most. */
const triesMax = 8;

/** What requests of a kind took, so that the next is cut about right. No answer depends on it. */
interface Pace {
  /** Candidates for each post that is wanted. */
  share: number;
  /** How much further the first cut has to reach than counting says. */
  reach: number;
}

class ColumnarQuery {
  readonly #view: StoreView;
  readonly #options: PlanOptions;
  readonly #follows = new Follows();
  readonly #exclusions = new Exclusions();
  readonly #window = new TimeWindow();
  readonly #judge: PostJudge;
  readonly #lines: LineCopies;
  readonly #entries = new AuthorEntries();
  readonly #histogram = new AgeHistogram();
  readonly #taken = new AgeHistogram();
  readonly #authors = new AuthorList();
  readonly #candidates = new PostList();
  readonly #passed = new PostList();
  readonly #sorter = new NewestFirst();
  readonly #body = new AnswerBody();
  #passedByLane = new Int32Array(128);
  /** By author: whether it is scanned anew. */
  #isAgain = new Uint8Array(64);
  readonly #homePace: Pace = { share: 1.1, reach: 1.4 };
  readonly #videoPace: Pace = { share: 1.4, reach: 1 };
  /** What was touched is kept where it might be read, or the compiler would not touch it. */
  touched = 0;
  /** No post that passed is of a greater age. */
  #oldestPassed = 0;
  /** Q8: the place among those followed at which the scan was told to stop; -1 while it was not. */
  #stoppedAt = -1;

  constructor(view: StoreView, options: PlanOptions) {
    this.#view = view;
    this.#options = options;
    this.#judge = new PostJudge(view, this.#follows, this.#exclusions);
    this.#lines = new LineCopies(view);
  }

  answer(request: RequestFields, context: QueryContext): QueryAnswer {
    const truncations: Truncation[] = [];
    const wanted = this.#plan(request, truncations);
    const view = this.#view;
    view.enter();
    try {
      let answer = this.#answerWith(request, context, wanted, truncations);
      // Posts so much newer than all others come once in days: that a query meets two is out of the question.
      for (let tries = 1; this.#window.isOutgrown(view) && tries < triesMax; tries += 1) {
        answer = this.#answerWith(request, context, wanted, truncations);
      }
      return answer;
    } finally {
      view.leave();
    }
  }

  #answerWith(
    request: RequestFields,
    context: QueryContext,
    wanted: number,
    truncations: readonly Truncation[],
  ): QueryAnswer {
    const view = this.#view;
    const lanes = request.isVideoRequest ? videoLanes : homeLanes;
    const follows = this.#follows;
    this.#window.reset(view, context.now);
    this.#judge.reset(context.now, request.userIdHi, request.userIdLo, request.isVideoRequest);
    this.#passed.count = 0;
    this.#oldestPassed = this.#window.oldest;
    this.#stoppedAt = context.shouldStop() ? 0 : -1;
    const isAnythingLive = this.#window.youngest <= this.#window.oldest;
    if (this.#stoppedAt < 0 && isAnythingLive) {
      follows.copyLines(view, this.#lines);
      if (context.wantStatistics) {
        this.#scanAll(lanes, context);
      } else {
        this.#findNewest(lanes, wanted, context);
      }
    }
    const posts = this.#sort(context.wantStatistics ? this.#passed.count : wanted);
    const answered = Math.min(posts, wanted);
    const { order } = this.#sorter;
    return {
      body: this.#body.write(this.#passed, order, answered, view.slab.words),
      posts: answered,
      truncations,
      partial:
        this.#stoppedAt < 0 ? null : { authorsScanned: this.#stoppedAt, authors: follows.used },
      deletedFiltered: this.#judge.deletedFiltered,
      statistics: context.wantStatistics
        ? {
            retrieved: statisticsOf(view.slab, this.#passed, order, posts, context.now),
            scored: statisticsOf(view.slab, this.#passed, order, answered, context.now),
          }
        : null,
    };
  }

  /** Q1, Q2, Q6: fills in follows and exclusions; answers how many posts are wanted. */
  #plan(request: RequestFields, truncations: Truncation[]): number {
    assertKnownAlgorithm(request.algorithm);
    const { limits, blockedAuthors, strictLimits } = this.#options;
    const follows = this.#follows;
    follows.reset(request.following, blockedAuthors(), limits.followingMax);
    const { distinct, used } = follows;
    if (distinct > used) truncations.push({ field: 'following', given: distinct, used });
    const excluded = Math.min(request.excluded.length, limits.excludedMax);
    if (request.excluded.length > excluded) {
      truncations.push({ field: 'exclude', given: request.excluded.length, used: excluded });
    }
    const given = resultsWanted(request, limits);
    const wanted = Math.min(given, limits.resultsMax);
    if (given > wanted) truncations.push({ field: 'max_results', given, used: wanted });
    if (strictLimits && truncations.length > 0) {
      throw new InvalidRequestError(`The request goes beyond a limit: ${describe(truncations)}`);
    }
    this.#exclusions.reset(request.excluded, excluded);
    return wanted;
  }

  /** Every post that passes, whatever its age: what the statistics are about. */
  #scanAll(lanes: Lanes, { shouldStop }: QueryContext): void {
    const { places } = this.#follows;
    const { count } = this.#lines;
    for (let author = 0; author < count; author += 1) {
      if (author % authorsPerStopCheck === 0 && shouldStop()) {
        this.#stoppedAt = places[author]!;
        return;
      }
      this.#copyEntries(author, this.#window.oldest);
      this.#scan(lanes, author, 0);
      this.#scan(lanes, author, 1);
    }
  }

  /** All entries of the author of a copied line, up to an age. */
  #copyEntries(copy: number, age: number): void {
    const { words, rows } = this.#lines;
    const at = copy * lineWords;
    this.#entries.copy(this.#view, rows[copy]!, words[at]!, words[at + 1]!, this.#window.top, age);
  }

  #scan(lanes: Lanes, author: number, lane: number): void {
    if (lanes.passedMax[lane] !== 0) {
      const { slab } = this.#view;
      scanAuthor(this.#entries, slab, this.#window, this.#judge, lanes, author, lane, this.#passed);
    }
  }

  /** At least the `wanted` newest that pass, when there are as many. */
  #findNewest(lanes: Lanes, wanted: number, { shouldStop }: QueryContext): void {
    const { slab, authors: memory } = this.#view;
    const lines = this.#lines;
    const follows = this.#follows;
    const window = this.#window;
    const { youngest, oldest } = window;
    const authors = this.#authors;
    const candidates = this.#candidates;
    const passed = this.#passed;
    const pace = lanes === videoLanes ? this.#videoPace : this.#homePace;
    this.#histogram.reset();
    countInLine(lines, window, lanes, this.#histogram);
    let needed = Math.ceil(wanted * pace.share);
    let counted = needed * pace.reach;
    for (let isFirst = true; ; isFirst = false) {
      // A cut that leaves enough for sure, then one that leaves just enough.
      const age = youngest + this.#histogram.ageOf(counted, oldest - youngest);
      keepAuthors(lines, window, age, authors);
      const ask = isFirst ? shouldStop : null;
      const stoppedTaking = takeEntries(
        lines,
        memory.blocks,
        follows,
        window,
        lanes,
        age,
        authors,
        candidates,
        ask,
      );
      if (candidates.count < needed && age < oldest && stoppedTaking < 0) {
        pace.reach = Math.min(reachMax, pace.reach * 1.05);
        counted *= 1.5;
        continue;
      }
      this.#learnReach(pace, candidates.count / needed, isFirst);
      this.#taken.reset();
      countTaken(candidates, window, this.#taken);
      const tight = youngest + this.#taken.ageOf(needed, age - youngest);
      this.#oldestPassed = tight;
      keepYoungest(candidates, window, tight);
      this.touched = touchRecords(candidates, slab);
      this.#judge.deletedFiltered = 0;
      const stoppedJudging = judgeCandidates(
        candidates,
        this.#judge,
        stoppedTaking < 0 ? shouldStop : null,
        passed,
      );
      if (stoppedJudging >= 0) {
        this.#stopAt(candidates.owners[stoppedJudging]!);
        return;
      }
      this.#resume(lanes, tight);
      if (stoppedTaking >= 0) {
        this.#stopAt(stoppedTaking);
        return;
      }
      this.#learnShare(pace, candidates.count, isFirst);
      if (passed.count >= wanted || tight >= oldest) {
        return;
      }
      needed *= 2;
      counted = Math.max(counted, needed) * 2;
    }
  }

  /** Q8: leaves what was found of the authors before this one, whose posts are all there. */
  #stopAt(author: number): void {
    const passed = this.#passed;
    while (passed.count > 0 && passed.owners[passed.count - 1]! >= author) {
      passed.count -= 1;
    }
    this.#stoppedAt = this.#follows.places[this.#authors.copies[author]!]!;
  }

  /** Scans those authors anew that were cut short and of whose posts too few passed. */
  #resume(lanes: Lanes, age: number): void {
    const authors = this.#authors;
    if (authors.cutCount === 0) {
      return;
    }
    const passed = this.#passed;
    if (this.#isAgain.length < authors.count) {
      this.#passedByLane = new Int32Array(authors.count * 4);
      this.#isAgain = new Uint8Array(authors.count * 2);
    }
    const byLane = this.#passedByLane;
    byLane.fill(0, 0, authors.count * 2);
    const { laneOf, passedMax } = lanes;
    for (let index = 0; index < passed.count; index += 1) {
      const at = passed.owners[index]! * 2 + laneOf[passed.words[index]! & laneMask]!;
      byLane[at] = byLane[at]! + 1;
    }
    const isAgain = this.#isAgain;
    isAgain.fill(0, 0, authors.count);
    let again = 0;
    for (let cut = 0; cut < authors.cutCount; cut += 1) {
      const author = authors.cut[cut]!;
      for (let lane = 0; lane < 2; lane += 1) {
        const at = author * 2 + lane;
        if (authors.resumeAge[at]! <= age && byLane[at]! < passedMax[lane]!) {
          again += isAgain[author] === 0 ? 1 : 0;
          isAgain[author] = 1;
        }
      }
    }
    if (again === 0) {
      return;
    }
    passed.removeOwnedBy(isAgain);
    for (let cut = 0; cut < authors.cutCount; cut += 1) {
      const author = authors.cut[cut]!;
      if (isAgain[author] === 1) {
        this.#copyEntries(authors.copies[author]!, age);
        this.#scan(lanes, author, 0);
        this.#scan(lanes, author, 1);
      }
    }
  }

  #learnShare(pace: Pace, candidates: number, isFirst: boolean): void {
    const seen = isFirst ? (candidates / Math.max(1, this.#passed.count)) * shareMin : shareMax;
    const share = pace.share + (Math.min(seen, shareMax) - pace.share) * learningRate;
    pace.share = Math.max(shareMin, share);
  }

  #learnReach(pace: Pace, takenShare: number, isFirst: boolean): void {
    if (isFirst) {
      const reach = (pace.reach * takenWanted) / Math.max(takenShare, 1);
      pace.reach = Math.max(reachMin, pace.reach + (reach - pace.reach) * learningRate);
    }
  }

  #sort(wanted: number): number {
    const { top, youngest } = this.#window;
    const oldest = Math.max(youngest, this.#oldestPassed);
    const { words } = this.#view.slab;
    return this.#sorter.sort(this.#passed, words, top, youngest, oldest, wanted);
  }
}
