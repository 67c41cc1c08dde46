/**
 * One `thunder serve` or `thunder transform` as a child process: started, watched through its admin
 * port, ended.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DependencyError, messageOf } from '#runtime/errors.ts';
import type { NodeStatus } from '#runtime/node-status.ts';

const main = path.resolve(import.meta.dirname, '../main.ts');

/** Longest wait for a child's ports, milliseconds. */
const startMsMax = 30_000;
/** Longest wait for a child to end in order; longer than its own drain. */
const stopMsMax = 20_000;
/** Longest wait for a status, milliseconds. */
const statusMsMax = 5_000;
/** The lines of a child's log that an error repeats. */
const tailLines = 5;

export interface ChildNode {
  readonly name: string;
  readonly pid: number;
  /** 0 for a transformer. */
  readonly grpcPort: number;
  readonly httpPort: number;
  /** When it was started, on the monotonic clock. */
  readonly startedAtMs: number;
  readonly logFile: string;
  status(query?: string): Promise<NodeStatus>;
  /** SIGTERM, and SIGKILL if that does not do; the exit code, null after a kill. */
  stop(): Promise<number | null>;
}

/** Resolves when the child's ports are open. Its log goes to `<directory>/<name>.log`. */
export async function startChildNode(options: {
  readonly name: string;
  readonly command: 'serve' | 'transform';
  readonly flags: readonly string[];
  readonly directory: string;
  readonly signal: AbortSignal;
}): Promise<ChildNode> {
  const { name, command, directory, signal } = options;
  const logFile = path.join(directory, `${name}.log`);
  const startedAtMs = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      main,
      command,
      '--node',
      name,
      '--http-host',
      '127.0.0.1',
      '--http-port',
      '0',
      ...options.flags,
    ],
    // A terminal's Ctrl-C goes to the whole group; the demo ends its children itself, in order.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const tail: string[] = [];
  const ports = readLog(child, logFile, tail);
  const tooLate = AbortSignal.any([signal, AbortSignal.timeout(startMsMax)]);
  const gaveUp = new Promise<'gave up'>((resolve) => {
    tooLate.addEventListener('abort', () => resolve('gave up'), { once: true });
  });
  const first = await Promise.race([ports, exited, gaveUp]);
  if (first === null || typeof first !== 'object' || child.pid === undefined) {
    child.kill('SIGKILL');
    throw new DependencyError(
      `${name} did not start (log: ${logFile}): ${tail.join(' ') || 'it said nothing'}`,
      { code: 'CHILD_FAILED', retry: 'never' },
    );
  }
  const { httpPort, grpcPort } = first;
  return {
    name,
    pid: child.pid,
    grpcPort,
    httpPort,
    startedAtMs,
    logFile,
    async status(query = '') {
      try {
        const response = await fetch(`http://127.0.0.1:${httpPort}/status${query}`, {
          signal: AbortSignal.timeout(statusMsMax),
        });
        return (await response.json()) as NodeStatus;
      } catch (error) {
        throw new DependencyError(
          `${name} does not answer: ${messageOf(error)} (log: ${logFile})`,
          {
            code: 'CHILD_SILENT',
            retry: 'backoff',
            cause: error,
          },
        );
      }
    },
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}

interface Ports {
  readonly grpcPort: number;
  readonly httpPort: number;
}

/** Copies the log to the file and resolves with the ports that it names. */
function readLog(child: ChildProcess, logFile: string, tail: string[]): Promise<Ports> {
  const file = createWriteStream(logFile);
  return new Promise((resolve) => {
    if (child.stderr === null) {
      return;
    }
    createInterface({ input: child.stderr }).on('line', (line) => {
      file.write(`${line}\n`);
      tail.push(line);
      tail.splice(0, tail.length - tailLines);
      if (line.includes(' started"')) {
        const { httpPort, grpcPort = 0 } = JSON.parse(line) as Partial<Ports>;
        if (httpPort !== undefined) {
          resolve({ httpPort, grpcPort });
        }
      }
    });
    child.once('exit', () => file.end());
  });
}
