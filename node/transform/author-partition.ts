/**
 * Which partition an author's events live in: murmur2 over the key, as Kafka's Java clients do it,
 * so that any producer, and a fleet sharded by partition, agrees.
 */
const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** Signed 32-bit murmur2 of `bytes` with Kafka's seed. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const blocksEnd = length & ~3;
  let hash = seed ^ length;
  for (let at = 0; at < blocksEnd; at += 4) {
    let block =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    block = Math.imul(block, multiplier);
    block ^= block >>> 24;
    hash = Math.imul(hash, multiplier) ^ Math.imul(block, multiplier);
  }
  const rest = length - blocksEnd;
  if (rest > 0) {
    for (let index = rest - 1; index >= 0; index -= 1) {
      hash ^= (bytes[blocksEnd + index] as number) << (8 * index);
    }
    hash = Math.imul(hash, multiplier);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  return hash ^ (hash >>> 15);
}

/** The partition of a key in a topic of `partitionCount` partitions. */
export function partitionOfKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}

/** An author id as a record's key: 8 bytes, big-endian. */
export function authorKey(authorIdHi: number, authorIdLo: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeUInt32BE(authorIdHi, 0);
  key.writeUInt32BE(authorIdLo, 4);
  return key;
}
