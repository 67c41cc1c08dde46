/** The body of a watch: one JSON object a line, cut where the bytes happen to end. */
import { KubeError } from './errors.ts';
import { watchLineBytesMax } from './limits.ts';

const newline = 0x0a;

/** Whole lines, parsed. Throws `ANSWER_TOO_LARGE` or `BAD_ANSWER`; half a line at the end is dropped. */
export async function* parseLines(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
  lineBytesMax = watchLineBytesMax,
): AsyncGenerator<unknown, void> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const line = Buffer.concat([...pending, chunk.subarray(from, end)]).toString('utf8');
      pending = [];
      pendingBytes = 0;
      from = end + 1;
      if (line !== '') yield parseLine(line, what);
    }
    if (from < chunk.length) {
      pending.push(chunk.subarray(from));
      pendingBytes += chunk.length - from;
    }
    if (pendingBytes > lineBytesMax) {
      throw new KubeError('ANSWER_TOO_LARGE', `${what}: an event exceeds ${lineBytesMax} bytes`);
    }
  }
}

function parseLine(line: string, what: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new KubeError('BAD_ANSWER', `${what}: an event is not JSON`, { cause });
  }
}
