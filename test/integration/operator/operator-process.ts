/**
 * `thunder operator` as a child, for tests that kill and pause it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { startJanitor } from '#test/components/kafka/janitor.ts';

const program = path.resolve(import.meta.dirname, '../../../cli/thunder');

export interface OperatorProcess {
  readonly child: ChildProcess;
  /** Everything on standard error so far. */
  said(): string;
  readonly exitCode: Promise<number | null>;
}

/** Gone when the test is, paused or not. */
export function startOperatorProcess(t: TestContext, args: readonly string[]): OperatorProcess {
  const child = spawn(program, ['operator', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
  // A paused child does not end with its parent.
  const janitor = startJanitor('kill -9 "$1"', [String(child.pid)]);
  t.after(async () => {
    child.kill('SIGKILL');
    await janitor.clean();
  });
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return {
    child,
    said: () => text,
    exitCode: once(child, 'exit').then(([code]) => code as number | null),
  };
}
