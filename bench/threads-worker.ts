/**
 * One of several threads over one store: it asks as fast as it can, or answers over gRPC on a port that
 * all of them share.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createColumnarQuery } from '#node/query/columns/columnar-query.ts';
import { defaultQueryLimits } from '#node/query/query-engine.ts';
import type { StoreMemory } from '#node/store/columns/store-memory.ts';
import { readRequest } from '#proto/wire/read-request.ts';
import { createRequestFields } from '#proto/wire/request-fields.ts';
import { startNodeServer } from './serve-node.ts';

export interface ThreadData {
  readonly memory: StoreMemory;
  readonly reader: number;
  /** Milliseconds: the time of the data stands still. */
  readonly nowMs: number;
}

export type ThreadQuestion =
  | { readonly kind: 'ask'; readonly requests: readonly Uint8Array[]; readonly durationMs: number }
  | { readonly kind: 'listen'; readonly port: number };

/** Answers made, or the port. */
export type ThreadAnswer = number;

const { memory, reader, nowMs }: ThreadData = workerData;
const nobody: ReadonlySet<bigint> = new Set();
const engine = createColumnarQuery(
  { memory },
  { limits: defaultQueryLimits, blockedAuthors: () => nobody, strictLimits: false },
  reader,
);

parentPort?.on('message', (question: ThreadQuestion) => {
  void answerTo(question).then((answer) => parentPort?.postMessage(answer));
});

async function answerTo(question: ThreadQuestion): Promise<ThreadAnswer> {
  if (question.kind === 'ask') return ask(question.requests, question.durationMs);
  const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() };
  return startNodeServer(engine, clock, question.port);
}

function ask(encoded: readonly Uint8Array[], durationMs: number): number {
  const requests = encoded.map((bytes) => {
    const request = createRequestFields();
    if (!readRequest(bytes, request)) throw new Error('a request cannot be read');
    return request;
  });
  const context = { now: nowMs / 1_000, shouldStop: () => false, wantStatistics: false };
  const endMs = performance.now() + durationMs;
  let answers = 0;
  // Each begins elsewhere, so that they do not warm the caches for each other.
  for (let next = reader * 17; performance.now() < endMs; next += 1) {
    engine.answer(requests[next % requests.length]!, context);
    answers += 1;
  }
  return answers;
}
