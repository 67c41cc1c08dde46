/** The in-memory log against the suite of event sources, and what it is told to do wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventSourceSuite, startSource, until } from './event-source.suite.ts';
import { MemoryEventSource } from './memory-event-source.ts';

// One log is read by one source here, so `createSource` hands out the log itself.
eventSourceSuite('memory', async (partitions) => {
  const source = new MemoryEventSource({ partitions });
  return {
    createSource: () => source,
    append: async (partition, texts) => {
      source.append(
        partition,
        texts.map((text) => (text === null ? null : Buffer.from(text))),
      );
    },
    appendHole: async (partition) => {
      source.appendHole(partition, 3);
    },
    deleteBefore: async (partition, offset) => source.deleteBefore(partition, offset),
    recreate: async (partition, texts) => {
      source.recreate(
        partition,
        texts.map((text) => Buffer.from(text)),
      );
    },
    addPartition: async () => {
      source.addPartition();
    },
  };
});

test('memory: what it is told to fail with, fails', async (t) => {
  const source = new MemoryEventSource();
  source.failNext(new Error('one'));
  await assert.rejects(source.bounds(), /one/);
  const listener = await startSource(t, source);
  source.trouble(new Error('two'));
  assert.match(String(listener.troubles[0]), /two/);
});

test('memory: a value that is kept beyond the call is seen to be a view', async (t) => {
  const source = new MemoryEventSource();
  t.after(() => source.close());
  const kept: Uint8Array[] = [];
  await source.run(new Map(), {
    onRecords: (_, records) => {
      kept.push(records.bytes);
    },
    onTrouble: (error) => assert.fail(error),
  });
  source.append(0, [Buffer.from('abc')]);
  await until(
    () => kept[0]?.[0] === 0,
    () => 'the wiped value',
  );
});
