/**
 * What tests of whole nodes share: events as bytes, records in a topic, nodes as processes, what a
 * gRPC caller sees.
 */
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import type { Message } from 'kafkajs';
import { createQueryClient, type QueryClient } from '#cli/query/query-client.ts';
import { createLightPostFields } from '#proto/wire/light-post-fields.ts';
import {
  CREATE_EVENT_BYTES_MAX,
  DELETE_EVENT_BYTES_MAX,
  encodeCreateEvent,
  encodeDeleteEvent,
} from '#proto/wire/write-in-network-event.ts';
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import type { Processes } from '#test/components/processes/processes.ts';
import { startNode, type ThunderNode } from '#test/components/processes/thunder-node.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';

export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** An original post as an InNetworkEvent. */
export function createEvent(postId: bigint, authorId: bigint, createdAt = nowSeconds()): Buffer {
  const post = createLightPostFields();
  post.postIdHi = highOf(postId);
  post.postIdLo = lowOf(postId);
  post.authorIdHi = highOf(authorId);
  post.authorIdLo = lowOf(authorId);
  post.createdAt = createdAt;
  const bytes = Buffer.alloc(CREATE_EVENT_BYTES_MAX);
  return bytes.subarray(0, encodeCreateEvent(post, bytes, 0));
}

export function deleteEvent(postId: bigint, deletedAt = nowSeconds()): Buffer {
  const bytes = Buffer.alloc(DELETE_EVENT_BYTES_MAX);
  const [postIdHi, postIdLo] = [highOf(postId), lowOf(postId)];
  const event = { postIdHi, postIdLo, deletedAt, authorIdHi: 0, authorIdLo: 0 };
  return bytes.subarray(0, encodeDeleteEvent(event, bytes, 0));
}

function highOf(id: bigint): number {
  return Number(id >> 32n);
}

function lowOf(id: bigint): number {
  return Number(id & 0xffff_ffffn);
}

/** Writes records and waits until they are acknowledged. */
export async function append(
  kafka: TestKafka,
  topic: string,
  messages: readonly Message[],
): Promise<void> {
  const producer = kafka.client().producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    for (let at = 0; at < messages.length; at += recordsAtOnce) {
      await producer.send({ topic, acks: -1, messages: messages.slice(at, at + recordsAtOnce) });
    }
  } finally {
    await producer.disconnect();
  }
}

const recordsAtOnce = 2_000;

export function startServing(
  processes: Processes,
  options: {
    readonly kafka: Pick<TestKafka, 'bootstrap'>;
    readonly topic: string;
    readonly name?: string;
    /** Default 0. */
    readonly drainDelayMs?: number;
    readonly flags?: readonly string[];
  },
): Promise<ThunderNode> {
  const { kafka, topic, name = 'node', drainDelayMs = 0, flags = [] } = options;
  return startNode(processes, {
    name,
    command: 'serve',
    flags: [
      ...['--in-network-events-consumer-dest', kafka.bootstrap, '--in-network-events-topic', topic],
      // A group prefix of its own, by which a test finds its groups.
      ...['--kafka-group-id', topic, '--drain-delay-ms', String(drainDelayMs), ...flags],
    ],
  });
}

export function startTransforming(
  processes: Processes,
  options: {
    readonly kafka: Pick<TestKafka, 'bootstrap'>;
    readonly tweetTopic: string;
    readonly eventTopic: string;
    readonly name?: string;
    readonly flags?: readonly string[];
  },
): Promise<ThunderNode> {
  const { kafka, tweetTopic, eventTopic, name = 'transformer', flags = [] } = options;
  return startNode(processes, {
    name,
    command: 'transform',
    flags: [
      ...['--tweet-events-consumer-dest', kafka.bootstrap, '--tweet-events-topic', tweetTopic],
      ...['--in-network-events-producer-dest', kafka.bootstrap],
      ...['--in-network-events-topic', eventTopic, '--kafka-group-id', `${eventTopic}-transformer`],
      ...flags,
    ],
  });
}

export async function untilReady(node: ThunderNode): Promise<void> {
  await waitFor(`${node.name} is ready`, async () => {
    if (node.hasExited) throw new Error(`${node.name} has ended:\n${node.log()}`);
    return (await node.page('/readyz')).code === 200;
  });
}

/** Until so many records of the topic have been applied, over all partitions. */
export async function untilApplied(node: ThunderNode, records: number): Promise<void> {
  await waitFor(
    `${node.name} has applied ${records} records`,
    async () => positionsOf(await node.status()) >= records,
  );
}

export function positionsOf(status: {
  readonly partitions: readonly { readonly position: number }[];
}): number {
  return status.partitions.reduce((sum, { position }) => sum + position, 0);
}

/** The newest posts of these authors, as one client asks for them; no second try. */
export async function postIdsAt(
  node: Pick<ThunderNode, 'address'>,
  authors: readonly bigint[],
): Promise<bigint[]> {
  return withClient(node, async (client) => {
    const answer = await client.getInNetworkPosts({ userId: 1n, followingUserIds: authors });
    return answer.posts.map((post) => post.postId);
  });
}

export async function withClient<T>(
  node: Pick<ThunderNode, 'address'>,
  use: (client: QueryClient) => Promise<T>,
): Promise<T> {
  const client = createQueryClient({ address: node.address, retryUnavailable: false });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** `grpc.health.v1.Health/Check`: 0 unknown, 1 SERVING, 2 NOT_SERVING; or the name of the status it failed with. */
export function healthOf(
  node: Pick<ThunderNode, 'address'>,
  service = '',
): Promise<number | string> {
  const client = new Client(node.address, credentials.createInsecure());
  const name = Buffer.from(service);
  const request = name.length === 0 ? name : Buffer.from([0x0a, name.length, ...name]);
  const pass = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest<Buffer, Buffer>(
      '/grpc.health.v1.Health/Check',
      pass,
      pass,
      request,
      { deadline: Date.now() + 10_000 },
      (error: ServiceError | null, answer) => {
        client.close();
        // HealthCheckResponse: field 1 is the status, absent when 0.
        resolve(error === null ? (answer?.[1] ?? 0) : (status[error.code] ?? 'UNKNOWN'));
      },
    );
  });
}

export const serving = 1;
export const notServing = 2;
export const postsServiceName = 'thunder.v1.InNetworkPostsService';
