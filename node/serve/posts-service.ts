/**
 * GetInNetworkPosts without a transport: rules Q7 to Q11 around the query engine, which answers Q1
 * to Q6. Everything that can be refused is refused before the engine is asked.
 */
import { toId } from '#proto/wire/light-post-fields.ts';
import { readRequest } from '#proto/wire/read-request.ts';
import { appendId, createRequestFields, type RequestFields } from '#proto/wire/request-fields.ts';
import { type Clock, nowSeconds } from '#runtime/clock.ts';
import { ConfigurationError, messageOf } from '#runtime/errors.ts';
import type { LatencyWindow } from '#runtime/latency-window.ts';
import type { Logger } from '#runtime/logger.ts';
import { answerReserveMs, idsPerListMax, statusMessageCharactersMax } from '../limits.ts';
import type { ServingMetrics } from '../metrics.ts';
import { InvalidRequestError } from '../query/invalid-request-error.ts';
import { resultsWanted } from '../query/plan-request.ts';
import type { QueryAnswer, QueryEngine, QueryLimits } from '../query/query-engine.ts';
import { Admission, costOf } from './admission.ts';
import type { FollowGraph } from './follow-graph.ts';
import type {
  CallHandler,
  ServiceAnswer,
  ServiceCall,
  ServiceCode,
  ServiceRefusal,
  ServiceReply,
} from './service-call.ts';

export interface PostsServiceOptions {
  readonly engine: QueryEngine;
  /** The engine's limits, for the share of posts wanted that were found. */
  readonly limits: QueryLimits;
  /** Name of this node in `x-thunder-node`. */
  readonly node: string;
  /** Bytes of a request at most; more is RESOURCE_EXHAUSTED before anything is read. */
  readonly requestBytesMax: number;
  /** Q9, units of cost. */
  readonly maxConcurrentRequests: number;
  /** Q9, units of cost a second; null for no limit. */
  readonly qpsLimit: number | null;
  /** Q9: what admission is counted in (`createAdmissionWords`), the same for all threads of a node. */
  readonly admissionWords: Int32Array;
  /** Q8, milliseconds; 0 for none. */
  readonly requestTimeoutMs: number;
  /** Q11: statistics of every n-th request; 0 for none. */
  readonly statisticsEvery: number;
  /** Q7: null when there is none. */
  readonly followGraph: Pick<FollowGraph, 'following'> | null;
  /** Q7: fill every empty list, not only those of `debug` requests. */
  readonly fillFollowing: boolean;
  /** Whether the node has ever been at its target (L1). Stays true when stale or draining. */
  readonly everReady: () => boolean;
  /** How far the node is, 0..1, null when unknown. Asked only when a query is refused for it. */
  readonly progress: () => number | null;
  /** Q10; null before the node was first at the log's end. */
  readonly stalenessMs: () => number | null;
  readonly metrics: ServingMetrics;
  /** p50, p99 and rate for `/status`. */
  readonly latencies: Pick<LatencyWindow, 'record'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const atCapacity = 'server at capacity, retry on another node';

/** A request on its way, from admission to release. */
interface Admitted {
  readonly startedMs: number;
  readonly cost: number;
  readonly call: ServiceCall;
  readonly deadlineMs: number;
  readonly shouldStop: () => boolean;
  /** Milliseconds spent waiting for the follow graph. */
  waitedMs: number;
}

export class PostsService implements CallHandler {
  readonly #options: PostsServiceOptions;
  readonly #admission: Admission;
  /** Reused by every request that is answered at once; one that waits takes it along. */
  #fields: RequestFields = createRequestFields();
  #sinceStatistics = 0;

