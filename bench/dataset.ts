/**
 * The data of every bench: generated events as encoded records. The same options give the same bytes.
 */
import type { Authors } from '#cli/generator/authors.ts';
import {
  createEventEncoder,
  type EncodedRecord,
  type EventFormat,
} from '#cli/generator/event-encoder.ts';
import { EventGenerator } from '#cli/generator/event-generator.ts';
import type { EventMix } from '#cli/generator/event-mix.ts';
import type { GeneratedCreate, GeneratedEvent } from '#cli/generator/generated-event.ts';

/** Retention of the stores that are measured, seconds. */
export const retentionSeconds = 172_800;
/**
 * The events are spread over this much less than retention, so that those that are hours late are
 * not too old to be stored.
 */
export const spanMs: number = 40 * 3_600_000;
/** When the data ends, unless it has to be now: any moment will do as long as it is always the same. */
const fixedEndMs = 1_800_000_000_000;
/** 2,000,000 posts of 400,000 authors. */
const postsPerAuthor = 5;
/** Newest posts from which those are drawn that users have seen. */
const seenPostsMax = 32_768;

export interface DatasetOptions {
  readonly seed: number;
  /** Records end when so many records, or so many different posts, were made. */
  readonly count: number;
  readonly counted: 'records' | 'posts';
  readonly format: EventFormat;
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

export interface DatasetRecord {
  readonly record: EncodedRecord;
  /** Of the post that this record is the first to bring; null for any other event. */
  readonly newPostBy: bigint | null;
}

/** Makes the records one by one; each may be kept. */
export function* datasetRecords(
  options: DatasetOptions,
): Generator<DatasetRecord, Dataset, undefined> {
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
    const newPostBy = isNewPost(event) ? event.authorId : null;
    if (record !== null) yield { record, newPostBy };
    if (counted === 'records' ? record !== null : newPostBy !== null) made += 1;
  }
  return {
    now: nowOf(options),
    authors: generator.authors,
    seenPostIds: generator.recentPostIds(seenPostsMax),
  };
}

export function generateDataset(
  options: DatasetOptions,
  visit: (record: EncodedRecord) => void,
): Dataset {
  const made = datasetRecords(options);
  for (;;) {
    const next = made.next();
    if (next.done === true) return next.value;
    visit(next.value.record);
  }
}

export function collectRecords(options: DatasetOptions): {
  readonly records: readonly EncodedRecord[];
  readonly dataset: Dataset;
} {
  const records: EncodedRecord[] = [];
  const dataset = generateDataset(options, (record) => records.push(record));
  return { records, dataset };
}

function endMsOf(options: DatasetOptions): number {
  return options.endMs ?? fixedEndMs;
}

/** How many accounts post. */
export function authorsFor({ count }: Pick<DatasetOptions, 'count'>): number {
  return Math.max(1, Math.floor(count / postsPerAuthor));
}

function isNewPost(event: GeneratedEvent): event is GeneratedCreate {
  return event.kind === 'create' && !event.duplicate && !event.nullcast;
}
