/**
 * The records of one partition out of a fetch answer, into views: no object a record, nothing copied.
 * Control records and those of aborted transactions are left out; a batch that cannot be read fails
 * alone, in its place.
 */
import { messageOf } from '../errors.ts';
import { type Codec, codecOf } from './codecs.ts';
import { crc32c } from './crc32c.ts';
import type { AbortedTransaction } from './fetch-request.ts';
import { BatchHeader, batchHeaderBytes, checkedFrom } from './record-batch-header.ts';
import type { RecordView } from './record-view.ts';
import type { UnreadableBatch } from './unreadable-batch.ts';

/**
 * What came of a call of `read`. `records`: the view holds what comes next, up to `nextOffset`; it may
 * be empty, when only the offset moved. `compressed`: inflate `reader.compressed`, hand it to
 * `inflated`, read on. `unreadable`: `reader.unreadable` says what and why; `passBy` to read on behind
 * it. `end`: nothing whole is left.
 */
export type ReadResult = 'records' | 'compressed' | 'unreadable' | 'end';

export interface Compressed {
  readonly codec: Codec;
  readonly bytes: Buffer;
}

const abortMarker = 0;
const nothing = Buffer.alloc(0);

export class RecordSetReader {
  readonly #checksCrc: boolean;
  readonly #header = new BatchHeader();
  readonly #aborted = new Set<number>();
  #abortedAhead: AbortedTransaction[] = [];
  #set: Buffer = nothing;
  /** Where the next batch begins, when there is none under way. */
  #batchAt = 0;
  #nextOffset = 0;
  /** The records of the batch under way: bytes, where, and how many are left. */
  #bytes: Uint8Array = nothing;
  #at = 0;
  #end = 0;
  #left = 0;
  #isInBatch = false;
  #compressed: Compressed | null = null;
  #unreadable: UnreadableBatch | null = null;

  constructor(options: { readonly checksCrc: boolean }) {
    this.#checksCrc = options.checksCrc;
  }

  /** Begins another set, which was fetched from `offset` on: records before it are left out. */
  begin(set: Buffer, offset: number, aborted: readonly AbortedTransaction[]): void {
    this.#set = set;
    this.#nextOffset = offset;
    this.#batchAt = 0;
    this.#isInBatch = false;
    this.#compressed = null;
    this.#unreadable = null;
    this.#aborted.clear();
    this.#abortedAhead = aborted.toSorted((one, other) => one.firstOffset - other.firstOffset);
  }

  /** Lets go of the set. */
  clear(): void {
    this.begin(nothing, 0, []);
    this.#bytes = nothing;
  }

