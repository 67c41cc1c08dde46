/**
 * Fetch for one topic, as a read_committed reader that names its partitions and keeps no session.
 * Version 13 (Kafka 3.1) addresses a topic by its id, so that another topic of the same name is
 * refused, and tells of a log that was truncated below what was read; version 11 (Kafka 2.3) has
 * neither. Both can send us to a replica in our rack (KIP-392).
 */

import { WireReader } from './wire-reader.ts';
import { apiKeys, type BrokerVersions, type WireRequest } from './wire-request.ts';
import { WireWriter } from './wire-writer.ts';

const withTopicIds = 13;
const withoutTopicIds = 11;

const consumerId = -1;
const readCommitted = 1;
const noSession = 0;
const noSessionEpoch = -1;
const bytesMin = 1;
const anyEpoch = -1;
const unknownOffset = -1;
const divergingEpochTag = 0;

export interface FetchPosition {
  readonly partition: number;
  readonly offset: number;
  /** The leader epoch of the record before `offset`; -1 when unknown. Nothing is compared then. */
  readonly lastEpoch: number;
}

export interface FetchOptions {
  readonly topic: string;
  /** Empty when the cluster has none. */
  readonly topicId: string;
  /** In the order in which the broker is to fill its answer. */
  readonly positions: readonly FetchPosition[];
  /** Longest wait when there is nothing to read, milliseconds. */
  readonly waitMs: number;
  /** Bytes of the answer, and of each partition in it; the first batch comes whole, however large. */
  readonly bytesMax: number;
  readonly partitionBytesMax: number;
  /** Where we are; empty for nowhere in particular. */
  readonly rack: string;
}

/** Records of a transaction that was given up, from `firstOffset` on until its marker. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface PartitionAnswer {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** A replica to fetch from instead; -1 for none. */
  readonly preferredReplica: number;
  /** The log no longer has what was read from here on; -1 when it has. */
  readonly divergesAt: number;
  /** Record batches, the last of which may be cut off. A view of the answer. */
  readonly records: Buffer;
}

export interface FetchAnswer {
  readonly errorCode: number;
  readonly partitions: readonly PartitionAnswer[];
}

export function fetchRequest(
  options: FetchOptions,
  versions: BrokerVersions,
): WireRequest<FetchAnswer> {
  const { topic, topicId, positions, waitMs, bytesMax, partitionBytesMax, rack } = options;
  const byId = topicId !== '' && versions.newest(apiKeys.fetch) >= withTopicIds;
  const writer = new WireWriter({ flexible: byId });
  writer.int32(consumerId).int32(waitMs).int32(bytesMin).int32(bytesMax).int8(readCommitted);
  writer.int32(noSession).int32(noSessionEpoch);
  writer.array([topic], (name) => {
    if (byId) writer.uuid(topicId);
    else writer.string(name);
    writer.array(positions, ({ partition, offset, lastEpoch }) => {
      writer.int32(partition).int32(anyEpoch).int64(offset);
      if (byId) writer.int32(lastEpoch);
      writer.int64(unknownOffset).int32(partitionBytesMax).tags();
    });
    writer.tags();
  });
  // No session, so nothing to forget.
  writer.array([], () => undefined);
  writer.string(rack).tags();
  return {
    apiKey: apiKeys.fetch,
    apiName: 'Fetch',
    apiVersion: byId ? withTopicIds : withoutTopicIds,
    body: writer.done(),
    read: (answer) => readFetch(new WireReader(answer, { flexible: byId }), byId),
  };
}

function readFetch(reader: WireReader, byId: boolean): { value: FetchAnswer; throttleMs: number } {
  const throttleMs = reader.int32();
  const errorCode = reader.int16();
  // The session.
  reader.int32();
  const topics = reader.array(() => {
    if (byId) reader.uuid();
    else reader.string();
    const partitions = reader.array(() => readPartition(reader));
    reader.skipTags();
    return partitions;
  });
  reader.skipTags();
  return { value: { errorCode, partitions: topics.flat() }, throttleMs };
}

function readPartition(reader: WireReader): PartitionAnswer {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  // The log's start: asked for with ListOffsets, because only that is told when nothing is fetched.
  reader.int64();
  const aborted = reader.array(() => {
    const transaction = { producerId: reader.int64(), firstOffset: reader.int64() };
    reader.skipTags();
    return transaction;
  });
  const preferredReplica = reader.int32();
  const records = reader.bytes();
  let divergesAt = -1;
  reader.tags((tag) => {
    if (tag !== divergingEpochTag) return;
    // The epoch.
    reader.int32();
    divergesAt = reader.int64();
  });
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    aborted,
    preferredReplica,
    divergesAt,
    records,
  };
}
