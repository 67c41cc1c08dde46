/**
 * Tags, lengths and the skipping of unknown fields in protobuf bytes. Accepts and refuses what
 * protobufjs's generated code does, with one exception: a skipped varint of more than ten bytes is
 * malformed here, as protobuf says, where protobufjs reads on.
 */
import { varintLength } from './varint.ts';

export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_BYTES = 2;
export const WIRE_START_GROUP = 3;
export const WIRE_END_GROUP = 4;
export const WIRE_FIXED32 = 5;

/** How deep messages and groups may nest, as protobuf's own readers have it; deeper is malformed. */
export const PROTOBUF_DEPTH_MAX = 100;

/**
 * The result of `readTag` and `readSize` holds two numbers: the value, and in its lowest three bits
 * how many bytes it took (1 to 5).
 */
export function valueOf(packed: number): number {
  return Math.floor(packed / 8);
}

export function lengthOf(packed: number): number {
  return packed & 7;
}

/** A field's tag, `number * 8 + wire type`, packed with its length; -1 when malformed. */
export function readTag(bytes: Uint8Array, position: number, end: number): number {
  return readUnsigned(bytes, position, end, 0x0f);
}

/** The length of a string, message or packed list, packed with its own; -1 when malformed or past `end`. */
export function readSize(bytes: Uint8Array, position: number, end: number): number {
  const packed = readUnsigned(bytes, position, end, 0x07);
  if (packed < 0 || valueOf(packed) > end - position - lengthOf(packed)) {
    return -1;
  }
  return packed;
}

function readUnsigned(bytes: Uint8Array, position: number, end: number, lastMax: number): number {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    if (position + index >= end) {
      return -1;
    }
    const byte = bytes[position + index]!;
    if (index === 4 && byte > lastMax) {
      return -1;
    }
    value = (value | ((byte & 0x7f) << (index * 7))) >>> 0;
    if (byte < 0x80) {
      return value * 8 + index + 1;
    }
  }
  return -1;
}

/**
 * Position after the value of a field that nobody wants, -1 when it is malformed. `position` is
 * after the field's tag; `depth` is that of the message it is in, 0 for the outermost.
 */
export function skipField(
  bytes: Uint8Array,
  position: number,
  end: number,
  tag: number,
  depth: number,
): number {
  if (depth > PROTOBUF_DEPTH_MAX || tag < 8) {
    return -1;
  }
  switch (tag & 7) {
    case WIRE_VARINT: {
      const length = varintLength(bytes, position, end);
      return length === 0 ? -1 : position + length;
    }
    case WIRE_FIXED64:
      return position + 8 <= end ? position + 8 : -1;
    case WIRE_BYTES: {
      const size = readSize(bytes, position, end);
      return size < 0 ? -1 : position + lengthOf(size) + valueOf(size);
    }
    case WIRE_START_GROUP:
      return skipGroup(bytes, position, end, tag, depth);
    case WIRE_FIXED32:
      return position + 4 <= end ? position + 4 : -1;
    default:
      return -1;
  }
}

function skipGroup(
  bytes: Uint8Array,
  start: number,
  end: number,
  startTag: number,
  depth: number,
): number {
  let position = start;
  while (position >= 0) {
    const packed = readTag(bytes, position, end);
    if (packed < 0) {
      return -1;
    }
    const tag = valueOf(packed);
    position += lengthOf(packed);
    if ((tag & 7) === WIRE_END_GROUP) {
      return tag >>> 3 === startTag >>> 3 ? position : -1;
    }
    position = skipField(bytes, position, end, tag, depth + 1);
  }
  return -1;
}
