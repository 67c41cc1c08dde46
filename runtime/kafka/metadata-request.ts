/**
 * Metadata of one topic: the brokers, the cluster's and the topic's identity, each partition's leader.
 * Version 10 has topic ids (Kafka 2.8); before it, version 5 (Kafka 1.0).
 */

import { WireReader } from './wire-reader.ts';
import { apiKeys, type BrokerVersions, type WireRequest } from './wire-request.ts';
import { WireWriter } from './wire-writer.ts';

const withTopicIds = 10;
const withoutTopicIds = 5;
const noUuid = '0'.repeat(32);
const noOperations = false;

export interface BrokerAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string;
}

export interface PartitionMetadata {
  readonly partition: number;
  readonly errorCode: number;
  /** -1 for none. */
  readonly leader: number;
}

export interface TopicMetadata {
  readonly brokers: readonly BrokerAddress[];
  readonly clusterId: string;
  /** Of the topic: 0, or why nothing is known about it. */
  readonly errorCode: number;
  /** 32 hexadecimal digits; empty from a broker without topic ids. */
  readonly topicId: string;
  /** By number. */
  readonly partitions: readonly PartitionMetadata[];
}

export function metadataRequest(
  topic: string,
  versions: BrokerVersions,
): WireRequest<TopicMetadata> {
  const hasIds = versions.newest(apiKeys.metadata) >= withTopicIds;
  const writer = new WireWriter({ flexible: hasIds });
  writer.array([topic], (name) => {
    if (hasIds) writer.uuid(noUuid);
    writer.string(name).tags();
  });
  // Asking never creates a topic.
  writer.boolean(false);
  if (hasIds) writer.boolean(noOperations).boolean(noOperations).tags();
  return {
    apiKey: apiKeys.metadata,
    apiName: 'Metadata',
    apiVersion: hasIds ? withTopicIds : withoutTopicIds,
    body: writer.done(),
    read: (answer) => readMetadata(new WireReader(answer, { flexible: hasIds }), hasIds),
  };
}

function readMetadata(
  reader: WireReader,
  hasIds: boolean,
): { value: TopicMetadata; throttleMs: number } {
  const throttleMs = reader.int32();
  const brokers = reader.array(() => {
    const broker = {
      nodeId: reader.int32(),
      host: reader.string(),
      port: reader.int32(),
      rack: reader.string(),
    };
    reader.skipTags();
    return broker;
  });
  const clusterId = reader.string();
  // The controller.
  reader.int32();
  const topics = reader.array(() => readTopic(reader, hasIds));
  const [topic] = topics;
  if (topic === undefined) throw new RangeError('the answer has no topic');
  return { value: { brokers, clusterId, ...topic }, throttleMs };
}

function readTopic(
  reader: WireReader,
  hasIds: boolean,
): Pick<TopicMetadata, 'errorCode' | 'topicId' | 'partitions'> {
  const errorCode = reader.int16();
  // The name that was asked for.
  reader.string();
  const topicId = hasIds ? reader.uuid() : '';
  // Whether it is Kafka's own.
  reader.boolean();
  const partitions = reader.array(() => readPartition(reader, hasIds));
  if (hasIds) {
    // What we may do with it.
    reader.int32();
    reader.skipTags();
  }
  return {
    errorCode,
    topicId: topicId === noUuid ? '' : topicId,
    partitions: partitions.toSorted((one, other) => one.partition - other.partition),
  };
}

function readPartition(reader: WireReader, hasIds: boolean): PartitionMetadata {
  const errorCode = reader.int16();
  const partition = reader.int32();
  const leader = reader.int32();
  // The leader's epoch, replicas, those in sync, those offline.
  if (hasIds) reader.int32();
  for (let list = 0; list < 3; list += 1) reader.array(() => reader.int32());
  reader.skipTags();
  return { errorCode, partition, leader };
}
