/**
 * The `thunder` program as child processes: started, watched, signalled, and gone when the parent
 * is, however that ended. Every child's standard error goes to a file of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { nodeFlags } from '#cli/node-flags.ts';
import { startJanitor } from '#test/components/kafka/janitor.ts';

const main = path.resolve(import.meta.dirname, '../../../cli/main.ts');
/** Of a child's standard output; what comes after is dropped. */
const stdoutBytesMax = 16 * 1024 * 1024;

/** For a parent that could not clean up itself: frozen children die of -9 too. */
const cleanUp = `for f in "$1"/*.pid; do [ -e "$f" ] && kill -9 "$(cat "$f")" && gone=1; done
[ -z "$gone" ] || rm -rf "$1"`;

export interface ProcessExit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ThunderProcess {
  readonly name: string;
  readonly pid: number;
  /** On this process's monotonic clock, milliseconds. */
  readonly startedAtMs: number;
  readonly logFile: string;
  /** Settles when it has ended and everything it wrote is here. */
  readonly exited: Promise<ProcessExit>;
  readonly hasExited: boolean;
  stdout(): string;
  /** As a reader that has seen enough (`| head`). */
  closeStdout(): void;
  /** What it has written to standard error so far. */
  log(): string;
  kill(signal: NodeJS.Signals): void;
}

export interface StartProcessOptions {
  /** File name of its log, and how messages call it. */
  readonly name: string;
  /** What follows `thunder`. */
  readonly args: readonly string[];
  /** On top of our own environment, of which no THUNDER_ variable is handed on. */
  readonly env?: Readonly<Record<string, string>>;
}

export class Processes {
  readonly directory: string;
  readonly #children: ThunderProcess[] = [];
  readonly #janitor: ReturnType<typeof startJanitor>;

  private constructor(directory: string) {
    this.directory = directory;
    this.#janitor = startJanitor(cleanUp, [directory]);
  }

  /** An empty set, its logs in a temporary directory. */
  static async create(): Promise<Processes> {
    return new Processes(await mkdtemp(path.join(tmpdir(), 'thunder-processes-')));
  }

  start({ name, args, env = {} }: StartProcessOptions): ThunderProcess {
    const logFile = path.join(this.directory, `${name}.log`);
    const log = openSync(logFile, 'a');
    // As cli/thunder starts it. Not our own flags, which may be a test runner's.
    const argv = [...nodeFlags, main, ...args];
    const child = spawn(process.execPath, argv, {
      stdio: ['ignore', 'pipe', log],
      env: { ...inheritedEnvironment(), ...env },
      // A terminal's Ctrl-C goes to the whole group; children are ended by us, in order.
      detached: true,
    });
    closeSync(log);
    const started = watch(child, name, logFile, path.join(this.directory, `${name}.pid`));
    this.#children.push(started);
    return started;
  }

  /** Kills what still runs and deletes the logs, unless they are to be kept. Idempotent. */
  async stop(options: { readonly keepLogs?: boolean } = {}): Promise<void> {
    for (const child of this.#children) {
      child.kill('SIGKILL');
    }
    await Promise.all(this.#children.map((child) => child.exited));
    await this.#janitor.clean();
    if (options.keepLogs !== true) {
      await rm(this.directory, { recursive: true, force: true });
    }
  }
}

/** Processes of one test: killed when it ends, whether it passed or not. */
export async function processesFor(test: TestContext): Promise<Processes> {
  const processes = await Processes.create();
  test.after(() => processes.stop());
  return processes;
}

function watch(
  child: ChildProcess,
  name: string,
  logFile: string,
  pidFile: string,
): ThunderProcess {
  const { pid } = child;
  if (pid === undefined) {
    throw new Error(`${name} could not be started: ${process.execPath} is not there`);
  }
  writeFileSync(pidFile, String(pid));
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    if (bytes < stdoutBytesMax) {
      chunks.push(chunk);
      bytes += chunk.length;
    }
  });
  // Its pid may be another's soon.
  child.once('exit', () => rmSync(pidFile, { force: true }));
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    name,
    pid,
    startedAtMs: performance.now(),
    logFile,
    exited: new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
    }),
    get hasExited() {
      return isOver();
    },
    stdout: () => Buffer.concat(chunks).toString('utf8'),
    closeStdout: () => child.stdout?.destroy(),
    log: () => readFileSync(logFile, 'utf8'),
    kill(signal) {
      if (!isOver()) {
        child.kill(signal);
      }
    },
  };
}

function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('THUNDER_') && name !== 'NODE_TEST_CONTEXT',
    ),
  );
}
