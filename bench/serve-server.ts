/**
 * A process with one gRPC server: the node's own over a filled store, which can be told to apply
 * events meanwhile, the node's own over an engine with a fixed answer, or a bare one of grpc-js. On
 * loopback, on any free port.
 */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { getInNetworkPostsPath } from '#cli/query/query-client.ts';
import { createEventApplier } from '#node/ingest/apply-event.ts';
import type { QueryEngine } from '#node/query/query-engine.ts';
import { systemClock } from '#runtime/clock.ts';
import { answerParent } from './child.ts';
import type { DataFile } from './data-file.ts';
import { retentionSeconds } from './dataset.ts';
import { startNodeServer } from './serve-node.ts';
import { type Pace, PacedWriter } from './serve-writer.ts';
import { fillStore, storeNamed } from './stores.ts';

export type ServerQuestion =
  | {
      readonly kind: 'store';
      readonly store: string;
      readonly data: DataFile;
      /** Posts that may be added while it serves. */
      readonly spare: number;
    }
  | { readonly kind: 'fixed'; readonly answerBytes: number }
  | { readonly kind: 'bare'; readonly answerBytes: number }
  /** Of a store: from now on events are applied, until the next `rest`. */
  | { readonly kind: 'apply'; readonly perSecond: number; readonly durationMs: number }
  | { readonly kind: 'rest' };

export type ServerAnswer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'paced'; readonly pace: Pace };

const host = '127.0.0.1';
/** Posts that the fixed engine says it has, for the metrics. */
const fixedPosts = 1_200;

let writer: PacedWriter | undefined;

answerParent(async (question: ServerQuestion): Promise<ServerAnswer> => {
  switch (question.kind) {
    case 'store':
      return { kind: 'listening', port: await startStoreServer(question) };
    case 'fixed': {
      const engine = fixedEngine(question.answerBytes);
      return { kind: 'listening', port: await startNodeServer(engine, systemClock) };
    }
    case 'bare':
      return { kind: 'listening', port: await startBareServer(question.answerBytes) };
    default: {
      if (writer === undefined) throw new Error('there is no store to apply events to');
      const pace = writer.stop();
      if (question.kind === 'apply') writer.start(question.perSecond, question.durationMs);
      return { kind: 'paced', pace };
    }
  }
});

async function startStoreServer(
  question: Extract<ServerQuestion, { kind: 'store' }>,
): Promise<number> {
  const { data, spare } = question;
  const { store, engine } = fillStore(storeNamed(question.store), data, data.posts + spare);
  const started = new PacedWriter(data, createEventApplier({ target: store, retentionSeconds }));
  writer = started;
  return startNodeServer(engine, {
    // The data has its own time; durations are real.
    nowMs: () => started.nowMs,
    monotonicMs: () => performance.now(),
  });
}

function fixedEngine(bytes: number): QueryEngine {
  const zeros = {
    posts: fixedPosts,
    freshnessSeconds: 0,
    timeRangeSeconds: 0,
    replyRatio: 0,
    uniqueAuthors: 0,
    postsPerAuthor: 0,
  };
  const answer = {
    body: Buffer.alloc(bytes, 1),
    posts: fixedPosts,
    truncations: [],
    partial: null,
    deletedFiltered: 0,
    statistics: null,
  };
  const answerWithStatistics = { ...answer, statistics: { retrieved: zeros, scored: zeros } };
  return {
    answer: (_request, { wantStatistics }) => (wantStatistics ? answerWithStatistics : answer),
  };
}

/** The least that grpc-js can do: no interceptor, no metadata, nothing read. */
async function startBareServer(answerBytes: number): Promise<number> {
  const body = Buffer.alloc(answerBytes, 1);
  const server = new Server({ 'grpc.enable_channelz': 0 });
  const identity = (bytes: Buffer): Buffer => bytes;
  server.addService(
    {
      GetInNetworkPosts: {
        path: getInNetworkPostsPath,
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    },
    {
      GetInNetworkPosts: (_call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) =>
        respond(null, body),
    },
  );
  return new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}
