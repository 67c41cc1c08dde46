/**
 * Writes a GetInNetworkPostsRequest, ids packed: for clients, the load generator and tests.
 */
import type { IdList, RequestFields } from './request-fields.ts';
import { VARINT_BYTES_MAX, writeVarint } from './varint.ts';
import { writeField } from './write-light-post.ts';

const FIXED_BYTES_MAX = 64;

/** The bytes of a request; proto3 defaults are left out. */
export function encodeRequest(request: RequestFields): Uint8Array {
  const algorithm = Buffer.from(request.algorithm, 'utf8');
  const target = new Uint8Array(
    FIXED_BYTES_MAX +
      algorithm.length +
      VARINT_BYTES_MAX * (request.following.length + request.excluded.length),
  );
  let position = 0;
  if (request.userIdHi !== 0 || request.userIdLo !== 0) {
    position = writeField(1, request.userIdHi, request.userIdLo, target, position);
  }
  position = writePackedIds(2, request.following, target, position);
  if (request.maxResults !== 0) {
    position = writeField(3, 0, request.maxResults, target, position);
  }
  position = writePackedIds(4, request.excluded, target, position);
  if (algorithm.length > 0) {
    position = writeLength(5, algorithm.length, target, position);
    target.set(algorithm, position);
    position += algorithm.length;
  }
  if (request.debug) {
    position = writeField(6, 0, 1, target, position);
  }
  if (request.isVideoRequest) {
    position = writeField(7, 0, 1, target, position);
  }
  return target.subarray(0, position);
}

function writeLength(field: number, length: number, target: Uint8Array, offset: number): number {
  target[offset] = (field << 3) | 2;
  return writeVarint(0, length, target, offset + 1);
}

function writePackedIds(field: number, ids: IdList, target: Uint8Array, offset: number): number {
  if (ids.length === 0) {
    return offset;
  }
  const chunk = new Uint8Array(ids.length * VARINT_BYTES_MAX);
  let length = 0;
  for (let index = 0; index < ids.length; index += 1) {
    length = writeVarint(ids.hi[index]!, ids.lo[index]!, chunk, length);
  }
  const start = writeLength(field, length, target, offset);
  target.set(chunk.subarray(0, length), start);
  return start + length;
}
