/**
 * Record batches (format 2), as Kafka stores and sends them, to the messages kafkajs hands out. Ours,
 * because kafkajs gives up a whole fetch for one batch it cannot read, does not say which it was, and
 * believes every length and count. Here each batch fails alone, and in its place.
 *
 *     baseOffset i64 | length i32 | leaderEpoch i32 | magic i8 | crc i32 | attributes i16 |
 *     lastOffsetDelta i32 | firstTimestamp i64 | maxTimestamp i64 | producerId i64 |
 *     producerEpoch i16 | firstSequence i32 | count i32 | records
 */
import { messageOf } from '../errors.ts';
import { codecOf, inflatedBytesMax } from './codecs.ts';
import { type UnreadableBatch, unreadableBatch } from './unreadable-batch.ts';

/** Records of one batch. A batch inflates to no more creates than this; each becomes an object. */
export const batchRecordsMax = 500_000;
/**
 * What the batches of one fetch answer may hold once decoded, objects included; what is beyond is
 * left for the next fetch. One batch always fits, so the most in memory is this and one batch.
 */
export const answerBytesMax = inflatedBytesMax;
/** Reckoned for a record's object in `answerBytesMax`. */
const recordOverheadBytes = 100;

const headerBytes = 61;
/** What `length` does not count: the base offset and itself. */
const prefixBytes = 12;
const magicAt = 16;
const logAppendTimeFlag = 0x8;
const transactionalFlag = 0x10;
const controlFlag = 0x20;

type HeaderValue = Buffer | null | (Buffer | null)[];

/** What kafkajs's consumer expects of a decoded record; only the first five fields concern us. */
export interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, HeaderValue>>;
  readonly attributes: number;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
  readonly [unreadableBatch]?: UnreadableBatch;
}

/** What is left of `answerBytesMax` while one answer is read. */
export interface AnswerBudget {
  bytesLeft: number;
}

/** The messages of one partition of an answer. A batch at the end that is cut off is left out. */
export async function readRecordBatches(
  set: Buffer,
  budget: AnswerBudget,
): Promise<FetchedMessage[]> {
  const messages: FetchedMessage[] = [];
  let offset = 0;
  while (offset + headerBytes <= set.length && budget.bytesLeft > 0) {
    const end = offset + prefixBytes + set.readInt32BE(offset + 8);
    if (end > set.length || end <= offset + magicAt) break;
    for (const message of await readBatch(set.subarray(offset, end), budget)) {
      messages.push(message);
    }
    offset = end;
  }
  return messages;
}

async function readBatch(batch: Buffer, budget: AnswerBudget): Promise<FetchedMessage[]> {
  const firstOffset = Number(batch.readBigInt64BE(0));
  try {
    if (batch.readInt8(magicAt) !== 2) throw new Error('its format is older than Kafka 0.11');
    const lastOffset = firstOffset + Math.max(0, batch.readInt32BE(23));
    try {
      return await readRecords(batch, firstOffset, lastOffset, budget);
    } catch (error) {
      return [placeholder(lastOffset, { firstOffset, lastOffset, reason: messageOf(error) })];
    }
  } catch (error) {
    const reason = messageOf(error);
    return [placeholder(firstOffset, { firstOffset, lastOffset: firstOffset, reason })];
  }
}

async function readRecords(
  batch: Buffer,
  firstOffset: number,
  lastOffset: number,
  budget: AnswerBudget,
): Promise<FetchedMessage[]> {
  const attributes = batch.readInt16BE(21);
  const firstTimestampMs = Number(batch.readBigInt64BE(27));
  const maxTimestamp = batch.readBigInt64BE(35).toString();
  const count = batch.readInt32BE(57);
  if (count < 0 || count > batchRecordsMax) {
    throw new Error(`it says that it has ${count} records; ${batchRecordsMax} at most are read`);
  }
  const isControlRecord = (attributes & controlFlag) !== 0;
  const batchContext = {
    producerId: batch.readBigInt64BE(43).toString(),
    inTransaction: (attributes & transactionalFlag) !== 0,
  };
  const codec = codecOf(attributes);
  const compressed = batch.subarray(headerBytes);
  const bytes = codec === undefined ? compressed : await codec.decompress(compressed);
  budget.bytesLeft -= bytes.length + count * recordOverheadBytes;
  const reader = new RecordReader(bytes);
  const messages: FetchedMessage[] = [];
  for (let index = 0; index < count; index++) {
    const end = reader.lengthAhead();
    const recordAttributes = reader.byte();
    const timestampMs = firstTimestampMs + reader.varint();
    const offset = firstOffset + reader.varint();
    const key = reader.bytes();
    const value = reader.bytes();
    const headers = reader.headers();
    reader.mustBeAt(end);
    messages.push({
      offset: String(offset),
      timestamp: (attributes & logAppendTimeFlag) === 0 ? String(timestampMs) : maxTimestamp,
      key,
      value,
      headers,
      attributes: recordAttributes,
      isControlRecord,
      batchContext,
    });
  }
  reader.mustBeAt(bytes.length);
  // Compaction keeps a batch's last offset when it drops the last record, or all of them.
  if (Number(messages.at(-1)?.offset ?? -1) < lastOffset) messages.push(placeholder(lastOffset));
  return messages;
}

/** Stands for offsets without records: a message nobody is shown, or a batch that cannot be read. */
function placeholder(offset: number, unreadable?: UnreadableBatch): FetchedMessage {
  return {
    offset: String(offset),
    timestamp: '-1',
    key: null,
    value: null,
    headers: {},
    attributes: 0,
    isControlRecord: unreadable === undefined,
    batchContext: { producerId: '-1', inTransaction: false },
    ...(unreadable === undefined ? {} : { [unreadableBatch]: unreadable }),
  };
}

/** Reads records; anything that does not fit the bytes throws. */
class RecordReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error('its records are cut off');
    this.#at += 1;
    return byte;
  }

  /** Zigzag, up to 64 bits; exact to 2^53. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw new Error('its records have a number of more than 64 bits');
  }

  /** Reads a length; answers where what has it ends. */
  lengthAhead(): number {
    const length = this.varint();
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new Error('its records are cut off');
    return end;
  }

  bytes(): Buffer | null {
    const start = this.#at;
    if (this.varint() === -1) return null;
    this.#at = start;
    const end = this.lengthAhead();
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  headers(): Readonly<Record<string, HeaderValue>> {
    const count = this.varint();
    if (count === 0) return {};
    if (count < 0) throw new Error('its records have a negative number of headers');
    const headers = new Map<string, HeaderValue>();
    for (let index = 0; index < count; index++) {
      const name = this.bytes()?.toString() ?? '';
      const value = this.bytes();
      const before = headers.get(name);
      if (before === undefined) headers.set(name, value);
      else if (Array.isArray(before)) before.push(value);
      else headers.set(name, [before, value]);
    }
    return Object.fromEntries(headers);
  }

  mustBeAt(end: number): void {
    if (this.#at !== end) throw new Error('its records are not as long as they say');
  }
}
