/** One process of the control plane, which a test can pause, kill and start again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export class ControlProcess {
  readonly name: string;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #pidFile: string;
  readonly #logFile: string;
  #child: ChildProcess | undefined;

  /** Its log and its pid are kept in `directory`, where a janitor finds them. */
  constructor(directory: string, command: string, args: readonly string[]) {
    this.name = path.basename(command);
    this.#command = command;
    this.#args = args;
    this.#pidFile = path.join(directory, `${this.name}.pid`);
    this.#logFile = path.join(directory, `${this.name}.log`);
  }

  start(): void {
    const log = openSync(this.#logFile, 'a');
    const child = spawn(this.#command, this.#args, {
      // A terminal's Ctrl-C goes to the whole group; these are ended in order.
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    // Without a listener a missing program would end the test process.
    child.once('error', () => undefined);
    this.#child = child;
    if (child.pid !== undefined) writeFileSync(this.#pidFile, String(child.pid));
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Freezes it: connections stay open and nobody answers. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it at once, as a power cut does. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill('SIGKILL');
    await ended;
    rmSync(this.#pidFile, { force: true });
  }

  /** The last lines of its log. */
  lastWords(): string {
    const lines = readFileSync(this.#logFile, 'utf8').trim().split('\n');
    const telling = lines.filter((line) => /^[EF]\d{4}|"level":"(error|fatal)"|Error:/.test(line));
    return (telling.length === 0 ? lines : telling).slice(-2).join(' ') || 'said nothing';
  }
}
