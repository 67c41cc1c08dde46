/**
 * How fast are the hand-written readers beside the generated ones, on the same bytes? What is
 * measured is decoding alone; that both found the same is checked before.
 */
import type Int64 from 'node-int64';
import thrift from 'thrift';
import { TweetEvent } from '#proto/gen/thrift/tweet_event_types.js';
import { thunder } from '#proto/gen/thunder.js';
import { createInNetworkEventFields } from '#proto/wire/in-network-event-fields.ts';
import { readInNetworkEvent } from '#proto/wire/read-in-network-event.ts';
import { readRequest } from '#proto/wire/read-request.ts';
import { readTweetEvent } from '#proto/wire/read-tweet-event.ts';
import { createRequestFields } from '#proto/wire/request-fields.ts';
import { createTweetEventFields } from '#proto/wire/tweet-event-fields.ts';
import { integer } from '#runtime/settings/setting.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import { type Bench, type BenchIo, roundsSetting, seedSetting } from './bench.ts';
import { collectRecords } from './dataset.ts';
import { elapsedMs, interleave, median } from './harness.ts';
import { type BenchRow, toRow } from './report.ts';
import { collectRequests } from './requests.ts';

/** Different records that are read in turn: more than a branch predictor remembers. */
const recordsRead = 8_192;
const requestsRead = 16;
const following = 1_000;
const excluded = 500;
/** A request takes about as long as so many events. */
const eventsPerRequest = 400;
const nanosecondsPerMillisecond = 1e6;

const settings = defineSettings({
  seed: seedSetting(),
  rounds: roundsSetting(15),
  events: integer({
    min: 1_000,
    max: 100_000_000,
    default: 200_000,
    description: `Events read in a turn; of requests, one for ${eventsPerRequest} of these.`,
  }),
});

export const wireBench: Bench<(typeof settings)['settings']> = {
  name: 'wire',
  question: 'How fast are the hand-written readers beside protobufjs and Apache Thrift?',
  settings,
  async run({ seed, rounds, events }, io) {
    const data = { seed, count: recordsRead, counted: 'records' } as const;
    const inNetwork = collectRecords({ ...data, format: 'protobuf' });
    const tweets = collectRecords({ ...data, format: 'thrift' });
    const requests = collectRequests(inNetwork.dataset, {
      seed,
      requests: requestsRead,
      following,
      excluded,
      maxResults: 1_200,
    });
    const shared = { rounds, io };
    return [
      await compareReaders({
        ...shared,
        case: 'InNetworkEvent',
        unit: 'ns/event',
        inputs: inNetwork.records.map((record) => record.value),
        reads: events,
        fast: inNetworkEventReader(),
        generated: { name: 'protobufjs', read: readInNetworkEventWithProtobufjs },
      }),
      await compareReaders({
        ...shared,
        case: `GetInNetworkPostsRequest ids=${following}+${excluded}`,
        unit: 'ns/request',
        inputs: requests,
        reads: Math.ceil(events / eventsPerRequest),
        fast: requestReader(),
        generated: { name: 'protobufjs', read: readRequestWithProtobufjs },
      }),
      await compareReaders({
        ...shared,
        case: 'TweetEvent',
        unit: 'ns/event',
        inputs: tweets.records.map((record) => record.value),
        reads: events,
        fast: tweetEventReader(),
        generated: { name: 'thrift', read: readTweetEventWithThrift },
      }),
    ];
  },
};

/** Reads everything in the bytes and answers a number that depends on it. */
type Reader<Bytes extends Uint8Array> = (bytes: Bytes) => number;

async function compareReaders<Bytes extends Uint8Array>(options: {
  readonly case: string;
  readonly unit: string;
  readonly inputs: readonly Bytes[];
  readonly reads: number;
  readonly fast: Reader<Bytes>;
  readonly generated: { readonly name: string; readonly read: Reader<Bytes> };
  readonly rounds: number;
  readonly io: BenchIo;
}): Promise<BenchRow> {
  const { inputs, reads, fast, generated, io } = options;
  io.progress(options.case);
  for (const [index, bytes] of inputs.entries()) {
    const [one, other] = [fast(bytes), generated.read(bytes)];
    if (one !== other) {
      throw new Error(`${options.case} ${index}: read as ${one}, by ${generated.name} as ${other}`);
    }
  }
  const turn = (read: Reader<Bytes>) => (): number => {
    let sum = 0;
    const tookMs = elapsedMs(() => {
      for (let index = 0; index < reads; index += 1) {
        sum += read(inputs[index % inputs.length] as Bytes);
      }
    });
    // Keeps the reading from being optimised away.
    if (Number.isNaN(sum)) throw new Error('a reader answered no number');
    return (tookMs * nanosecondsPerMillisecond) / reads;
  };
  const results = await interleave(
    { fast: turn(fast), generated: turn(generated.read) },
    options.rounds,
    io,
  );
  return toRow(
    options.case,
    { name: 'mean', unit: options.unit, better: 'lower' },
    median(results.fast),
    { name: generated.name, value: median(results.generated) },
  );
}

function inNetworkEventReader(): Reader<Uint8Array> {
  const event = createInNetworkEventFields();
  return (bytes) => {
    readInNetworkEvent(bytes, 0, bytes.length, event);
    return (event.kind === 'create' ? event.post.postIdLo : event.deletedPostIdLo) >>> 0;
  };
}

function readInNetworkEventWithProtobufjs(bytes: Uint8Array): number {
  const event = thunder.v1.InNetworkEvent.decode(bytes);
  const variant = event.tweetCreateEvent ?? event.tweetDeleteEvent;
  return (variant?.postId?.low ?? Number.NaN) >>> 0;
}

function requestReader(): Reader<Uint8Array> {
  const request = createRequestFields();
  return (bytes) => {
    readRequest(bytes, request);
    const { following, excluded } = request;
    return lastOf(following) + lastOf(excluded) + following.length + excluded.length;
  };
}

function lastOf(ids: { readonly lo: Uint32Array; readonly length: number }): number {
  return (ids.lo[ids.length - 1] ?? 0) >>> 0;
}

function readRequestWithProtobufjs(bytes: Uint8Array): number {
  const { followingUserIds, excludeTweetIds } = thunder.v1.GetInNetworkPostsRequest.decode(bytes);
  return (
    ((followingUserIds.at(-1)?.low ?? 0) >>> 0) +
    ((excludeTweetIds.at(-1)?.low ?? 0) >>> 0) +
    followingUserIds.length +
    excludeTweetIds.length
  );
}

function tweetEventReader(): Reader<Uint8Array> {
  const event = createTweetEventFields();
  return (bytes) => {
    const kind = readTweetEvent(bytes, 0, bytes.length, event);
    return (kind === 'quoted_tweet_delete' ? event.quotingTweetIdLo : event.tweet.idLo) >>> 0;
  };
}

function readTweetEventWithThrift(bytes: Buffer): number {
  const event = new TweetEvent();
  event.read(new thrift.TBinaryProtocol(new thrift.TFramedTransport(bytes)));
  const { tweet_create_event, tweet_delete_event, quoted_tweet_delete_event } = event.data;
  const tweet = tweet_create_event?.tweet ?? tweet_delete_event?.tweet;
  return lowOf(tweet?.id ?? quoted_tweet_delete_event?.quoting_tweet_id);
}

function lowOf(id: Int64 | undefined): number {
  return id === undefined ? Number.NaN : id.buffer.readUInt32BE(id.offset + 4);
}
