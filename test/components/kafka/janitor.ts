/**
 * Cleans up after a test process however it ends, a kill -9 included: a small shell that waits for
 * the end of its standard input, which the kernel closes with us, and then runs a script.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Janitor {
  /** Runs the script now and waits until it is done. Idempotent. */
  clean(): Promise<void>;
}

/** `script` is run by `sh` with `values` as $1, $2, … once this process is gone or `clean` is called. */
export function startJanitor(script: string, values: readonly string[]): Janitor {
  const child: ChildProcess = spawn(
    'sh',
    ['-c', `cat >/dev/null; ${script}`, 'janitor', ...values],
    {
      // A group of its own, so that Ctrl-C in a terminal does not reach it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  child.unref();
  const input = child.stdin;
  if (input !== null && 'unref' in input && typeof input.unref === 'function') input.unref();
  const ended = once(child, 'exit');
  return {
    async clean() {
      child.ref();
      input?.end();
      await ended;
    },
  };
}
