/**
 * The thrift binary protocol over typed arrays: numbers, field headers, and skipping a value by its
 * type. A position of -1 stands for malformed bytes. Every declared size is checked against the
 * bytes that are left, so that the work is linear in the record.
 */

export const T_STOP = 0;
export const T_BOOL = 2;
export const T_BYTE = 3;
export const T_DOUBLE = 4;
export const T_I16 = 6;
export const T_I32 = 8;
export const T_I64 = 10;
export const T_STRING = 11;
export const T_STRUCT = 12;
export const T_MAP = 13;
export const T_SET = 14;
export const T_LIST = 15;
export const T_UUID = 16;

/** How deep a skipped value may nest, as Apache Thrift's own skip has it; deeper is malformed. */
export const THRIFT_SKIP_DEPTH_MAX = 64;

/** Bytes of a field header: type and number. */
export const FIELD_HEADER_BYTES = 3;
/** Bytes of a list or set header: element type and size. */
export const LIST_HEADER_BYTES = 5;
const MAP_HEADER_BYTES = 6;

/** An unsigned 32-bit number, big-endian; the four bytes must be there. */
export function readUnsigned32(bytes: Uint8Array, position: number): number {
  return readSigned32(bytes, position) >>> 0;
}

/** A signed 32-bit number, big-endian; the four bytes must be there. */
export function readSigned32(bytes: Uint8Array, position: number): number {
  return (
    (bytes[position]! << 24) |
    (bytes[position + 1]! << 16) |
    (bytes[position + 2]! << 8) |
    bytes[position + 3]!
  );
}

/** A field's number and type in one number, as `readFieldHeader` returns it. */
export function fieldHeader(field: number, type: number): number {
  return ((field & 0xffff) << 8) | type;
}

/** The signed field number of a header. */
export function fieldNumberOf(header: number): number {
  return (header << 8) >> 16;
}

/**
 * The header of the next field of a struct, FIELD_HEADER_BYTES long; 0 (T_STOP) at the struct's end,
 * which is one byte; -1 when malformed, so also after a field whose value was.
 */
export function readFieldHeader(bytes: Uint8Array, position: number, end: number): number {
  if (position < 0 || position >= end) {
    return -1;
  }
  const type = bytes[position]!;
  if (type === T_STOP) {
    return T_STOP;
  }
  if (end - position < FIELD_HEADER_BYTES) {
    return -1;
  }
  return (bytes[position + 1]! << 16) | (bytes[position + 2]! << 8) | type;
}

/** Size of the list whose header is at `position`, -1 when malformed. An empty one may have any element type. */
export function readListSize(
  bytes: Uint8Array,
  position: number,
  end: number,
  elementType: number,
): number {
  if (end - position < LIST_HEADER_BYTES) {
    return -1;
  }
  const size = readSigned32(bytes, position + 1);
  if (size === 0) {
    return 0;
  }
  if (bytes[position] !== elementType) {
    return -1;
  }
  const bytesMin = leastBytes(elementType);
  return size > 0 && size * bytesMin <= end - position - LIST_HEADER_BYTES ? size : -1;
}

/**
 * Position after a field with this header at `position`, value and all, -1 when its value is
 * malformed.
 */
export function skipField(
  bytes: Uint8Array,
  position: number,
  end: number,
  header: number,
): number {
  return skipNested(bytes, position + FIELD_HEADER_BYTES, end, header & 0xff, 1);
}

/** The fewest bytes a value of this type takes, 0 for a type that does not exist. */
function leastBytes(type: number): number {
  switch (type) {
    case T_BOOL:
    case T_BYTE:
    case T_STRUCT:
      return 1;
    case T_I16:
      return 2;
    case T_I32:
    case T_STRING:
      return 4;
    case T_SET:
    case T_LIST:
      return LIST_HEADER_BYTES;
    case T_MAP:
      return MAP_HEADER_BYTES;
    case T_I64:
    case T_DOUBLE:
      return 8;
    case T_UUID:
      return 16;
    default:
      return 0;
  }
}

/** Whether every value of this type takes exactly `leastBytes`. */
function isFixedSize(type: number): boolean {
  return type !== T_STRING && (type < T_STRUCT || type === T_UUID);
}

function skipNested(
  bytes: Uint8Array,
  position: number,
  end: number,
  type: number,
  depth: number,
): number {
  const bytesMin = leastBytes(type);
  if (depth > THRIFT_SKIP_DEPTH_MAX || bytesMin === 0 || bytesMin > end - position) {
    return -1;
  }
  switch (type) {
    case T_STRING: {
      const size = readSigned32(bytes, position);
      return size >= 0 && size <= end - position - 4 ? position + 4 + size : -1;
    }
    case T_STRUCT:
      return skipStruct(bytes, position, end, depth);
    case T_MAP:
      return skipMap(bytes, position, end, depth);
    case T_SET:
    case T_LIST:
      return skipList(bytes, position, end, depth);
    default:
      return position + bytesMin;
  }
}

function skipStruct(bytes: Uint8Array, start: number, end: number, depth: number): number {
  let position = start;
  let header = readFieldHeader(bytes, position, end);
  while (header > 0) {
    position = skipNested(bytes, position + FIELD_HEADER_BYTES, end, header & 0xff, depth + 1);
    header = readFieldHeader(bytes, position, end);
  }
  return header < 0 ? -1 : position + 1;
}

function skipList(bytes: Uint8Array, start: number, end: number, depth: number): number {
  const type = bytes[start]!;
  const size = readListSize(bytes, start, end, type);
  let position = start + LIST_HEADER_BYTES;
  if (size <= 0) {
    return size < 0 ? -1 : position;
  }
  const bytesMin = leastBytes(type);
  if (bytesMin === 0 || depth >= THRIFT_SKIP_DEPTH_MAX) {
    return -1;
  }
  if (isFixedSize(type)) {
    return position + size * bytesMin;
  }
  for (let index = 0; index < size && position >= 0; index += 1) {
    position = skipNested(bytes, position, end, type, depth + 1);
  }
  return position;
}

function skipMap(bytes: Uint8Array, start: number, end: number, depth: number): number {
  const keyType = bytes[start]!;
  const valueType = bytes[start + 1]!;
  const size = readSigned32(bytes, start + 2);
  const pairBytesMin = leastBytes(keyType) + leastBytes(valueType);
  let position = start + MAP_HEADER_BYTES;
  if (size < 0 || size * pairBytesMin > end - position) {
    return -1;
  }
  // A pair of types that do not exist has no bytes: the first key stops the loop.
  for (let index = 0; index < size && position >= 0; index += 1) {
    position = skipNested(bytes, position, end, keyType, depth + 1);
    if (position >= 0) {
      position = skipNested(bytes, position, end, valueType, depth + 1);
    }
  }
  return position;
}
