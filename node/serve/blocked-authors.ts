/**
 * The blocklist of rule Q1: a file of author ids, one a line, `#` begins a comment. It is read again
 * when it changes; a file with a bad line is refused whole, and the list in use stays.
 */
import { ConfigurationError, messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import { blockedAuthorsBytesMax, blockedAuthorsProblemsMax } from '../limits.ts';
import type { ServingMetrics } from '../metrics.ts';
import { FileWatch, readNamedFile } from './file-watch.ts';
import { parseId } from './parse-id.ts';

export interface BlockedAuthorsOptions {
  /** Null: nobody is blocked. */
  readonly file: string | null;
  /** Milliseconds between looks at the file. */
  readonly reloadIntervalMs: number;
  readonly metrics: Pick<ServingMetrics, 'blockedAuthors' | 'blockedAuthorsReloadFailures'>;
  readonly logger: Logger;
}

export class BlockedAuthors {
  readonly #options: BlockedAuthorsOptions;
  readonly #watch: FileWatch | null;
  #authors: ReadonlySet<bigint> = new Set();

  /** Throws ConfigurationError when the file cannot be read or has bad lines. */
  constructor(options: BlockedAuthorsOptions) {
    this.#options = options;
    const { file, reloadIntervalMs } = options;
    if (file === null) {
      this.#watch = null;
      return;
    }
    // The watch begins first: a change during the first read is then seen later.
    this.#watch = new FileWatch({
      paths: [file],
      intervalMs: reloadIntervalMs,
      onChange: () => this.#reload(file),
    });
    try {
      this.#load(file);
    } catch (error) {
      this.#watch.stop();
      throw error;
    }
  }

  /** The list in use; take it once per request. */
  get authors(): ReadonlySet<bigint> {
    return this.#authors;
  }

  /** Looks at the file now. */
  check(): void {
    this.#watch?.check();
  }

  stop(): void {
    this.#watch?.stop();
  }

  #load(file: string): void {
    this.#authors = parseBlockedAuthors(
      readNamedFile(file, blockedAuthorsBytesMax).toString('utf8'),
      file,
    );
    this.#options.metrics.blockedAuthors.value = this.#authors.size;
  }

  #reload(file: string): void {
    const { logger, metrics } = this.#options;
    try {
      this.#load(file);
      logger.info({ file, authors: this.#authors.size }, 'blocked authors reloaded');
    } catch (error) {
      metrics.blockedAuthorsReloadFailures.value += 1;
      logger.error(
        { file, error: messageOf(error), authors: this.#authors.size },
        'blocked authors not reloaded, the list in use stays',
      );
    }
  }
}

/** The ids of a file's text. Throws ConfigurationError that names the bad lines by number. */
export function parseBlockedAuthors(text: string, file: string): ReadonlySet<bigint> {
  const authors = new Set<bigint>();
  const problems: string[] = [];
  let bad = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const entry = line.replace(/#.*/s, '').trim();
    if (entry === '') {
      continue;
    }
    const id = parseId(entry);
    if (id === null || id === 0n) {
      bad += 1;
      if (problems.length < blockedAuthorsProblemsMax) {
        problems.push(`line ${index + 1}: ${JSON.stringify(entry.slice(0, 40))}`);
      }
    } else {
      authors.add(id);
    }
  }
  if (bad > 0) {
    const more = bad > problems.length ? `, and ${bad - problems.length} more` : '';
    throw new ConfigurationError(
      `${file} has lines that are not author ids: ${problems.join(', ')}${more}`,
    );
  }
  return authors;
}
