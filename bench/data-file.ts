/**
 * The one data set of `store`, `query` and `serve`: made once for a seed and a size, kept in a file,
 * and read by every process that needs it. In order of time, so that disorder is a choice of whoever
 * reads. Files are never changed; whoever wants the room back deletes the folder.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { createAuthors } from '#cli/generator/authors.ts';
import type { BenchIo } from './bench.ts';
import { authorsFor, type DatasetOptions, datasetRecords, nowOf } from './dataset.ts';
import { createRecordWriter } from './record-file.ts';
import type { Population } from './requests.ts';

/** Raise it with every change of the generator or of what is written here. */
const generatorVersion = 1;
/** The author whose posts come nearest to this number stands for those who post without end. */
const loudAuthorPosts = 5_000;
/** Of this rank or louder. */
const loudRanks = 1_024;
const recordsPerProgress = 1_000_000;
const recordsPerStretch = 50_000;

/** What can be sent to other processes. */
export interface DataFile {
  readonly file: string;
  readonly seed: number;
  /** Different posts, deleted ones too. */
  readonly posts: number;
  readonly records: number;
  readonly authors: number;
  /** Seconds: when the last event happened; the `now` of applying and asking. */
  readonly now: number;
  readonly loudAuthor: { readonly rank: number; readonly posts: number };
  /** Newest first, in decimal. */
  readonly seenPostIds: readonly string[];
}

export interface DataFileOptions {
  readonly seed: number;
  readonly posts: number;
  /** Default: `thunder/bench` in `$XDG_CACHE_HOME` or `~/.cache`. */
  readonly directory: string | undefined;
}

/** Makes the file where there is none. Rejects when the signal aborts. */
export async function openDataFile(options: DataFileOptions, io: BenchIo): Promise<DataFile> {
  const { seed, posts } = options;
  const directory = options.directory ?? defaultDirectory();
  const name = `posts-v${generatorVersion}-seed${seed}-${posts}`;
  const file = path.join(directory, `${name}.records`);
  const about = path.join(directory, `${name}.json`);
  if (!existsSync(about)) {
    mkdirSync(directory, { recursive: true });
    // Under names of their own until they are whole: others may make the same.
    const madeFile = `${file}.${process.pid}`;
    const madeAbout = `${about}.${process.pid}`;
    try {
      const made = await makeDataFile(seed, posts, madeFile, io);
      writeFileSync(madeAbout, JSON.stringify(made));
      renameSync(madeFile, file);
      renameSync(madeAbout, about);
    } finally {
      rmSync(madeFile, { force: true });
      rmSync(madeAbout, { force: true });
    }
  }
  // oxlint-disable-next-line no-unsafe-type-assertion -- written above, by this version
  return { ...(JSON.parse(readFileSync(about, 'utf8')) as Omit<DataFile, 'file'>), file };
}

export function populationOf(data: DataFile): Population {
  return { authors: createAuthors(data.authors), seenPostIds: data.seenPostIds.map(BigInt) };
}

function defaultDirectory(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return path.join(cache, 'thunder', 'bench');
}

async function makeDataFile(
  seed: number,
  posts: number,
  file: string,
  io: BenchIo,
): Promise<Omit<DataFile, 'file'>> {
  const options: DatasetOptions = {
    seed,
    count: posts,
    counted: 'posts',
    format: 'protobuf',
    mix: { outOfOrder: 0, late: 0 },
  };
  const authors = createAuthors(authorsFor(options));
  const loud = new Map<bigint, { readonly rank: number; posts: number }>();
  const writer = createRecordWriter(file);
  const made = datasetRecords(options);
  let records = 0;
  let newPosts = 0;
  for (let rank = 0; rank < Math.min(loudRanks, authors.count); rank += 1) {
    loud.set(authors.idOf(rank), { rank, posts: 0 });
  }
  try {
    for (;;) {
      const next = made.next();
      if (next.done === true) {
        return {
          seed,
          posts,
          records,
          authors: authors.count,
          now: nowOf(options),
          loudAuthor: nearestTo(loudAuthorPosts, [...loud.values()]),
          seenPostIds: next.value.seenPostIds.map(String),
        };
      }
      const { record, newPostBy } = next.value;
      writer.write(record);
      records += 1;
      if (newPostBy !== null) {
        newPosts += 1;
        const author = loud.get(newPostBy);
        if (author !== undefined) author.posts += 1;
      }
      if (records % recordsPerProgress === 0) io.progress(`made ${newPosts} of ${posts} posts`);
      if (records % recordsPerStretch === 0) {
        await letOthersRun();
        io.signal.throwIfAborted();
      }
    }
  } finally {
    writer.close();
  }
}

function nearestTo(
  wanted: number,
  authors: readonly { readonly rank: number; readonly posts: number }[],
): { readonly rank: number; readonly posts: number } {
  const [nearest] = authors.toSorted(
    (one, other) => Math.abs(one.posts - wanted) - Math.abs(other.posts - wanted),
  );
  if (nearest === undefined) throw new Error('nobody posts');
  return nearest;
}
