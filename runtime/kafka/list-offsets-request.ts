/**
 * The offset of a moment in each partition of one topic: the start, the end, or the first record at or
 * after a time. Version 2 (Kafka 0.11) has the isolation level, and all that is needed here.
 */

import { WireReader } from './wire-reader.ts';
import { apiKeys, type WireRequest } from './wire-request.ts';
import { WireWriter } from './wire-writer.ts';

const version = 2;
/** In place of a time. */
export const logStart = -2;
export const logEnd = -1;

const consumerId = -1;
const readUncommitted = 0;
const readCommitted = 1;

export interface PartitionOffset {
  readonly partition: number;
  readonly errorCode: number;
  /** -1 when no record is that young. */
  readonly offset: number;
}

export interface ListOffsetsOptions {
  readonly topic: string;
  readonly partitions: readonly number[];
  /** Milliseconds since the epoch, `logStart` or `logEnd`. */
  readonly timestampMs: number;
  /** The end is then the high watermark, not the last stable offset. */
  readonly uncommitted?: boolean;
}

export function listOffsetsRequest(
  options: ListOffsetsOptions,
): WireRequest<readonly PartitionOffset[]> {
  const { topic, partitions, timestampMs, uncommitted } = options;
  const writer = new WireWriter({ flexible: false });
  writer.int32(consumerId).int8(uncommitted === true ? readUncommitted : readCommitted);
  writer.array([topic], (name) => {
    writer.string(name).array(partitions, (partition) => {
      writer.int32(partition).int64(timestampMs);
    });
  });
  return {
    apiKey: apiKeys.listOffsets,
    apiName: 'ListOffsets',
    apiVersion: version,
    body: writer.done(),
    read(answer) {
      const reader = new WireReader(answer, { flexible: false });
      const throttleMs = reader.int32();
      const topics = reader.array(() => {
        reader.string();
        return reader.array(() => readPartition(reader));
      });
      return { value: topics.flat(), throttleMs };
    },
  };
}

function readPartition(reader: WireReader): PartitionOffset {
  const partition = reader.int32();
  const errorCode = reader.int16();
  // The time of the record at that offset.
  reader.int64();
  return { partition, errorCode, offset: reader.int64() };
}
