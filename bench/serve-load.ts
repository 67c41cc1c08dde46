/**
 * A process that keeps a number of calls in flight to a server on this machine, for a while. Over one
 * connection, as a client of a feed has to each node, or over several; nothing is decoded.
 */
import { Client, credentials } from '@grpc/grpc-js';
import { getInNetworkPostsPath } from '#cli/query/query-client.ts';
import { answerParent } from './child.ts';

export interface LoadQuestion {
  readonly port: number;
  /** Sent in turn. */
  readonly requests: readonly Uint8Array[];
  readonly inFlight: number;
  readonly durationMs: number;
  /** Default 1; calls take them in turn. */
  readonly connections?: number;
}

export interface LoadAnswer {
  /** One for each answer. */
  readonly latenciesMs: Float64Array;
  /** Until the last answer. */
  readonly tookMs: number;
  /** Of all answers. */
  readonly bytes: number;
}

const deadlineMs = 30_000;
const windowBytes = 4 * 1024 * 1024;
const clients = new Map<number, Client[]>();
const identity = (bytes: Buffer): Buffer => bytes;

/** Rejects when a call fails: a figure with failures in it would mean nothing. */
answerParent(async (question: LoadQuestion): Promise<LoadAnswer> => {
  const { port, inFlight, durationMs } = question;
  const requests = question.requests.map((bytes) => Buffer.from(bytes));
  const used = clientsOf(port, question.connections ?? 1);
  const latenciesMs: number[] = [];
  let bytes = 0;
  let sent = 0;
  const startedMs = performance.now();
  const keepAsking = async (): Promise<void> => {
    while (performance.now() - startedMs < durationMs) {
      const request = requests[sent % requests.length] ?? Buffer.alloc(0);
      const client = used[sent % used.length]!;
      sent += 1;
      const askedMs = performance.now();
      const body = await call(client, request);
      bytes += body.length;
      latenciesMs.push(performance.now() - askedMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, keepAsking));
  return {
    latenciesMs: Float64Array.from(latenciesMs),
    tookMs: performance.now() - startedMs,
    bytes,
  };
});

function clientsOf(port: number, connections: number): readonly Client[] {
  const known = clients.get(port) ?? [];
  clients.set(port, known);
  while (known.length < connections) {
    known.push(
      new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
        'grpc.max_receive_message_length': -1,
        'grpc-node.flow_control_window': windowBytes,
        // Or all of them would be one connection.
        'grpc.use_local_subchannel_pool': 1,
      }),
    );
  }
  return known.slice(0, connections);
}

function call(client: Client, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      getInNetworkPostsPath,
      identity,
      identity,
      request,
      { deadline: Date.now() + deadlineMs },
      (error, body) => {
        if (error !== null) reject(error);
        else resolve(body ?? Buffer.alloc(0));
      },
    );
  });
}
