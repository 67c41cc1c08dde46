/**
 * Events in a file: a header line, one line of JSON for each event, and a last line with their
 * number, so that a file that was cut off is known as such. Written and read as a stream; memory
 * stays at a few hundred kilobytes whatever the size of the file.
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { ConfigurationError, messageOf } from '#runtime/errors.ts';
import { parseEventLine, toEventLine } from './event-json.ts';
import type { GeneratedEvent } from './generated-event.ts';

/** A longer line is refused before it is parsed. Ordinary ones have 200 to 600 bytes. */
export const eventLineBytesMax = 65_536;

const header = '{"format":"thunder-events","version":1}';
const footerPattern = /^\{"events":(\d{1,15})\}$/;
const writeBatchBytes = 65_536;
const newline = 0x0a;

/** The file is not what it should be, or cannot be opened; the message says where. Exit code 2. */
export class EventFileError extends ConfigurationError {}

/**
 * Writes all events and answers how many. An existing file is replaced. After an abort the file still
 * gets its last line: what is in it is whole. Rejects with EventFileError.
 */
export async function writeEventFile(
  path: string,
  events: Iterable<GeneratedEvent>,
  signal?: AbortSignal,
): Promise<number> {
  const stream = createWriteStream(path);
  const closed = finished(stream);
  // Awaited below; until then a failure must not count as unhandled.
  closed.catch(() => undefined);
  try {
    let count = 0;
    let batch = `${header}\n`;
    for (const event of events) {
      if (signal?.aborted === true) break;
      batch += `${toEventLine(event)}\n`;
      count += 1;
      if (batch.length >= writeBatchBytes) {
        if (!stream.write(batch)) await Promise.race([once(stream, 'drain'), closed]);
        batch = '';
      }
    }
    stream.end(`${batch}{"events":${count}}\n`);
    await closed;
    return count;
  } catch (error) {
    stream.destroy();
    throw new EventFileError(`cannot write events to ${path}: ${messageOf(error)}`, error);
  }
}

/**
 * The events of a file in order. Throws EventFileError, with line and byte position, for a file that
 * is no event file, has a line that is too long or no event, goes on after its end, or was cut off.
 * What came before the fault has been delivered by then.
 */
export async function* readEventFile(path: string): AsyncGenerator<GeneratedEvent, void, void> {
  let count = 0;
  let ended = false;
  let lineNumber = 0;
  let lineStart = 0;
  const fault = (why: string, cause?: unknown): EventFileError =>
    new EventFileError(`${path}: line ${lineNumber}, byte ${lineStart}: ${why}`, cause);

  for await (const line of linesOf(path)) {
    lineNumber += 1;
    lineStart = line.start;
    if (line.tooLong) throw fault(`longer than ${eventLineBytesMax} bytes`);
    if (lineNumber === 1) {
      if (line.text !== header) throw fault(`not an event file (its first line is not ${header})`);
      continue;
    }
    if (ended) throw fault('there is more after the last line');
    const footer = footerPattern.exec(line.text);
    if (footer !== null && line.whole) {
      if (Number(footer[1]) !== count) {
        throw fault(`says ${footer[1]} events, but ${count} came before it`);
      }
      ended = true;
      continue;
    }
    if (!line.whole) throw fault('the file was cut off in this line');
    let event: GeneratedEvent;
    try {
      event = parseEventLine(line.text);
    } catch (error) {
      throw fault(messageOf(error), error);
    }
    count += 1;
    yield event;
  }
  if (!ended) {
    throw new EventFileError(
      lineNumber === 0
        ? `${path}: the file is empty`
        : `${path}: the file was cut off after line ${lineNumber} (${count} events): its last line is missing`,
    );
  }
}

interface Line {
  readonly text: string;
  /** Byte position of its first byte. */
  readonly start: number;
  /** Ended by a newline. */
  readonly whole: boolean;
  /** Over `eventLineBytesMax`; `text` is then empty. */
  readonly tooLong: boolean;
}

async function* linesOf(path: string): AsyncGenerator<Line, void, void> {
  const stream = createReadStream(path, { highWaterMark: 65_536 });
  let pending: Buffer = Buffer.alloc(0);
  let pendingStart = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      let from = 0;
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
        yield lineOf(bytes.subarray(from, end), pendingStart + from, true);
        from = end + 1;
      }
      pending = bytes.subarray(from);
      pendingStart += from;
      if (pending.length > eventLineBytesMax) break;
    }
  } catch (error) {
    throw new EventFileError(`cannot read events from ${path}: ${messageOf(error)}`, error);
  }
  if (pending.length > 0) yield lineOf(pending, pendingStart, false);
}

function lineOf(bytes: Buffer, start: number, whole: boolean): Line {
  const tooLong = bytes.length > eventLineBytesMax;
  return { text: tooLong ? '' : bytes.toString('utf8'), start, whole, tooLong };
}
