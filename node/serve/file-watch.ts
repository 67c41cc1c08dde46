/**
 * Tells when files have changed, by looking at them now and then: the only way that works for files
 * that a container platform swaps by symbolic links.
 */
import { statSync } from 'node:fs';
import { ConfigurationError, messageOf } from '#runtime/errors.ts';
import { readBoundedFile } from '#runtime/read-bounded-file.ts';

export interface FileWatchOptions {
  readonly paths: readonly string[];
  /** Milliseconds between looks; 0 for none but by `check()`. Does not keep the process alive. */
  readonly intervalMs: number;
  /** Must not throw. */
  readonly onChange: () => void;
}

export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #timer: NodeJS.Timeout | null;
  #seen: string;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#seen = fingerprint(options.paths);
    this.#timer =
      options.intervalMs > 0 ? setInterval(() => this.check(), options.intervalMs).unref() : null;
  }

  /** Looks now. */
  check(): void {
    const now = fingerprint(this.#options.paths);
    if (now !== this.#seen) {
      this.#seen = now;
      this.#options.onChange();
    }
  }

  stop(): void {
    clearInterval(this.#timer ?? undefined);
  }
}

function fingerprint(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
      return stat === undefined ? 'none' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
    })
    .join(' ');
}

/**
 * The bytes of a file that a user named. Throws ConfigurationError, with the path and the reason but
 * never the contents, when it cannot be read or is larger than `bytesMax`.
 */
export function readNamedFile(path: string, bytesMax: number): Buffer {
  try {
    return readBoundedFile(path, bytesMax);
  } catch (error) {
    throw new ConfigurationError(`${path} cannot be read: ${messageOf(error)}`, error);
  }
}
