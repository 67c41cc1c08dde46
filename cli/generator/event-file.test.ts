/** Files of events: whole ones come back, faulty ones are named by line and byte. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { EventFileError, eventLineBytesMax, readEventFile, writeEventFile } from './event-file.ts';
import { EventGenerator, generateBacklog } from './event-generator.ts';
import type { GeneratedEvent } from './generated-event.ts';

const directory = mkdtempSync(join(tmpdir(), 'thunder-events-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const path = join(directory, 'events.ndjson');

function generate(count: number): GeneratedEvent[] {
  const endMs = 1_790_000_000_000;
  const startMs = endMs - 172_800_000;
  const mix = { garbage: 0.01 };
  const generator = new EventGenerator({ seed: 9, authors: 500, startMs, mix });
  return [...generateBacklog(generator, count, startMs, endMs)];
}

async function read(file: string): Promise<GeneratedEvent[]> {
  const events: GeneratedEvent[] = [];
  for await (const event of readEventFile(file)) events.push(event);
  return events;
}

async function readBytes(bytes: Uint8Array | string): Promise<GeneratedEvent[]> {
  const file = join(directory, 'other.ndjson');
  writeFileSync(file, bytes);
  return read(file);
}

test('what is written is read back', async () => {
  const events = generate(5_000);
  assert.equal(await writeEventFile(path, events), 5_000);
  assert.deepEqual(await read(path), events);
});

test('a file of no events is whole', async () => {
  assert.equal(await writeEventFile(path, []), 0);
  assert.deepEqual(await read(path), []);
});

test('a file that is cut anywhere is refused, with the position', async () => {
  const events = generate(20);
  await writeEventFile(path, events);
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length += 7) {
    await assert.rejects(readBytes(whole.subarray(0, length)), (error: unknown) => {
      assert.ok(error instanceof EventFileError, String(error));
      assert.match(error.message, /line \d+|empty/);
      return true;
    });
  }
});

test('a changed byte gives other events or an error that names the line, never a crash', async () => {
  await writeEventFile(path, generate(5));
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      const changed = Buffer.from(whole);
      changed[at] = byte;
      try {
        await readBytes(changed);
      } catch (error) {
        assert.ok(error instanceof EventFileError, String(error));
      }
    }),
    { numRuns: 60 },
  );
});

test('faults are named with line and byte', async () => {
  await writeEventFile(path, generate(2));
  const lines = readFileSync(path, 'utf8').split('\n');
  const secondAt = (lines[0]?.length ?? 0) + 1;
  const withLine = (line: string): string => [lines[0], line, ...lines.slice(2)].join('\n');
  await assert.rejects(readBytes('hello\n'), /line 1, byte 0: not an event file/);
  await assert.rejects(readBytes(withLine('{"kind":"party"}')), {
    message: new RegExp(`line 2, byte ${secondAt}: recordTimestampMs`),
  });
  await assert.rejects(
    readBytes(withLine('{"kind":"party","recordTimestampMs":1}')),
    /kind is not that of an event: "party"/,
  );
  await assert.rejects(
    readBytes(withLine('{"kind":"delete","recordTimestampMs":1,"postId":"18446744073709551616"}')),
    /postId must be an unsigned 64-bit id/,
  );
  await assert.rejects(readBytes(withLine('')), /line 2/);
  await assert.rejects(readBytes(`${lines.join('\n')}x`), /more after the last line/);
  await assert.rejects(
    readBytes([lines[0], lines[1], '{"events":7}', ''].join('\n')),
    /says 7 events, but 1 came/,
  );
});

test('a line without end is refused before it is held or parsed', async () => {
  const endless = Buffer.alloc(eventLineBytesMax * 40, 0x61);
  await assert.rejects(readBytes(endless), /line 1, byte 0: longer than 65536 bytes/);
});

test('a path that cannot be read or written is a plain error', async () => {
  const missing = join(directory, 'no', 'such');
  await assert.rejects(read(missing), /cannot read events from .*ENOENT/);
  await assert.rejects(writeEventFile(missing, generate(3)), /cannot write events to .*ENOENT/);
});

test('an abort leaves a whole file of what was written', async () => {
  const stop = new AbortController();
  function* stopping(): Generator<GeneratedEvent> {
    for (const [index, event] of generate(10).entries()) {
      if (index === 4) stop.abort();
      yield event;
    }
  }
  assert.equal(await writeEventFile(path, stopping(), stop.signal), 4);
  assert.deepEqual(await read(path), generate(10).slice(0, 4));
});
