/**
 * A file of this folder as a process of its own that answers questions, one at a time: so that what
 * is measured has its own memory and its own thread.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { messageOf } from '#runtime/errors.ts';

export interface Child<Question, Answer> {
  /** Rejects when the child fails to answer or ends. One question at a time. */
  ask(question: Question): Promise<Answer>;
  /** Ends the child and waits until it is gone. Idempotent. */
  stop(): Promise<void>;
}

/** A child that has not ended by itself after this long is killed, milliseconds. */
const stopMsMax = 5_000;

type Reply<Answer> = { readonly answer: Answer } | { readonly failure: string };

/** It ends when it is stopped, and when this process ends, however that happens. */
export function startChild<Question, Answer>(fileName: string): Child<Question, Answer> {
  const child = fork(path.join(import.meta.dirname, fileName), {
    serialization: 'advanced',
    // Its output is no data of ours.
    stdio: ['ignore', 2, 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  return {
    async ask(question) {
      const replied = once(child, 'message');
      child.send(question as never);
      const [first] = (await Promise.race([replied, ended])) as [Reply<Answer> | number | null];
      if (typeof first !== 'object' || first === null) {
        throw new Error(`${fileName} ended with ${first} instead of an answer`);
      }
      if ('failure' in first) throw new Error(`${fileName}: ${first.failure}`);
      return first.answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      const kill = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
      await ended;
      clearTimeout(kill);
    },
  };
}

/** In the child: answers every question until the parent is gone. */
export function answerParent(answer: (question: never) => unknown): void {
  const reply = async (question: unknown): Promise<void> => {
    let made: Reply<unknown>;
    try {
      made = { answer: await answer(question as never) };
    } catch (error) {
      made = { failure: messageOf(error) };
    }
    process.send?.(made);
  };
  process.on('message', (question) => void reply(question));
  process.on('disconnect', () => process.exit(0));
  // A signal from the terminal reaches children too; the parent decides when they end.
  process.on('SIGINT', () => undefined);
}
