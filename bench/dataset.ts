/**
 * The data of every bench: generated events as encoded records, and requests about them. The same
 * options give the same bytes.
 */
import type { Authors } from '#cli/generator/authors.ts';
import {
  createEventEncoder,
  type EncodedRecord,
  type EventFormat,
} from '#cli/generator/event-encoder.ts';
import { EventGenerator } from '#cli/generator/event-generator.ts';
import type { EventMix } from '#cli/generator/event-mix.ts';
import type { GeneratedEvent } from '#cli/generator/generated-event.ts';
import { generateRequests } from '#cli/generator/request-generator.ts';
import { toRequestFields } from '#cli/query/query-request.ts';
import type { RequestFields } from '#proto/wire/request-fields.ts';
import { ConfigurationError } from '#runtime/errors.ts';

/** Retention of the stores that are measured, seconds. */
export const retentionSeconds = 172_800;
/**
 * The events are spread over this much less than retention, so that those that are hours late are
 * not too old to be stored.
 */
const spanMs = 40 * 3_600_000;
/** When the data ends, unless it has to be now: any moment will do as long as it is always the same. */
const fixedEndMs = 1_800_000_000_000;
const postsPerAuthor = 5;
/** Newest posts from which those are drawn that users have seen. */
const seenPostsMax = 32_768;

export interface DatasetOptions {
  readonly seed: number;
  /** Records end when so many records, or so many different posts, were made. */
  readonly count: number;
  readonly counted: 'records' | 'posts';
  readonly format: EventFormat;
  /** Default: one for five of `count`. */
  readonly authors?: number | undefined;
  readonly mix?: Partial<EventMix>;
  /** Default: a fixed moment. */
  readonly endMs?: number;
}

export interface Dataset {
  /** Seconds: when the last event happened. */
  readonly now: number;
  readonly authors: Authors;
  /** Newest first. */
  readonly seenPostIds: readonly bigint[];
}

/** When the last event of the data happens, whole seconds: the `now` of applying and asking. */
export function nowOf(options: DatasetOptions): number {
  return Math.floor(endMsOf(options) / 1000);
}

/** Makes the records one by one; `visit` may keep them. */
export function generateDataset(
  options: DatasetOptions,
  visit: (record: EncodedRecord) => void,
): Dataset {
  const { seed, count, counted, format, mix } = options;
  const endMs = endMsOf(options);
  const startMs = endMs - spanMs;
  const generator = new EventGenerator({
    seed,
    authors: authorsFor(options),
    startMs,
    ...(mix === undefined ? {} : { mix }),
  });
  const encode = createEventEncoder(format);
  for (let made = 0; made < count; ) {
    const event = generator.next(startMs + Math.floor((spanMs * made) / count));
    const record = encode(event);
    if (record !== null) visit(record);
    if (counted === 'records' ? record !== null : isNewPost(event)) made += 1;
  }
  return {
    now: nowOf(options),
    authors: generator.authors,
    seenPostIds: generator.recentPostIds(seenPostsMax),
  };
}

export function collectRecords(options: DatasetOptions): {
  readonly records: readonly EncodedRecord[];
  readonly dataset: Dataset;
} {
  const records: EncodedRecord[] = [];
  const dataset = generateDataset(options, (record) => records.push(record));
  return { records, dataset };
}

export interface RequestOptions {
  readonly seed: number;
  readonly requests: number;
  readonly following: number;
  readonly excluded: number;
  readonly maxResults: number;
  readonly isVideo?: boolean;
}

/** Different users who follow as many of the data's authors. */
export function collectRequests(dataset: Dataset, options: RequestOptions): RequestFields[] {
  const { following } = options;
  if (following > dataset.authors.count) {
    throw new ConfigurationError(
      `cannot follow ${following} of ${dataset.authors.count} authors: raise --posts or --authors`,
    );
  }
  const requests = generateRequests({
    seed: options.seed,
    authors: dataset.authors,
    following,
    seenPostIds: dataset.seenPostIds,
    excluded: options.excluded,
    maxResults: options.maxResults,
    videoShare: options.isVideo === true ? 1 : 0,
  });
  return Array.from({ length: options.requests }, () => toRequestFields(requests.next().value));
}

function endMsOf(options: DatasetOptions): number {
  return options.endMs ?? fixedEndMs;
}

function authorsFor(options: DatasetOptions): number {
  return options.authors ?? Math.max(1, Math.floor(options.count / postsPerAuthor));
}

function isNewPost(event: GeneratedEvent): boolean {
  return event.kind === 'create' && !event.duplicate && !event.nullcast;
}
