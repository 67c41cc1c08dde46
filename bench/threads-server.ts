/**
 * A process with one store, which its own thread can write to while others read it.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { createEventApplier } from '#node/ingest/apply-event.ts';
import { ColumnarStore } from '#node/store/columns/columnar-store.ts';
import { answerParent } from './child.ts';
import type { DataFile } from './data-file.ts';
import { retentionSeconds } from './dataset.ts';
import { type Pace, PacedWriter } from './serve-writer.ts';
import { columnarStore, fillStore } from './stores.ts';
import type { ThreadAnswer, ThreadData, ThreadQuestion } from './threads-worker.ts';

export type ThreadsQuestion =
  | {
      readonly kind: 'fill';
      readonly data: DataFile;
      /** Posts that may be added. */
      readonly spare: number;
    }
  /** So many threads at once. */
  | {
      readonly kind: 'ask';
      readonly threads: number;
      readonly requests: readonly Uint8Array[];
      readonly durationMs: number;
    }
  | { readonly kind: 'listen'; readonly threads: number }
  | { readonly kind: 'apply'; readonly perSecond: number; readonly durationMs: number }
  | { readonly kind: 'rest' };

export type ThreadsAnswer =
  | { readonly kind: 'filled' }
  | { readonly kind: 'answers'; readonly perThread: readonly number[] }
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'paced'; readonly pace: Pace };

let store: ColumnarStore | undefined;
let writer: PacedWriter | undefined;
let nowMs = 0;
const asking: Worker[] = [];
let readers = 0;

answerParent(async (question: ThreadsQuestion): Promise<ThreadsAnswer> => {
  switch (question.kind) {
    case 'fill': {
      const { data, spare } = question;
      const filled = fillStore(columnarStore, data, data.posts + spare).store;
      if (!(filled instanceof ColumnarStore)) throw new Error('not the store that threads share');
      store = filled;
      nowMs = data.now * 1_000;
      writer = new PacedWriter(data, createEventApplier({ target: filled, retentionSeconds }));
      return { kind: 'filled' };
    }
    case 'ask': {
      const { threads, requests, durationMs } = question;
      while (asking.length < threads) asking.push(startThread());
      const turn: ThreadQuestion = { kind: 'ask', requests, durationMs };
      const perThread = await Promise.all(
        asking.slice(0, threads).map((worker) => askThread(worker, turn)),
      );
      return { kind: 'answers', perThread };
    }
    case 'listen': {
      const port = await freePort();
      const serving = Array.from({ length: question.threads }, startThread);
      await Promise.all(serving.map((worker) => askThread(worker, { kind: 'listen', port })));
      return { kind: 'listening', port };
    }
    default: {
      if (writer === undefined) throw new Error('there is no store to apply events to');
      const pace = writer.stop();
      if (question.kind === 'apply') writer.start(question.perSecond, question.durationMs);
      return { kind: 'paced', pace };
    }
  }
});

function startThread(): Worker {
  if (store === undefined) throw new Error('asked before it was filled');
  const data: ThreadData = { memory: store.memory, reader: readers, nowMs };
  readers += 1;
  return new Worker(new URL('./threads-worker.ts', import.meta.url), { workerData: data });
}

async function askThread(worker: Worker, question: ThreadQuestion): Promise<ThreadAnswer> {
  const answered = once(worker, 'message');
  worker.postMessage(question);
  const [answer] = (await answered) as [ThreadAnswer];
  return answer;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
