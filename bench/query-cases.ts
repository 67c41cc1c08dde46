/**
 * What is asked in `query`: ordinary feeds of three sizes, and the requests that are worst for a store.
 */
import { encodeQueryRequest, type QueryRequest } from '#cli/query/query-request.ts';
import { toId } from '#proto/wire/light-post-fields.ts';
import { forEachPost } from '#proto/wire/response.ts';
import { type DataFile, populationOf } from './data-file.ts';
import { collectQueries, followAlso, followNobodyStored, type RequestOptions } from './requests.ts';

export interface QueryCase {
  readonly name: string;
  readonly requests: readonly Uint8Array[];
  /** Whether what is kept in Redis can answer it. */
  readonly isForRedis: boolean;
}

export interface CaseOptions {
  readonly seed: number;
  readonly following: readonly number[];
  readonly excluded: number;
  readonly results: number;
  readonly queries: number;
}

const videoResults = 600;
/** As many as a request may name, and as many as one may ask for. */
const excludedMax = 10_000;
const resultsMax = 5_000;
/** Requests of the case for which two others have to be answered first. */
const allExcludedRequestsMax = 50;

/** `ask` answers the bodies of the answers to requests. */
export async function queryCases(
  data: DataFile,
  options: CaseOptions,
  ask: (requests: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>,
): Promise<QueryCase[]> {
  const population = populationOf(data);
  const { authors } = population;
  const middle = options.following[Math.floor(options.following.length / 2)] ?? 0;
  const base: RequestOptions = {
    seed: options.seed + 1,
    requests: options.queries,
    excluded: options.excluded,
    maxResults: options.results,
    following: middle,
  };
  const nameOf = (following: number, results = options.results): string =>
    `F=${following} N=${data.posts} K=${results}`;
  const toCase = (
    name: string,
    queries: readonly QueryRequest[],
    isForRedis = true,
  ): QueryCase => ({
    name,
    requests: queries.map((query) => encodeQueryRequest(query)),
    isForRedis,
  });
  const ordinary = collectQueries(population, base);
  const quiet = collectQueries(population, { ...base, popularShare: 0 });
  const { rank, posts } = data.loudAuthor;
  const videos = { ...base, maxResults: videoResults, isVideo: true };
  const few = ordinary.slice(0, allExcludedRequestsMax);
  return [
    ...options.following.map((following) =>
      toCase(nameOf(following), collectQueries(population, { ...base, following })),
    ),
    toCase(`${nameOf(middle, videoResults)} video`, collectQueries(population, videos), false),
    toCase(
      `${nameOf(middle)} all miss`,
      ordinary.map((query) => followNobodyStored(query, authors)),
    ),
    toCase(`${nameOf(middle)} all excluded`, await excludeAllAnswered(few, ask)),
    toCase(
      `${nameOf(middle)} one author of ${posts} posts`,
      quiet.map((query) => followAlso(query, authors.idOf(rank))),
    ),
  ];
}

/** The same with everything excluded that would be answered, as far as a request can name it. */
async function excludeAllAnswered(
  queries: readonly QueryRequest[],
  ask: (requests: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>,
): Promise<QueryRequest[]> {
  let excluding = queries.map((query): QueryRequest => ({ ...query, excludeTweetIds: [] }));
  for (let named = 0; named < excludedMax; named += resultsMax) {
    const bodies = await ask(
      excluding.map((query) => encodeQueryRequest({ ...query, maxResults: resultsMax })),
    );
    excluding = excluding.map((query, index) => ({
      ...query,
      excludeTweetIds: [...(query.excludeTweetIds ?? []), ...postIdsOf(bodies[index])],
    }));
  }
  return excluding;
}

function postIdsOf(body: Uint8Array | undefined): bigint[] {
  const ids: bigint[] = [];
  if (body === undefined) return ids;
  const isWhole = forEachPost(body, ({ postIdHi, postIdLo }) => ids.push(toId(postIdHi, postIdLo)));
  if (!isWhole) throw new Error('an answer cannot be read');
  return ids;
}
