/**
 * Record batches for tests, as kafkajs's own encoder writes them.
 */
import { createRequire } from 'node:module';
import { registerCodecs } from './codecs.ts';
import { crc32c } from './crc32c.ts';
import { checkedFrom } from './record-batch-header.ts';

interface Encoder {
  readonly buffer: Buffer;
}

export interface PlainRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

export const codecNumbers = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
export const firstTimestamp = 1_700_000_000_000;

const load = createRequire(import.meta.url);
const encodeRecord: (record: PlainRecord) => Encoder = load(
  'kafkajs/src/protocol/recordBatch/record/v0',
);
const { RecordBatch: encodeBatch }: { RecordBatch: (batch: object) => Promise<Encoder> } = load(
  'kafkajs/src/protocol/recordBatch/v0',
);
registerCodecs();

export async function batchOf(
  firstOffset: number,
  records: readonly PlainRecord[],
  options: {
    readonly compression?: number;
    /** Default: `firstTimestamp`. */
    readonly firstTimestampMs?: number;
    readonly producerId?: number;
    readonly transactional?: boolean;
  } = {},
): Promise<Buffer> {
  const { buffer } = await encodeBatch({
    compression: options.compression ?? 0,
    firstOffset,
    firstTimestamp: options.firstTimestampMs ?? firstTimestamp,
    producerId: options.producerId ?? -1,
    transactional: options.transactional ?? false,
    lastOffsetDelta: records.at(-1)?.offsetDelta ?? 0,
    records: records.map(encodeRecord),
  });
  return buffer;
}

export function plain(value: string | null, offsetDelta = 0): PlainRecord {
  const bytes = value === null ? null : Buffer.from(value);
  return { offsetDelta, timestampDelta: 0, key: null, value: bytes, headers: {} };
}

/** The marker that ends a transaction. */
export async function markerOf(
  offset: number,
  producerId: number,
  kind: 'abort' | 'commit',
): Promise<Buffer> {
  const key = Buffer.from([0, 0, 0, kind === 'abort' ? 0 : 1]);
  const record = { ...plain('000000'), key };
  const batch = await batchOf(offset, [record], { producerId, transactional: true });
  batch.writeInt16BE(batch.readInt16BE(21) | 0x20, 21);
  return withChecksum(batch);
}

/** Sets the checksum of a batch that was changed. */
export function withChecksum(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch, checkedFrom, batch.length), checkedFrom - 4);
  return batch;
}