  /** Throws ConfigurationError for a node name that a header cannot carry. */
  constructor(options: PostsServiceOptions) {
    if (!/^[\x21-\x7e]{1,253}$/.test(options.node)) {
      throw new ConfigurationError(
        `the node's name ${JSON.stringify(options.node)} must be 1 to 253 printable ASCII characters without spaces`,
      );
    }
    this.#options = options;
    this.#admission = new Admission({
      unitsMax: options.maxConcurrentRequests,
      unitsPerSecond: options.qpsLimit,
      clock: options.clock,
      words: options.admissionWords,
    });
  }

  /** Answers at once, or with a promise when the follow graph has to be asked. */
  handle(request: Uint8Array, call: ServiceCall): ServiceReply | Promise<ServiceReply> {
    const startedMs = this.#options.clock.monotonicMs();
    if (call.signal.aborted) {
      return this.#refuse('CANCELLED', 'the call was cancelled');
    }
    if (!this.#options.everReady()) {
      return this.#refuseUnready();
    }
    if (request.length > this.#options.requestBytesMax) {
      return this.#refuse(
        'RESOURCE_EXHAUSTED',
        `the request has ${request.length} bytes, more than the ${this.#options.requestBytesMax} allowed`,
      );
    }
    if (this.#admission.isFull) {
      return this.#shed('concurrency');
    }
    const fields = this.#fields;
    if (!readRequest(request, fields)) {
      return this.#refuse('INVALID_ARGUMENT', 'the request is not a GetInNetworkPostsRequest');
    }
    const { following, excluded } = fields;
    if (Math.max(following.length, excluded.length) > idsPerListMax) {
      return this.#refuse(
        'INVALID_ARGUMENT',
        `the request has ${following.length} following_user_ids and ${excluded.length} exclude_tweet_ids, more than the ${idsPerListMax} allowed in a list`,
      );
    }
    const cost = costOf(following.length + excluded.length);
    const bound = this.#admission.admit(cost);
    if (bound !== null) {
      return this.#shed(bound);
    }
    const admitted = this.#begin(startedMs, cost, call);
    const { followGraph, fillFollowing } = this.#options;
    if (followGraph !== null && following.length === 0 && (fields.debug || fillFollowing)) {
      this.#fields = createRequestFields();
      return this.#answerFilled(followGraph, fields, admitted);
    }
    return this.#answer(fields, admitted);
  }

  /** Q7. */
  async #answerFilled(
    followGraph: Pick<FollowGraph, 'following'>,
    fields: RequestFields,
    admitted: Admitted,
  ): Promise<ServiceReply> {
    const { clock } = this.#options;
    const result = await followGraph.following(
      toId(fields.userIdHi, fields.userIdLo),
      admitted.deadlineMs,
      admitted.call.signal,
    );
    admitted.waitedMs = clock.monotonicMs() - admitted.startedMs;
    if (admitted.call.signal.aborted) {
      return this.#cancelled(admitted);
    }
    if (result.kind === 'failed') {
      this.#release(admitted);
      return this.#refuse('UNAVAILABLE', `the follow list is not to be had: ${result.reason}`);
    }
    for (const id of result.ids) {
      appendId(fields.following, Number(id >> 32n), Number(id & 0xffff_ffffn));
    }
    const reply = this.#answer(fields, admitted);
    // Other requests may use the engine before the transport gets to see this one.
    return reply.code === 'OK' ? { ...reply, body: new Uint8Array(reply.body) } : reply;
  }

  #answer(fields: RequestFields, admitted: Admitted): ServiceReply {
    const { engine, clock, logger, statisticsEvery } = this.#options;
    this.#sinceStatistics += 1;
    const wantStatistics = statisticsEvery > 0 && this.#sinceStatistics >= statisticsEvery;
    if (wantStatistics) {
      this.#sinceStatistics = 0;
    }
    let answer: QueryAnswer;
    try {
      answer = engine.answer(fields, {
        now: nowSeconds(clock),
        shouldStop: admitted.shouldStop,
        wantStatistics,
      });
    } catch (error) {
      this.#release(admitted);
      if (error instanceof InvalidRequestError) {
        return this.#refuse('INVALID_ARGUMENT', error.message);
      }
      logger.error({ error: messageOf(error) }, 'query failed');
      return this.#refuse('INTERNAL', 'the query failed, see the log of the node');
    }
    if (admitted.call.signal.aborted) {
      return this.#cancelled(admitted);
    }
    // The store may have been emptied while it was asked, to be filled anew.
    if (!this.#options.everReady()) {
      this.#release(admitted);
      return this.#refuseUnready();
    }
    this.#count(fields, answer, admitted);
    return this.#reply(answer, admitted);
  }

  #reply(answer: QueryAnswer, admitted: Admitted): ServiceAnswer {
    const metadata = this.#metadata();
    if (answer.partial !== null) {
      const { authorsScanned, authors } = answer.partial;
      metadata.push(['x-thunder-partial', `deadline; authors=${authorsScanned}/${authors}`]);
    }
    if (answer.truncations.length > 0) {
      metadata.push([
        'x-thunder-truncated',
        answer.truncations.map(({ field, given, used }) => `${field}=${given}/${used}`).join(','),
      ]);
    }
    let released = false;
    const release = (): void => {
      if (!released) {
        released = true;
        this.#release(admitted);
      }
    };
    return { code: 'OK', body: answer.body, metadata, release };
  }

  #begin(startedMs: number, cost: number, call: ServiceCall): Admitted {
    const { metrics, clock } = this.#options;
    metrics.inFlightRequests.value += 1;
    metrics.inFlightUnits.value = this.#admission.inFlightUnits;
    const deadlineMs = this.#deadlineMs(startedMs, call);
    const { signal } = call;
    const shouldStop = () => signal.aborted || clock.monotonicMs() >= deadlineMs;
    return { startedMs, cost, call, deadlineMs, shouldStop, waitedMs: 0 };
  }

  #release(admitted: Admitted): void {
    const { metrics } = this.#options;
    this.#admission.release(admitted.cost);
    metrics.inFlightRequests.value -= 1;
    metrics.inFlightUnits.value = this.#admission.inFlightUnits;
  }

  /** Q8: the earlier of the caller's deadline, less what sending takes, and our own. */
  #deadlineMs(startedMs: number, call: ServiceCall): number {
    const { requestTimeoutMs } = this.#options;
    const left = call.deadlineMs - startedMs;
    const callers = call.deadlineMs - Math.min(answerReserveMs, Math.max(0, left) / 2);
    const ours = requestTimeoutMs > 0 ? startedMs + requestTimeoutMs : Number.POSITIVE_INFINITY;
    return Math.min(left === Number.POSITIVE_INFINITY ? left : callers, ours);
  }

  #cancelled(admitted: Admitted): ServiceRefusal {
    this.#release(admitted);
    return this.#refuse('CANCELLED', 'the call was cancelled');
  }

  #refuseUnready(): ServiceRefusal {
    const progress = this.#options.progress();
    // Rounded down: 100 % would be a lie as long as the node is not ready.
    const percent = progress === null ? '' : `, ${Math.floor(progress * 100)} %`;
    return this.#refuse('UNAVAILABLE', `catching up${percent}; retry on another node`);
  }

  #shed(bound: 'concurrency' | 'rate'): ServiceRefusal {
    const { metrics } = this.#options;
    metrics.rejectedRequests.value += 1;
    metrics.admissionRejected.add(1, bound);
    return this.#refuse('RESOURCE_EXHAUSTED', atCapacity);
  }

  #refuse(code: Exclude<ServiceCode, 'OK'>, message: string): ServiceRefusal {
    this.#options.metrics.queries.add(1, code);
    return {
      code,
      message: message.slice(0, statusMessageCharactersMax).toWellFormed(),
      metadata: this.#metadata(),
    };
  }

  /** Q10. */
  #metadata(): [string, string][] {
    const stalenessMs = this.#options.stalenessMs();
    return [
      ['x-thunder-node', this.#options.node],
      [
        'x-thunder-staleness-ms',
        stalenessMs === null ? 'unknown' : String(Math.max(0, Math.round(stalenessMs))),
      ],
    ];
  }

  #count(fields: RequestFields, answer: QueryAnswer, admitted: Admitted): void {
    const { metrics, latencies, clock, limits } = this.#options;
    const nowMs = clock.monotonicMs();
    latencies.record(nowMs, nowMs - admitted.startedMs);
    const seconds = (nowMs - admitted.startedMs) / 1000;
    metrics.queries.add(1, 'OK');
    metrics.requestSeconds.observe(seconds);
    metrics.requestSecondsWithoutStrato.observe(seconds - admitted.waitedMs / 1000);
    metrics.postsCount.observe(answer.posts);
    metrics.answerBytes.observe(answer.body.length);
    metrics.postsBytes.value += answer.body.length;
    metrics.followingSize.observe(fields.following.length);
    metrics.excludedSize.observe(fields.excluded.length);
    metrics.maxResults.observe(fields.maxResults);
    metrics.storeRequests.value += 1;
    metrics.storePostsReturned.observe(answer.statistics?.retrieved.posts ?? answer.posts);
    const wanted = Math.min(resultsWanted(fields, limits), limits.resultsMax);
    metrics.storePostsReturnedRatio.observe(wanted === 0 ? 1 : answer.posts / wanted);
    metrics.storeDeletedPostsFiltered.value += answer.deletedFiltered;
    if (answer.partial !== null) {
      metrics.queriesPartial.value += 1;
      metrics.storeRequestTimeouts.value += 1;
    }
    for (const { field } of answer.truncations) {
      metrics.queriesTruncated.add(1, field);
    }
    if (answer.statistics !== null) {
      for (const stage of ['retrieved', 'scored'] as const) {
        const statistics = answer.statistics[stage];
        metrics.found.uniqueAuthors[stage].observe(statistics.uniqueAuthors);
        if (statistics.posts > 0) {
          metrics.found.freshnessSeconds[stage].observe(statistics.freshnessSeconds);
          metrics.found.timeRangeSeconds[stage].observe(statistics.timeRangeSeconds);
          metrics.found.replyRatio[stage].observe(statistics.replyRatio);
          metrics.found.postsPerAuthor[stage].observe(statistics.postsPerAuthor);
        }
      }
    }
  }
}
