/**
 * Records of one partition without an object for each: the bytes that their values lie in, and arrays
 * that say where. Filled again and again by whoever reads the log.
 */

/** Records a view holds unless it is made for more: 94 KiB of arrays. */
export const viewRecordsMax = 4_000;

/** Everything in it is only valid until the call that it was handed to, or its promise, ends. */
export class RecordView {
  /** What all values of the view lie in. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Records there are; what the arrays hold beyond is left from before. */
  count = 0;
  readonly offsets: Float64Array;
  /** Milliseconds since the epoch; negative when the record carries none. */
  readonly timestampsMs: Float64Array;
  /** Where the value begins in `bytes`; -1 for a record without a value. */
  readonly valueStarts: Int32Array;
  /** Where it ends; with the start of an absent one, its length is 0. */
  readonly valueEnds: Int32Array;

  constructor(recordsMax: number = viewRecordsMax) {
    this.offsets = new Float64Array(recordsMax);
    this.timestampsMs = new Float64Array(recordsMax);
    this.valueStarts = new Int32Array(recordsMax);
    this.valueEnds = new Int32Array(recordsMax);
  }

  get isFull(): boolean {
    return this.count >= this.offsets.length;
  }

  /** Adds a record whose value is `bytes[start, end)`, or absent with start and end -1. */
  push(offset: number, timestampMs: number, start: number, end: number): void {
    const index = this.count;
    this.offsets[index] = offset;
    this.timestampsMs[index] = timestampMs;
    this.valueStarts[index] = start;
    this.valueEnds[index] = end;
    this.count = index + 1;
  }

  clear(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.count = 0;
  }
}

/** One record as an object, where there are few of them. */
export interface LogRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly value: Uint8Array | null;
}

/** Bytes copied into one view at most; one record more when it is larger. */
const copiedBytesMax = 1024 * 1024;

/**
 * Copies records from index `from` on into a view, as many as fit; answers the index after the last.
 */
export function fillView(view: RecordView, records: readonly LogRecord[], from = 0): number {
  let bytes = 0;
  let to = from;
  const most = Math.min(records.length, from + view.offsets.length);
  while (to < most && (bytes < copiedBytesMax || to === from)) {
    bytes += records[to]?.value?.length ?? 0;
    to += 1;
  }
  copyInto(view, records.slice(from, to), bytes);
  return to;
}

/** A view of its own over all of these records, however many. */
export function viewOf(records: readonly LogRecord[]): RecordView {
  const view = new RecordView(records.length);
  const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  copyInto(view, records, bytes);
  return view;
}

function copyInto(view: RecordView, records: readonly LogRecord[], bytes: number): void {
  const copy = new Uint8Array(bytes);
  view.clear(copy);
  let at = 0;
  for (const { offset, timestampMs, value } of records) {
    if (value === null) {
      view.push(offset, timestampMs, -1, -1);
      continue;
    }
    copy.set(value, at);
    view.push(offset, timestampMs, at, at + value.length);
    at += value.length;
  }
}
