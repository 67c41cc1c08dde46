/**
 * Reads a GetInNetworkPostsRequest. Ids may be packed, unpacked, in several packed chunks, or mixed.
 * Accepts and refuses what protobufjs's generated code does (the one place where it is stricter: see
 * protobuf-field.ts).
 */
import { isUtf8 } from 'node:buffer';
import { appendPackedIds } from './packed-ids.ts';
import {
  lengthOf,
  readSize,
  readTag,
  skipField,
  valueOf,
  WIRE_BYTES,
  WIRE_VARINT,
} from './protobuf-field.ts';
import { appendId, type RequestFields } from './request-fields.ts';
import { varintHigh, varintIsTrue, varintLength, varintLow } from './varint.ts';

const FIELD_MAX = 7;

/**
 * Fills `out` from the whole of `bytes` and returns whether they are a request; after `false` the
 * fields are meaningless. Never throws; time and memory are linear in the size of the request.
 */
export function readRequest(bytes: Uint8Array, out: RequestFields): boolean {
  clearRequest(out);
  const end = bytes.length;
  let position = 0;
  while (position < end) {
    const packedTag = readTag(bytes, position, end);
    if (packedTag < 0) {
      return false;
    }
    const tag = valueOf(packedTag);
    const field = tag >>> 3;
    const wireType = tag & 7;
    position += lengthOf(packedTag);
    if (wireType === WIRE_VARINT && field > 0 && field <= FIELD_MAX && field !== 5) {
      const length = varintLength(bytes, position, end);
      if (length === 0) {
        return false;
      }
      setVarint(out, field, bytes, position, length);
      position += length;
    } else if (wireType === WIRE_BYTES && (field === 2 || field === 4 || field === 5)) {
      const size = readSize(bytes, position, end);
      if (size < 0) {
        return false;
      }
      const start = position + lengthOf(size);
      position = start + valueOf(size);
      if (!setBytes(out, field, bytes, start, position)) {
        return false;
      }
    } else {
      position = skipField(bytes, position, end, tag, 0);
      if (position < 0) {
        return false;
      }
    }
  }
  return true;
}

function clearRequest(out: RequestFields): void {
  out.userIdHi = 0;
  out.userIdLo = 0;
  out.following.length = 0;
  out.maxResults = 0;
  out.excluded.length = 0;
  out.algorithm = '';
  out.debug = false;
  out.isVideoRequest = false;
}

function setVarint(
  out: RequestFields,
  field: number,
  bytes: Uint8Array,
  position: number,
  length: number,
): void {
  const low = varintLow(bytes, position, length);
  const high = varintHigh(bytes, position, length);
  switch (field) {
    case 1:
      out.userIdHi = high;
      out.userIdLo = low;
      break;
    case 2:
      appendId(out.following, high, low);
      break;
    case 3:
      out.maxResults = low;
      break;
    case 4:
      appendId(out.excluded, high, low);
      break;
    case 6:
      out.debug = varintIsTrue(bytes, position, length);
      break;
    default:
      out.isVideoRequest = varintIsTrue(bytes, position, length);
  }
}

function setBytes(
  out: RequestFields,
  field: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (field === 2) {
    return appendPackedIds(out.following, bytes, start, end);
  }
  if (field === 4) {
    return appendPackedIds(out.excluded, bytes, start, end);
  }
  const text = bytes.subarray(start, end);
  if (!isUtf8(text)) {
    return false;
  }
  out.algorithm = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8');
  return true;
}
