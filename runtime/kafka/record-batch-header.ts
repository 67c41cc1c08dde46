/**
 * The header of a record batch (format 2), as Kafka stores and sends it, and what can be told of a
 * fetched set of batches from their headers alone.
 *
 *     baseOffset i64 | length i32 | leaderEpoch i32 | magic i8 | crc i32 | attributes i16 |
 *     lastOffsetDelta i32 | firstTimestamp i64 | maxTimestamp i64 | producerId i64 |
 *     producerEpoch i16 | firstSequence i32 | count i32 | records
 */

export const batchHeaderBytes = 61;
/** What `length` does not count: the base offset and itself. */
const prefixBytes = 12;
const leaderEpochAt = 12;
const magicAt = 16;
const crcAt = 17;
/** What the checksum covers begins here. */
export const checkedFrom = 21;
const attributesAt = 21;
const lastOffsetDeltaAt = 23;
const firstTimestampAt = 27;
const maxTimestampAt = 35;
const producerIdAt = 43;
const countAt = 57;

const logAppendTimeFlag = 0x8;
const transactionalFlag = 0x10;
const controlFlag = 0x20;

/** Bytes at the end of a set that are no whole batch: the rest of it comes with another fetch. */
const cutOff = -1;

/** Reads one header after the other; nothing is allocated for it. */
export class BatchHeader {
  /** Of the batch, in the set. */
  start = 0;
  end = 0;
  baseOffset = 0;
  lastOffset = 0;
  leaderEpoch = -1;
  magic = 0;
  isDamaged = false;
  crc = 0;
  attributes = 0;
  firstTimestampMs = 0;
  maxTimestampMs = 0;
  producerId = -1;
  count = 0;

  /**
   * Whether a whole batch begins at `at`; then it is read. Of one that is not of format 2 only `start`,
   * `end`, `baseOffset` and `magic` say anything, and `lastOffset` is the first. One whose length
   * cannot be is damaged, and takes the rest of the set with it.
   */
  read(set: Buffer, at: number): boolean {
    const end = batchEnd(set, at);
    if (end === cutOff) return false;
    this.start = at;
    this.baseOffset = int64(set, at);
    this.lastOffset = this.baseOffset;
    this.leaderEpoch = -1;
    this.end = end;
    this.isDamaged = false;
    this.magic = end > at + magicAt ? set.readInt8(at + magicAt) : -1;
    if (this.magic === 0 || this.magic === 1) return true;
    if (this.magic !== 2 || end < at + batchHeaderBytes) {
      this.isDamaged = true;
      this.end = set.length;
      return true;
    }
    this.leaderEpoch = set.readInt32BE(at + leaderEpochAt);
    this.crc = set.readUInt32BE(at + crcAt);
    this.attributes = set.readInt16BE(at + attributesAt);
    this.lastOffset = this.baseOffset + Math.max(0, set.readInt32BE(at + lastOffsetDeltaAt));
    this.firstTimestampMs = int64(set, at + firstTimestampAt);
    this.maxTimestampMs = int64(set, at + maxTimestampAt);
    this.producerId = int64(set, at + producerIdAt);
    this.count = set.readInt32BE(at + countAt);
    return true;
  }

  get hasLogAppendTime(): boolean {
    return (this.attributes & logAppendTimeFlag) !== 0;
  }

  get isTransactional(): boolean {
    return (this.attributes & transactionalFlag) !== 0;
  }

  get isControl(): boolean {
    return (this.attributes & controlFlag) !== 0;
  }
}

/** The offset behind the last whole batch of a set, and that batch's leader epoch. */
export interface SetEnd {
  readonly nextOffset: number;
  readonly leaderEpoch: number;
}

/** Where a fetch from `offset` has got to, before anything of its answer is read. */
export function endOfSet(set: Buffer, offset: number, leaderEpoch: number): SetEnd {
  const header = new BatchHeader();
  let end = { nextOffset: offset, leaderEpoch };
  for (let at = 0; header.read(set, at) && !header.isDamaged; at = header.end) {
    const nextOffset = Math.max(end.nextOffset, header.lastOffset + 1);
    end = { nextOffset, leaderEpoch: Math.max(end.leaderEpoch, header.leaderEpoch) };
  }
  return end;
}

/** Where the batch that begins at `at` ends, or that it is cut off; a length below 0 ends it before it begins. */
function batchEnd(set: Buffer, at: number): number {
  if (at + prefixBytes > set.length) return cutOff;
  const end = at + prefixBytes + set.readInt32BE(at + 8);
  return end > set.length ? cutOff : Math.max(0, end);
}

/** Exact to 2^53. */
function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
