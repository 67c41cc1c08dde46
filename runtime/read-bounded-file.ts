/**
 * Reading a file that someone else wrote: never more than a named number of bytes, whatever it is.
 */
import { closeSync, openSync, readSync } from 'node:fs';

/**
 * The whole file. Throws when it has more than `bytesMax` bytes, before reading further, so that a
 * device or an endless pipe cannot fill the memory; throws the system's error when it cannot be
 * read.
 */
export function readBoundedFile(path: string, bytesMax: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let total = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.min(65_536, bytesMax + 1 - total));
      const count = readSync(file, chunk, 0, chunk.length, null);
      if (count === 0) {
        return Buffer.concat(chunks, total);
      }
      total += count;
      if (total > bytesMax) {
        throw new Error(`${path} is larger than ${bytesMax} bytes`);
      }
      chunks.push(chunk.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}
