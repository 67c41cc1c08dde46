/** `thunder produce`, with a sink in memory. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CommandIo } from '#cli/command.ts';
import type { EncodedRecord } from '#cli/generator/event-encoder.ts';
import { systemClock } from '#runtime/clock.ts';
import { DependencyError } from '#runtime/errors.ts';
import { readBoundedFile } from '#runtime/read-bounded-file.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import { produceCommand, produceToSink } from './produce-command.ts';
import { type ProduceSettings, produceSettings, topicOf } from './produce-settings.ts';
import type { RecordSink } from './record-sink.ts';

const directory = mkdtempSync(join(tmpdir(), 'thunder-produce-'));
after(() => rmSync(directory, { recursive: true, force: true }));

function settings(...argv: string[]): ProduceSettings {
  return loadSettings(produceSettings, { argv, env: {}, readFile: readBoundedFile }).values;
}

interface TestIo extends CommandIo {
  readonly text: { out: string; err: string };
}

function testIo(signal: AbortSignal = new AbortController().signal): TestIo {
  const text = { out: '', err: '' };
  return {
    text,
    stdout: { write: (part) => (text.out += part) },
    stderr: { write: (part) => (text.err += part) },
    signal,
    isTty: false,
    env: {},
  };
}

function memorySink(): RecordSink & { readonly records: EncodedRecord[]; closed: boolean } {
  const sink = {
    records: [] as EncodedRecord[],
    closed: false,
    open: async () => undefined,
    send: async (records: readonly EncodedRecord[]) => {
      sink.records.push(...records);
    },
    close: async () => {
      sink.closed = true;
    },
  };
  return sink;
}

test('totals go to standard output as JSON, progress to standard error', async () => {
  const io = testIo();
  const sink = memorySink();
  const values = settings('--backlog', '2000', '--output', 'json', '--garbage', '0.01');
  assert.equal(await produceToSink(values, sink, io, systemClock), 0);
  const totals: unknown = JSON.parse(io.text.out);
  assert.ok(typeof totals === 'object' && totals !== null && 'records' in totals);
  assert.equal(totals.records, 2_000);
  assert.equal(sink.records.length, 2_000);
  assert.match(io.text.err, /backlog: 100 %, 2,000 of 2,000/);
  assert.equal(sink.closed, true);
});

test('the table lists the kinds and their sum', async () => {
  const io = testIo();
  const values = settings('--backlog', '3000', '--format', 'protobuf');
  assert.equal(await produceToSink(values, memorySink(), io, systemClock), 0);
  assert.match(io.text.out, /^KIND +RECORDS\noriginal +\d+\nreply +\d+\nretweet +\d+\n/);
  assert.match(io.text.err, /records\/s to in_network_events, \d+ without a record/);
});

test('a file written and sent gives the records of a run without it', async () => {
  const path = join(directory, 'events.ndjson');
  const same = ['--backlog', '1500', '--seed', '9', '--at-ms', '1790000000000'];
  const write = testIo();
  assert.equal(await produceCommand.run(settings(...same, '--to-file', path), write), 0);
  assert.equal(write.text.out, `1500 events written to ${path}\n`);
  const direct = memorySink();
  const viaFile = memorySink();
  await produceToSink(settings(...same), direct, testIo(), systemClock);
  await produceToSink(settings('--from-file', path), viaFile, testIo(), systemClock);
  assert.deepEqual(viaFile.records, direct.records);
});

test('two files of the same seed and moment are equal byte for byte, live part included', async () => {
  const [one, other] = [join(directory, 'one'), join(directory, 'other')];
  for (const path of [one, other]) {
    const argv = ['--backlog', '500', '--rate', '50', '--duration-seconds', '2'];
    await produceCommand.run(
      settings(...argv, '--at-ms', '1790000000000', '--to-file', path),
      testIo(),
    );
  }
  assert.deepEqual(readFileSync(one), readFileSync(other));
  assert.match(readFileSync(one, 'utf8'), /\{"events":600\}\n$/);
});

test('an interrupted backlog ends with 130, an interrupted endless rate with 0', async () => {
  const stopped = AbortSignal.abort();
  const backlog = settings('--backlog', '5000');
  assert.equal(await produceToSink(backlog, memorySink(), testIo(stopped), systemClock), 130);
  const endless = settings('--rate', '10');
  assert.equal(await produceToSink(endless, memorySink(), testIo(stopped), systemClock), 0);
});

test('a sink that fails is closed, and its error is the command’s', async () => {
  const lost = new DependencyError('gone', { code: 'KAFKA_UNREACHABLE', retry: 'backoff' });
  const sink = { ...memorySink(), send: () => Promise.reject(lost) };
  let closed = false;
  sink.close = async () => {
    closed = true;
  };
  await assert.rejects(
    produceToSink(settings('--backlog', '10'), sink, testIo(), systemClock),
    lost,
  );
  assert.equal(closed, true);
});

test('a broker that is not there is one clear error', async () => {
  const values = settings('--backlog', '10', '--brokers', '127.0.0.1:1');
  await assert.rejects(produceCommand.run(values, testIo()), {
    code: 'KAFKA_UNREACHABLE',
    message: /cannot reach Kafka at 127\.0\.0\.1:1/,
  });
});

test('combinations that make no sense are refused together', () => {
  assert.throws(() => settings(), /nothing to send/);
  assert.throws(
    () => settings('--from-file', 'a', '--to-file', 'b', '--backlog', '1'),
    /leave out --backlog(.|\n)*exclude each other/,
  );
  assert.throws(() => settings('--backlog', '1', '--duration-seconds', '1'), /needs --rate/);
  assert.throws(() => settings('--rate', '1', '--to-file', 'b'), /a file has an end/);
});

test('the topic follows the format unless it is named', () => {
  assert.equal(topicOf(settings('--backlog', '1')), 'tweet_events');
  assert.equal(topicOf(settings('--backlog', '1', '--format', 'protobuf')), 'in_network_events');
  assert.equal(topicOf(settings('--backlog', '1', '--topic', 'x')), 'x');
});

test('the examples are command lines that load', () => {
  for (const example of produceCommand.examples) {
    settings(...example.split(' ').slice(2));
  }
});
