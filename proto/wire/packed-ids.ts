/**
 * Reads a packed list of ids: the hottest loop of a request with ten thousand of them, so unrolled.
 */
import { type IdList, reserveIds } from './request-fields.ts';

/**
 * Appends the ids of `bytes[start, end)` and returns whether they are well formed; after `false` the
 * list is as it was. Each is a varint of at most ten bytes; bits beyond the 64th are dropped.
 */
export function appendPackedIds(
  list: IdList,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (start === end) {
    return true;
  }
  // With this the loop needs no check of `end`: the last varint stops there.
  if (bytes[end - 1]! >= 0x80) {
    return false;
  }
  reserveIds(list, countVarints(bytes, start, end));
  const his = list.hi;
  const los = list.lo;
  let length = list.length;
  let position = start;
  while (position < end) {
    let byte = bytes[position]!;
    let low = byte & 0x7f;
    let high = 0;
    let size = 1;
    if (byte >= 0x80) {
      byte = bytes[position + 1]!;
      low |= (byte & 0x7f) << 7;
      size = 2;
      if (byte >= 0x80) {
        byte = bytes[position + 2]!;
        low |= (byte & 0x7f) << 14;
        size = 3;
        if (byte >= 0x80) {
          byte = bytes[position + 3]!;
          low |= (byte & 0x7f) << 21;
          size = 4;
          if (byte >= 0x80) {
            byte = bytes[position + 4]!;
            low |= (byte & 0x7f) << 28;
            high = (byte & 0x7f) >> 4;
            size = 5;
            if (byte >= 0x80) {
              byte = bytes[position + 5]!;
              high |= (byte & 0x7f) << 3;
              size = 6;
              if (byte >= 0x80) {
                byte = bytes[position + 6]!;
                high |= (byte & 0x7f) << 10;
                size = 7;
                if (byte >= 0x80) {
                  byte = bytes[position + 7]!;
                  high |= (byte & 0x7f) << 17;
                  size = 8;
                  if (byte >= 0x80) {
                    byte = bytes[position + 8]!;
                    high |= (byte & 0x7f) << 24;
                    size = 9;
                    if (byte >= 0x80) {
                      byte = bytes[position + 9]!;
                      high |= (byte & 0x7f) << 31;
                      size = 10;
                      if (byte >= 0x80) {
                        return false;
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    his[length] = high;
    los[length] = low;
    length += 1;
    position += size;
  }
  list.length = length;
  return true;
}

function countVarints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index += 1) {
    count += 1 - (bytes[index]! >> 7);
  }
  return count;
}
