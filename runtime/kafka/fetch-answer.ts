/**
 * Puts our reading of record batches in the place of kafkajs's, for Fetch version 11, which every
 * broker since Kafka 2.3 speaks. kafkajs has no hook for it: its decoder of that answer is replaced,
 * with the same fields in the result.
 */
import { createRequire } from 'node:module';
import { type AnswerBudget, answerBytesMax, readRecordBatches } from './record-batch.ts';

/** The part of kafkajs's own reader that is used here; lengths beyond the bytes throw. */
interface AnswerReader {
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readString(): string;
  readBytes(length: number): Buffer;
  canReadBytes(length: number): boolean;
  readArray<T>(read: (reader: AnswerReader) => T): T[];
  readArrayAsync<T>(read: (reader: AnswerReader) => Promise<T>): Promise<T[]>;
}

interface Internals {
  readonly Decoder: new (bytes: Buffer) => AnswerReader;
  readonly response: { decode: (bytes: Buffer) => Promise<unknown> };
}

/** Done for every connection; doing it again changes nothing. */
export function installFetchDecoder(): void {
  const { Decoder, response } = kafkajsInternals();
  response.decode = (bytes) => decodeAnswer(new Decoder(bytes));
}

function kafkajsInternals(): Internals {
  const load = createRequire(import.meta.url);
  const Decoder: Internals['Decoder'] = load('kafkajs/src/protocol/decoder');
  const response: Internals['response'] = load('kafkajs/src/protocol/requests/fetch/v11/response');
  return { Decoder, response };
}

async function decodeAnswer(reader: AnswerReader): Promise<unknown> {
  const clientSideThrottleTime = reader.readInt32();
  const errorCode = reader.readInt16();
  const sessionId = reader.readInt32();
  const budget: AnswerBudget = { bytesLeft: answerBytesMax };
  const responses = await reader.readArrayAsync(async () => ({
    topicName: reader.readString(),
    partitions: await reader.readArrayAsync(() => decodePartition(reader, budget)),
  }));
  // The broker has not throttled this request, it expects us to wait: so kafkajs is told of no wait it had.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function decodePartition(reader: AnswerReader, budget: AnswerBudget): Promise<unknown> {
  const header = {
    partition: reader.readInt32(),
    errorCode: reader.readInt16(),
    highWatermark: reader.readInt64().toString(),
    lastStableOffset: reader.readInt64().toString(),
    lastStartOffset: reader.readInt64().toString(),
    abortedTransactions: reader.readArray(() => ({
      producerId: reader.readInt64().toString(),
      firstOffset: reader.readInt64().toString(),
    })),
    preferredReadReplica: reader.readInt32(),
  };
  const length = reader.readInt32();
  const isThere = length > 0 && reader.canReadBytes(length);
  const messages = isThere ? await readRecordBatches(reader.readBytes(length), budget) : [];
  return { ...header, messages };
}