  /** Behind what has been read. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  get compressed(): Compressed {
    if (this.#compressed === null) throw new Error('there is nothing to inflate');
    return this.#compressed;
  }

  get unreadable(): UnreadableBatch {
    if (this.#unreadable === null) throw new Error('everything could be read');
    return this.#unreadable;
  }

  /** Fills the view with what comes next. */
  read(view: RecordView): ReadResult {
    view.clear(this.#isInBatch ? this.#bytes : this.#set);
    const fromOffset = this.#nextOffset;
    for (;;) {
      if (this.#isInBatch) {
        if (view.bytes !== this.#bytes) {
          if (view.count > 0) return 'records';
          view.clear(this.#bytes);
        }
        const problem = this.#readRecords(view);
        if (problem !== null) this.#giveUp(problem);
        else if (this.#isInBatch) return 'records';
        continue;
      }
      const found = this.#unreadable === null ? this.#nextBatch() : 'unreadable';
      if (found === 'batch') continue;
      // What was read so far goes first.
      const hasMoved = view.count > 0 || this.#nextOffset > fromOffset;
      return hasMoved ? 'records' : found;
    }
  }

  /** Goes on with what `compressed` holds, inflated. */
  inflated(bytes: Buffer): void {
    this.#compressed = null;
    this.#enter(bytes, 0, bytes.length);
  }

  /** `compressed` cannot be inflated. */
  notInflated(error: unknown): void {
    this.#compressed = null;
    this.#giveUp(messageOf(error));
  }

  /** Goes on behind the batch that cannot be read. */
  passBy(): void {
    this.#nextOffset = Math.max(this.#nextOffset, this.unreadable.lastOffset + 1);
    this.#unreadable = null;
  }

  /** Finds the next batch that has something for us; passes by those that have not. */
  #nextBatch(): 'batch' | 'compressed' | 'unreadable' | 'end' {
    if (this.#compressed !== null) return 'compressed';
    const header = this.#header;
    const set = this.#set;
    while (header.read(set, this.#batchAt)) {
      this.#batchAt = header.end;
      // Nothing is known of it but that it is here.
      if (header.isDamaged) header.lastOffset = this.#nextOffset;
      if (header.lastOffset < this.#nextOffset) {
        this.#noteMarker(set);
        continue;
      }
      const problem = this.#problemOf(set);
      if (problem !== null) {
        this.#giveUp(problem);
        return 'unreadable';
      }
      if (this.#isHidden(set)) {
        this.#nextOffset = header.lastOffset + 1;
        continue;
      }
      return this.#open(set);
    }
    return 'end';
  }

  #problemOf(set: Buffer): string | null {
    const { start, end, magic, crc, count, isDamaged } = this.#header;
    if (isDamaged) return 'its header is damaged';
    if (magic !== 2) return 'its format is older than Kafka 0.11';
    if (count < 0) return `it says that it has ${count} records`;
    if (this.#checksCrc && crc32c(set, start + checkedFrom, end) !== crc) {
      return 'its checksum does not match';
    }
    return null;
  }

  /** Whether the batch is a marker, or of a transaction that was given up. */
  #isHidden(set: Buffer): boolean {
    const { isControl, isTransactional, producerId, lastOffset } = this.#header;
    for (;;) {
      const [ahead] = this.#abortedAhead;
      if (ahead === undefined || ahead.firstOffset > lastOffset) break;
      this.#abortedAhead.shift();
      this.#aborted.add(ahead.producerId);
    }
    this.#noteMarker(set);
    return isControl || (isTransactional && this.#aborted.has(producerId));
  }

  /** An abort marker ends the transaction: what its producer writes after it counts. */
  #noteMarker(set: Buffer): void {
    const { isControl, start, end, producerId } = this.#header;
    if (!isControl || this.#aborted.size === 0) return;
    // The key of the only record: a version and the kind of marker, 16 bits each.
    const reader = new RecordCursor(set, start + batchHeaderBytes);
    reader.varint();
    reader.at += 1;
    reader.varint();
    reader.varint();
    reader.varint();
    if (reader.at + 4 > end) return;
    if (set.readInt16BE(reader.at + 2) === abortMarker) this.#aborted.delete(producerId);
  }

  #open(set: Buffer): 'batch' | 'compressed' | 'unreadable' {
    const { start, end, attributes } = this.#header;
    const recordsAt = start + batchHeaderBytes;
    try {
      const codec = codecOf(attributes);
      if (codec === undefined) {
        this.#enter(set, recordsAt, end);
        return 'batch';
      }
      // Lets go of what was inflated before.
      this.#bytes = nothing;
      this.#compressed = { codec, bytes: set.subarray(recordsAt, end) };
      return 'compressed';
    } catch (error) {
      this.#giveUp(messageOf(error));
      return 'unreadable';
    }
  }

  #enter(bytes: Uint8Array, at: number, end: number): void {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#left = this.#header.count;
    this.#isInBatch = true;
  }

  #giveUp(reason: string): void {
    const { lastOffset } = this.#header;
    const firstOffset = Math.min(this.#nextOffset, lastOffset);
    this.#unreadable = { firstOffset, lastOffset, reason };
    this.#isInBatch = false;
  }

  /** Reads records until the view is full or the batch is at its end. Answers why it cannot, or null. */
  #readRecords(view: RecordView): string | null {
    const { baseOffset, firstTimestampMs, maxTimestampMs, hasLogAppendTime, lastOffset } =
      this.#header;
    const end = this.#end;
    const cursor = new RecordCursor(this.#bytes, this.#at);
    let left = this.#left;
    let problem: string | null = null;
    while (left > 0 && !view.isFull) {
      const length = cursor.varint();
      const recordEnd = cursor.at + length;
      if (length < 0 || recordEnd > end) {
        problem = 'its records are cut off';
        break;
      }
      // Attributes, of which there are none.
      cursor.at += 1;
      const timestampMs = firstTimestampMs + cursor.varint();
      const offset = baseOffset + cursor.varint();
      const keyLength = cursor.varint();
      if (keyLength > 0) cursor.at += keyLength;
      const valueLength = cursor.varint();
      const valueAt = cursor.at;
      // Headers say nothing to us.
      if (valueAt + Math.max(0, valueLength) > recordEnd || offset > lastOffset) {
        problem = 'its records are not as long as they say';
        break;
      }
      cursor.at = recordEnd;
      left -= 1;
      // Records before the one that was asked for come with its batch.
      if (offset < this.#nextOffset) continue;
      this.#nextOffset = offset + 1;
      const time = hasLogAppendTime ? maxTimestampMs : timestampMs;
      if (valueLength < 0) view.push(offset, time, -1, -1);
      else view.push(offset, time, valueAt, valueAt + valueLength);
    }
    this.#at = cursor.at;
    this.#left = left;
    if (problem !== null || left > 0) return problem;
    if (cursor.at !== end) return 'its records are not as long as they say';
    // Compaction keeps a batch's last offset when it drops the last record, or all of them.
    this.#nextOffset = lastOffset + 1;
    this.#isInBatch = false;
    return null;
  }
}

/** Walks over varints. Beyond the bytes it reads zeros: whoever uses it checks where it has got to. */
class RecordCursor {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** Zigzag, up to 64 bits; exact to 2^53. */
  varint(): number {
    const bytes = this.#bytes;
    const first = bytes[this.at] ?? 0;
    this.at += 1;
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    let low = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = bytes[this.at] ?? 0;
      this.at += 1;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
    }
    return this.#longVarint(low);
  }

  /** From the fifth byte on: `low` are the 28 bits before it. */
  #longVarint(low: number): number {
    let value = low;
    let scale = 2 ** 28;
    for (let count = 5; count <= 10; count += 1) {
      const byte = this.#bytes[this.at] ?? 0;
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
