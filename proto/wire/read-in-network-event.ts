/**
 * Reads a value of the in-network topic. Accepts and refuses what protobufjs's generated code does:
 * unknown fields, and known numbers with a wire type that is not theirs, are skipped; the last
 * variant wins, and the same variant twice in a row is merged. (The one place where it is stricter:
 * see protobuf-field.ts.)
 */
import type { InNetworkEventFields } from './in-network-event-fields.ts';
import { lengthOf, readSize, readTag, skipField, valueOf, WIRE_VARINT } from './protobuf-field.ts';
import { applyReplyRule, clearLightPost, mergeLightPost } from './read-light-post.ts';
import { toSignedNumber, varintHigh, varintLength, varintLow } from './varint.ts';

const CREATE_TAG = 0x0a;
const DELETE_TAG = 0x12;

/**
 * Reads the record `bytes[start, end)` into `out`. Never throws and makes no object; takes time
 * linear in the record. After kind `malformed` only the kind has a meaning.
 */
export function readInNetworkEvent(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: InNetworkEventFields,
): void {
  clearEvent(out);
  let position = start;
  while (position < end) {
    const packedTag = readTag(bytes, position, end);
    if (packedTag < 0) {
      out.kind = 'malformed';
      return;
    }
    const tag = valueOf(packedTag);
    position += lengthOf(packedTag);
    if (tag !== CREATE_TAG && tag !== DELETE_TAG) {
      position = skipField(bytes, position, end, tag, 0);
      if (position < 0) {
        out.kind = 'malformed';
        return;
      }
      continue;
    }
    const size = readSize(bytes, position, end);
    if (size < 0) {
      out.kind = 'malformed';
      return;
    }
    const payloadStart = position + lengthOf(size);
    position = payloadStart + valueOf(size);
    const understood =
      tag === CREATE_TAG
        ? readCreate(bytes, payloadStart, position, out)
        : readDelete(bytes, payloadStart, position, out);
    if (!understood) {
      out.kind = 'malformed';
      return;
    }
  }
  if (out.kind === 'create') {
    applyReplyRule(out.post);
  }
}

function clearEvent(out: InNetworkEventFields): void {
  out.kind = 'no_variant';
  out.canonical = false;
}

function readCreate(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: InNetworkEventFields,
): boolean {
  const isFirst = out.kind !== 'create';
  if (isFirst) {
    clearLightPost(out.post);
  }
  const outcome = mergeLightPost(bytes, start, end, out.post, 1);
  out.kind = 'create';
  out.canonical = isFirst && outcome === 'canonical';
  out.payloadStart = start;
  out.payloadEnd = end;
  return outcome !== 'malformed';
}

function readDelete(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: InNetworkEventFields,
): boolean {
  if (out.kind !== 'delete') {
    out.kind = 'delete';
    out.canonical = false;
    out.deletedPostIdHi = 0;
    out.deletedPostIdLo = 0;
    out.deletedAt = 0;
    out.deletedAuthorIdHi = 0;
    out.deletedAuthorIdLo = 0;
  }
  let position = start;
  while (position < end) {
    const packedTag = readTag(bytes, position, end);
    if (packedTag < 0) {
      return false;
    }
    const tag = valueOf(packedTag);
    const field = tag >>> 3;
    position += lengthOf(packedTag);
    if ((tag & 7) !== WIRE_VARINT || field === 0 || field > 3) {
      position = skipField(bytes, position, end, tag, 1);
      if (position < 0) {
        return false;
      }
      continue;
    }
    const length = varintLength(bytes, position, end);
    if (length === 0) {
      return false;
    }
    const low = varintLow(bytes, position, length);
    const high = varintHigh(bytes, position, length);
    position += length;
    if (field === 1) {
      out.deletedPostIdHi = high;
      out.deletedPostIdLo = low;
    } else if (field === 2) {
      out.deletedAt = toSignedNumber(high, low);
    } else {
      out.deletedAuthorIdHi = high;
      out.deletedAuthorIdLo = low;
    }
  }
  return true;
}
